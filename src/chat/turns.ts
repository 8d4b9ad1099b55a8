// The turns of this process. A turn is begun in the database and runs here; callers only look at it, so one
// that goes away stops nothing, and one whose turn goes on in another process goes on with it there.
import { v7 as newId } from 'uuid';
import type { SessionKey } from '../db/owner.ts';
import type { Json } from '../db/schema.ts';
import type { TurnKey, TurnName } from '../db/turns.ts';
import { isFinal, statusNames } from '../words/turn-status.ts';
import type { Usage } from '../words/usage.ts';
import { createBeat, type Held } from './beat.ts';
import { messagesBefore } from './conversation.ts';
import { EventLog } from './event-log.ts';
import { Failure } from './failure.ts';
import { createLine } from './line.ts';
import { textMessage } from './messages.ts';
import { createMirrors } from './mirrors.ts';
import { nameFrom } from './names.ts';
import { patiently, sleep } from './patience.ts';
import { createPieceWriter } from './piece-writer.ts';
import { requestHash } from './request-hash.ts';
import { type BegunRun, Leaving, runTurn, type TurnParts } from './run-turn.ts';
import { createTurnReader, type TurnReader } from './turn-reader.ts';
import { findTurn } from './turn-view.ts';

/** What a caller says. */
export type UserMessage = {
  content: string;
  source: string;
  type: string;
  modelsUsage: Usage | null;
  metadata: Json;
};

/** What a message does that comes while a turn of its session runs: wait, go away again, or stop the turn. */
export type OnBusy = 'queue' | 'reject' | 'interrupt';

export type BeginOptions = {
  /** The request that asks, for the log. */
  requestId: string;
  /** The same key and the same message give the same turn, however often they are sent. */
  idempotencyKey?: string | undefined;
  onBusy?: OnBusy | undefined;
};

// How long a caller who cancels waits to see the end of it, and how often it looks in another process's turn.
const cancelWaitMs = 2000;
const pollMs = 100;
// How long turns that are handed over at a stop may take to let go.
const letGoMs = 2000;

type Run = Held & { events: EventLog; over: Promise<void> };

export type Turns = ReturnType<typeof createTurns>;

export function createTurns(parts: TurnParts) {
  const { store, log } = parts;
  const line = createLine(parts);
  const writer = createPieceWriter(parts);
  const runs = new Map<string, Run>();
  const mirrors = createMirrors(parts);
  const reader = createTurnReader((name) => runOf(name)?.events, mirrors);
  // Turns that are being begun or taken over in the database and will be in `runs` in a moment.
  let starting = 0;
  let draining = false;
  // Set when what runs, or is only just being begun, has to go on elsewhere: the leases to let go of.
  let handingOver: string[] | undefined;

  /** The run of this turn here, if it is the owner's and of the session. */
  function runOf({ owner, session, turn }: TurnName): Run | undefined {
    const found = runs.get(turn);
    return found?.key.owner === owner && found.key.session === session ? found : undefined;
  }

  function run(turn: BegunRun): TurnReader {
    const { key, events } = turn;
    const abort = new AbortController();
    const pieces = writer.open(key, events);
    const end = runTurn(parts, { ...turn, pieces, line, signal: abort.signal });
    const over = end.then(async ({ leaving, recorded }) => {
      if (leaving?.why) events.leave(leaving.why);
      await recorded;
      if (runs.get(key.turn) === live) runs.delete(key.turn);
      // Only now, so that its readers do not come back to this log.
      if (leaving) events.leave();
      line.moves(key.session);
    });
    const live: Run = { key, events, abort, over };
    // Taken over from another process that had taken it over from this one, while the first run still hangs here.
    runs.get(key.turn)?.abort.abort(new Leaving());
    runs.set(key.turn, live);
    if (handingOver) handOver(live, handingOver);
    return reader(key, events);
  }

  function handOver({ key, abort }: Run, leases: string[]): void {
    leases.push(key.lease);
    abort.abort(new Leaving(handedOver()));
  }

  function refuseWhileDraining(): void {
    if (draining) throw stopping();
  }

  const stopping = () => new Failure('draining', { retry_after: 5 });
  const handedOver = () => new Failure('handed_over', { retry_after: 5 });
  const busy = (): boolean => runs.size > 0 || starting > 0;

  /** Counts what begins turns, or takes them over, while it does: a stop waits for it. */
  async function counted<T>(begin: () => Promise<T>): Promise<T> {
    starting++;
    try {
      return await begin();
    } finally {
      starting--;
    }
  }

  async function starts<T>(begin: () => Promise<T>): Promise<T> {
    refuseWhileDraining();
    return counted(begin);
  }

  const beat = createBeat(parts, { runs, run, counted, isDraining: () => draining });

  /** The turn that this key has begun already. */
  async function begunBefore(session: SessionKey, idempotency: { key: string; requestHash: string }) {
    const turn = await store.turns.findByKey(session, idempotency.key);
    if (!turn) return undefined;
    if (turn.requestHash !== idempotency.requestHash) throw new Failure('idempotency_key_reused');
    return reader({ ...session, turn: turn.id });
  }

  async function interrupt(session: SessionKey, seq: number): Promise<void> {
    try {
      const turn = await patiently(() => store.turns.requestCancelBefore(session, seq));
      if (turn) runOf({ ...session, turn })?.abort.abort(new Failure('cancelled'));
    } catch (error) {
      // The message is stored and waits in line all the same.
      log.warn('a turn could not be interrupted', { session_id: session.session, error });
    }
  }

  return {
    /** Stores the message and starts its turn. Throws a Failure where there is no such session, or it is busy. */
    begin: async (session: SessionKey, message: UserMessage, options: BeginOptions): Promise<TurnReader> => {
      const { idempotencyKey, onBusy = 'queue', requestId } = options;
      const idempotency =
        idempotencyKey === undefined
          ? undefined
          : { key: idempotencyKey, requestHash: await requestHash(message) };
      const known = draining && idempotency && (await begunBefore(session, idempotency));
      if (known) return known;
      return starts(async () => {
        const key: TurnKey = { ...session, turn: newId(), lease: crypto.randomUUID() };
        const id = newId();
        const begun = await store.turns.begin({
          ...key,
          name: nameFrom(message.content),
          message: { id, ...message },
          idempotency,
          mayWait: onBusy !== 'reject',
          before: messagesBefore(parts.assistant),
        });
        if (!begun) throw new Failure('session_not_found');
        if (begun === 'not begun') {
          const before = idempotency && (await begunBefore(session, idempotency));
          if (before) return before;
          throw new Failure(onBusy === 'reject' ? 'session_busy' : 'queue_full', { retry_after: 2 });
        }
        const stored = textMessage({
          ...message,
          id,
          sessionId: key.session,
          role: 'user',
          thought: null,
          createdAt: begun.createdAt,
        });
        const events = new EventLog(1);
        events.append({
          event: 'turn',
          data: { turn_id: key.turn, session_id: key.session, message: stored },
        });
        const turn = run({ key, events, begun, requestId });
        if (onBusy === 'interrupt' && !begun.running) await interrupt(session, begun.seq);
        return turn;
      });
    },

    /** Runs a failed turn again, without repeating the user's message. Throws a Failure where it did not fail. */
    retry: (name: TurnName, requestId: string): Promise<TurnReader> =>
      starts(async () => {
        const key: TurnKey = { ...name, lease: crypto.randomUUID() };
        const begun = await store.turns.retry(key);
        const row = await findTurn(store, key);
        if (!begun && row.status === 'failed') throw new Failure('queue_full', { retry_after: 2 });
        if (!begun) throw new Failure('turn_not_failed', { reason: statusNames[row.status] });
        const events = new EventLog(begun.attempt);
        const message = textMessage(row.userMessage);
        events.append({ event: 'turn', data: { turn_id: key.turn, session_id: key.session, message } });
        return run({ key, events, begun, requestId });
      }),

    /** Cancels a turn, whichever process runs it, and waits a little for its end. One that has ended stays. */
    cancel: async (name: TurnName): Promise<void> => {
      const here = runOf(name);
      here?.abort.abort(new Failure('cancelled'));
      // Also where it runs here: this process may die before its end is stored.
      if (!(await store.turns.requestCancel(name))) return;
      const deadline = performance.now() + cancelWaitMs;
      let over = here?.over;
      while (performance.now() < deadline && !isFinal((await findTurn(store, name)).status)) {
        await Promise.race([over ?? sleep(pollMs), sleep(pollMs)]);
        over = undefined;
      }
    },

    /** Looks at a turn that exists, wherever it runs or ran. */
    read: (name: TurnName): TurnReader => reader(name),

    /** Whether the turn runs in this process. */
    isHere: (name: TurnName): boolean => runOf(name) !== undefined,

    /** Ends what runs in a session that was deleted. */
    abandonSession: ({ owner, session }: SessionKey): void => {
      for (const { key, abort } of runs.values()) {
        if (key.owner === owner && key.session === session) abort.abort(new Failure('session_deleted'));
      }
    },

    /**
     * Holds this process's turns, stops those that are to be cancelled, and takes over turns that nobody holds;
     * call it twice a second. With `atStart` on a database that only this process uses, nobody holds any.
     */
    beat,

    /** Whether any turn runs, waits or is being begun here. */
    busy,

    /** No new turns from now on. Resolves when the running ones have ended; what is left after `graceMs` is handed over. */
    drain: async (graceMs: number): Promise<void> => {
      draining = true;
      await allOver(graceMs);
      handingOver = [];
      for (const left of runs.values()) handOver(left, handingOver);
      await allOver(letGoMs);
      mirrors.leaveAll(handedOver());
      if (handingOver.length === 0) return;
      try {
        await store.leases.release(handingOver);
        log.info('unfinished turns were handed over to whoever looks next', { turns: handingOver.length });
      } catch (error) {
        log.warn('unfinished turns could not be handed over; they go on when their leases have run out', {
          error,
        });
      }
    },

    /** Throws a Failure while the process stops and begins no more turns. */
    refuseWhileDraining,
  };

  async function allOver(withinMs: number): Promise<void> {
    const deadline = performance.now() + withinMs;
    while (busy()) {
      const left = deadline - performance.now();
      if (left <= 0) return;
      await Promise.race([...[...runs.values()].map(({ over }) => over), sleep(Math.min(left, pollMs))]);
    }
  }
}
