// Logs of turns that run in other processes, or have ended, kept here while somebody reads them. What is new in
// all of them is read with one statement.
import type { Store } from '../../db/store.ts';
import type { Progress } from '../../db/turns/turn-events.ts';
import type { TurnName } from '../../db/turns/turn-name.ts';
import { nameOf } from '../../db/turns/turn-name.ts';
import type { Log } from '../../log.ts';
import { isFinal } from '../../words/turn-status.ts';
import { openCalls } from '../calls/open-calls.ts';
import type { Failure } from '../failure.ts';
import { pollWhile } from '../poll.ts';
import { storedEvents } from '../turn-view.ts';
import { handedOver } from '../turns/runs.ts';
import { patiently } from '../while-database-is-away.ts';
import { EventLog } from './event-log.ts';
import { toldPiece } from './turn-event.ts';

const pollMs = 100;

/** A turn's log, to be read; `close` when it is read no more. */
export type OpenLog = { log: EventLog; close: () => void };

type Mirror = {
  name: TurnName;
  readers: number;
  log: Promise<EventLog>;
  /** Set once the turn was found and while it goes on. */
  reached: Reached | undefined;
};

/** How much of it is known here: the pieces up to a position in the step that is open in the log, and if it waits for a person. */
type Reached = { log: EventLog; position: number; waits: boolean };

export type Mirrors = ReturnType<typeof createMirrors>;

export function createMirrors({ store, log }: { store: Store; log: Log }) {
  // By the whole name: who names another's turn, or another session, gets none of it.
  const mirrors = new Map<string, Mirror>();
  const wakePoll = pollWhile({
    hasWork: () => followed().length > 0,
    work: poll,
    everyMs: pollMs,
    onClosed: () => leaveAll(handedOver()),
    log,
  });

  const followed = () =>
    [...mirrors.values()].flatMap(({ name, reached }) => {
      if (!reached) return [];
      const { attempt, step } = reached.log;
      return { ...name, attempt, step, position: reached.position, waits: reached.waits };
    });
  /** Those that were found, by the whole name. */
  const found = () => new Map([...mirrors].filter(([, { reached }]) => reached));

  async function load(mirror: Mirror): Promise<EventLog> {
    const row = await patiently(() => store.turns.find(mirror.name));
    const events = new EventLog(row?.attempt ?? 1);
    if (!row) gone(mirror, events);
    else if (isFinal(row.status)) await finish(mirror, events);
    else {
      events.appendRest(storedEvents(row, undefined, await openCalls(store, mirror.name, row)));
      mirror.reached = { log: events, position: 0, waits: row.status === 'waiting' };
      wakePoll();
    }
    return events;
  }

  async function poll(): Promise<void> {
    const asked = found();
    // Those that have ended, and those that have gone on to another step.
    const over = new Map<Mirror, EventLog>();
    const further = new Map<Mirror, Reached>();
    for (const { name, status, attempt, step, piece } of await store.events.progress(followed())) {
      const mirror = asked.get(nameOf(name));
      // One that was opened anew meanwhile begins at the beginning.
      if (!mirror?.reached || mirrors.get(nameOf(name)) !== mirror) continue;
      const { log: events } = mirror.reached;
      if (status === null) gone(mirror, events);
      else if (attempt !== events.attempt) leave(mirror, events);
      else {
        if (piece) take(mirror.reached, piece);
        if (isFinal(status)) over.set(mirror, events);
        else if (step !== events.step || (status === 'waiting') !== mirror.reached.waits)
          further.set(mirror, mirror.reached);
      }
    }
    // Side by side: the next look waits for them.
    const looked = await Promise.allSettled([
      ...[...over].map(([mirror, events]) => finish(mirror, events)),
      ...[...further].map(([mirror, reached]) => goOn(mirror, reached)),
    ]);
    for (const one of looked) if (one.status === 'rejected') throw one.reason;
  }

  /** Its settled steps are told by what is stored; pieces are those of the open one. */
  async function goOn(mirror: Mirror, reached: Reached): Promise<void> {
    const { log: events } = reached;
    const row = await store.turns.find(mirror.name);
    if (!row) return gone(mirror, events);
    if (isFinal(row.status)) return finish(mirror, events);
    if (row.attempt !== events.attempt) return leave(mirror, events);
    const { step } = events;
    events.appendRest(storedEvents(row, undefined, await openCalls(store, mirror.name, row)));
    const isStill = reached.waits === (row.status === 'waiting');
    reached.waits = row.status === 'waiting';
    if (events.step !== step || !isStill) reached.position = 0;
  }

  function take(reached: Reached, piece: NonNullable<Progress['piece']>): void {
    // Where one is missing, the step's end tells it and what follows.
    if (piece.position !== reached.position + 1) return;
    reached.log.append(toldPiece(piece));
    reached.position = piece.position;
  }

  /** The turn is over, it seems: pieces first, because a retry deletes them and shows in the row. */
  async function finish(mirror: Mirror, events: EventLog): Promise<void> {
    const partial = await store.events.partial(mirror.name);
    const row = await store.turns.find(mirror.name);
    if (!row) return gone(mirror, events);
    if (!isFinal(row.status) || row.attempt !== events.attempt) return leave(mirror, events);
    events.appendRest(storedEvents(row, partial, await openCalls(store, mirror.name, row)));
    forget(mirror);
  }

  function gone(mirror: Mirror, events: EventLog): void {
    const turn_id = mirror.name.turn;
    events.append({ event: 'error', data: { code: 'session_deleted', details: {}, turn_id } });
    events.append({ event: 'done', data: { turn_id, status: 'cancelled' } });
    forget(mirror);
  }

  // Whoever reads it opens the next one.
  function leave(mirror: Mirror, events: EventLog): void {
    forget(mirror);
    events.leave();
  }

  function forget(mirror: Mirror): void {
    mirror.reached = undefined;
    const name = nameOf(mirror.name);
    if (mirrors.get(name) === mirror) mirrors.delete(name);
  }

  function begin(name: TurnName): Mirror {
    const log = Promise.resolve().then(() => load(made));
    const made: Mirror = { name, readers: 0, log, reached: undefined };
    mirrors.set(nameOf(name), made);
    log.catch(() => forget(made));
    return made;
  }

  /** Nobody is shown more here; who waits is told `why`. */
  function leaveAll(why: Failure): void {
    for (const mirror of [...mirrors.values()]) {
      mirror.reached?.log.leave(why);
      forget(mirror);
    }
  }

  return {
    leaveAll,

    /** The turn as the database tells it; looked up anew where what is known here is before `attempt`. */
    async open(name: TurnName, attempt: number): Promise<OpenLog> {
      for (let again = false; ; again = true) {
        const mirror = mirrors.get(nameOf(name)) ?? begin(name);
        mirror.readers++;
        const close = () => {
          if (--mirror.readers === 0) forget(mirror);
        };
        try {
          const log = await mirror.log;
          if (log.attempt >= attempt || again) return { log, close };
          leave(mirror, log);
        } catch (error) {
          close();
          throw error;
        }
      }
    },
  };
}
