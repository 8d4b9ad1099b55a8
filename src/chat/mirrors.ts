// Logs of turns that run in other processes, or have ended, kept here while somebody reads them. What is new in
// all of them is read with one statement.
import type { Store } from '../db/store.ts';
import type { Progress } from '../db/turn-events.ts';
import type { TurnName } from '../db/turns.ts';
import type { Log } from '../log.ts';
import { isFinal } from '../words/turn-status.ts';
import { EventLog } from './event-log.ts';
import type { Failure } from './failure.ts';
import { patiently } from './patience.ts';
import { pollWhile } from './poll.ts';
import { assistantSource } from './state.ts';
import { contentChunk, thoughtChunk } from './turn-event.ts';
import { storedEvents } from './turn-view.ts';

const pollMs = 100;

/** A turn's log as the database tells it; `close` when it is read no more. */
export type Mirror = { log: EventLog; close: () => void };

type Reflection = {
  name: TurnName;
  readers: number;
  log: Promise<EventLog>;
  /** Set once the turn was found and while it goes on. */
  live: Live | undefined;
};

/** How much of it is known here. */
type Live = { log: EventLog; position: number };

export type Mirrors = ReturnType<typeof createMirrors>;

export function createMirrors({ store, log }: { store: Store; log: Log }) {
  // By the whole name: who names another's turn, or another session, gets none of it.
  const reflections = new Map<string, Reflection>();
  const wakePoll = pollWhile(() => followed().length > 0, poll, pollMs, log);

  const followed = () =>
    [...reflections.values()].flatMap(({ name: { session, turn }, live }) =>
      live ? { session, turn, attempt: live.log.attempt, position: live.position } : [],
    );
  /** Those that were found, by the turn. */
  const found = () =>
    new Map([...reflections.values()].flatMap((one) => (one.live ? [[one.name.turn, one]] : [])));

  async function load(reflection: Reflection): Promise<EventLog> {
    const row = await patiently(() => store.turns.find(reflection.name));
    const events = new EventLog(row?.attempt ?? 1);
    if (!row) gone(reflection, events);
    else if (isFinal(row.status)) await finish(reflection, events);
    else {
      events.appendRest(storedEvents(row));
      reflection.live = { log: events, position: 0 };
      wakePoll();
    }
    return events;
  }

  async function poll(): Promise<void> {
    const asked = found();
    const over = new Map<Reflection, EventLog>();
    for (const { turn, status, attempt, piece } of await store.events.progress(followed())) {
      const reflection = asked.get(turn);
      // One that was opened anew meanwhile begins at the beginning.
      if (!reflection?.live || reflections.get(nameOf(reflection.name)) !== reflection) continue;
      const { log: events } = reflection.live;
      if (status === null) gone(reflection, events);
      else if (attempt !== events.attempt) leave(reflection, events);
      else {
        if (piece) take(reflection.live, piece);
        if (isFinal(status)) over.set(reflection, events);
      }
    }
    // Side by side: the next look waits for them.
    await Promise.all([...over].map(([reflection, events]) => finish(reflection, events)));
  }

  function take(live: Live, { position, event, content }: NonNullable<Progress['piece']>): void {
    // Where one is missing, the turn's end tells it and what follows.
    if (position !== live.position + 1) return;
    const chunk = event === 'ThoughtStreamingChunkEvent' ? thoughtChunk : contentChunk;
    live.log.append(chunk(assistantSource, content));
    live.position = position;
  }

  /** The turn is over, it seems: pieces first, because a retry deletes them and shows in the row. */
  async function finish(reflection: Reflection, events: EventLog): Promise<void> {
    const partial = await store.events.partial(reflection.name);
    const row = await store.turns.find(reflection.name);
    if (!row) return gone(reflection, events);
    if (!isFinal(row.status) || row.attempt !== events.attempt) return leave(reflection, events);
    events.appendRest(storedEvents(row, partial));
    forget(reflection);
  }

  function gone(reflection: Reflection, events: EventLog): void {
    const turn_id = reflection.name.turn;
    events.append({ event: 'error', data: { code: 'session_deleted', details: {}, turn_id } });
    events.append({ event: 'done', data: { turn_id, status: 'cancelled' } });
    forget(reflection);
  }

  // Whoever reads it opens the next one.
  function leave(reflection: Reflection, events: EventLog): void {
    forget(reflection);
    events.leave();
  }

  function forget(reflection: Reflection): void {
    reflection.live = undefined;
    const name = nameOf(reflection.name);
    if (reflections.get(name) === reflection) reflections.delete(name);
  }

  function reflect(name: TurnName): Reflection {
    const log = Promise.resolve().then(() => load(made));
    const made: Reflection = { name, readers: 0, log, live: undefined };
    reflections.set(nameOf(name), made);
    log.catch(() => forget(made));
    return made;
  }

  return {
    /** Nobody is shown more here; who waits is told `why`. */
    leaveAll(why: Failure): void {
      for (const reflection of [...reflections.values()]) reflection.live?.log.leave(why);
    },

    /** The turn as the database tells it; looked up anew where what is known here is before `attempt`. */
    async open(name: TurnName, attempt: number): Promise<Mirror> {
      for (let again = false; ; again = true) {
        const reflection = reflections.get(nameOf(name)) ?? reflect(name);
        reflection.readers++;
        const close = () => {
          if (--reflection.readers === 0) forget(reflection);
        };
        try {
          const log = await reflection.log;
          if (log.attempt >= attempt || again) return { log, close };
          leave(reflection, log);
        } catch (error) {
          close();
          throw error;
        }
      }
    },
  };
}

const nameOf = ({ owner, session, turn }: TurnName): string => `${owner}/${session}/${turn}`;
