// The turns of this process. A turn is begun in the database and runs here; callers only look at it, so one
// that goes away stops nothing.
import { v7 as newId } from 'uuid';
import type { Usage } from '../db/messages.ts';
import type { Json } from '../db/schema.ts';
import type { TurnKey } from '../db/turns.ts';
import { EventLog } from './event-log.ts';
import { Failure } from './failure.ts';
import { type TextMessage, textMessage } from './messages.ts';
import { nameFrom } from './names.ts';
import { sleep } from './patience.ts';
import { type RunningTurn, runTurn, type TurnEnd, type TurnParts } from './run-turn.ts';
import { findTurn, isFinal } from './turn-view.ts';

/** What a caller says. */
export type UserMessage = {
  content: string;
  source: string;
  type: string;
  modelsUsage: Usage | null;
  metadata: Json;
};

/** A turn that runs, or waits in line, in this process. */
export type LiveTurn = {
  id: string;
  sessionId: string;
  events: EventLog;
  /** The stored reply, or why there is none. Never rejects. */
  result: Promise<TextMessage | Failure>;
};

// How long a caller who cancels waits to see the end of it, and how often it looks in another process's turn.
const cancelWaitMs = 2000;
const pollMs = 100;
// How long a turn that is interrupted by a stop may take to store that.
const interruptMs = 2000;

const statusNames = {
  queued: { 'zh-CN': '排队中', en: 'queued' },
  running: { 'zh-CN': '运行中', en: 'running' },
  completed: { 'zh-CN': '已完成', en: 'completed' },
  failed: { 'zh-CN': '失败', en: 'failed' },
  cancelled: { 'zh-CN': '已取消', en: 'cancelled' },
};

type Run = LiveTurn & { key: TurnKey; abort: AbortController; over: Promise<void> };

export type Turns = ReturnType<typeof createTurns>;

export function createTurns(parts: TurnParts) {
  const { store, log } = parts;
  const runs = new Map<string, Run>();
  // Turns that are being begun in the database and will be in `runs` in a moment.
  let starting = 0;
  const ends = new EventTarget();
  let draining = false;

  const nextEnd = (sessionId: string, withinMs: number) =>
    new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        ends.removeEventListener(sessionId, done);
        resolve();
      };
      const timer = setTimeout(done, withinMs);
      ends.addEventListener(sessionId, done);
    });

  function run(turn: Pick<RunningTurn, 'key' | 'events' | 'begun' | 'requestId'>): LiveTurn {
    const { key, events } = turn;
    const abort = new AbortController();
    const end: Promise<TurnEnd> = runTurn(parts, {
      ...turn,
      signal: abort.signal,
      nextEnd: (withinMs) => nextEnd(key.session, withinMs),
    });
    const over: Promise<void> = end
      .then(({ recorded }) => recorded)
      .then(() => {
        if (runs.get(key.turn) === live) runs.delete(key.turn);
        ends.dispatchEvent(new Event(key.session));
      });
    const live: Run = {
      id: key.turn,
      sessionId: key.session,
      events,
      result: end.then(({ result }) => result),
      key,
      abort,
      over,
    };
    // Tried again here after another process took the first try for dead: that one may still be running.
    runs.get(live.id)?.abort.abort(new Failure('interrupted'));
    runs.set(live.id, live);
    return live;
  }

  function refuseWhileDraining(): void {
    if (draining) throw new Failure('draining', { retry_after: 5 });
  }

  const busy = (): boolean => runs.size > 0 || starting > 0;

  async function starts(begin: () => Promise<LiveTurn>): Promise<LiveTurn> {
    refuseWhileDraining();
    starting++;
    try {
      return await begin();
    } finally {
      starting--;
    }
  }

  return {
    /**
     * Stores the message and starts its turn; the log tells of it under `requestId`. Throws a Failure where
     * there is no such session.
     */
    begin: (sessionId: string, message: UserMessage, requestId: string): Promise<LiveTurn> =>
      starts(async () => {
        const key: TurnKey = { session: sessionId, turn: newId(), lease: newId() };
        const id = newId();
        const name = nameFrom(message.content);
        const begun = await store.turns.begin({ ...key, name, message: { id, ...message } });
        if (!begun) throw new Failure('session_not_found');
        const stored = textMessage({
          ...message,
          id,
          sessionId,
          role: 'user',
          thought: null,
          createdAt: begun.createdAt,
        });
        const events = new EventLog(1);
        events.append({ event: 'turn', data: { turn_id: key.turn, session_id: sessionId, message: stored } });
        return run({ key, events, begun, requestId });
      }),

    /** Runs a failed turn again, without repeating the user's message. Throws a Failure where it did not fail. */
    retry: (sessionId: string, turnId: string, requestId: string): Promise<LiveTurn> =>
      starts(async () => {
        const key: TurnKey = { session: sessionId, turn: turnId, lease: newId() };
        const begun = await store.turns.retry(key);
        const row = await findTurn(store, sessionId, turnId);
        if (!begun) throw new Failure('turn_not_failed', { reason: statusNames[row.status] });
        const events = new EventLog(begun.attempt);
        const message = textMessage(row.userMessage);
        events.append({ event: 'turn', data: { turn_id: turnId, session_id: sessionId, message } });
        return run({ key, events, begun, requestId });
      }),

    /** Cancels a turn, whichever process runs it, and waits a little for its end. One that has ended stays. */
    cancel: async (sessionId: string, turnId: string): Promise<void> => {
      const asked = await store.turns.requestCancel(sessionId, turnId);
      const here = runs.get(turnId);
      if (asked && here) {
        here.abort.abort(new Failure('cancelled'));
        await Promise.race([here.over, sleep(cancelWaitMs)]);
      }
      for (let waited = 0; asked && !here && waited < cancelWaitMs; waited += pollMs) {
        if (isFinal((await findTurn(store, sessionId, turnId)).status)) return;
        await sleep(pollMs);
      }
    },

    /** The turn with this id, if it runs in this process. */
    live: (id: string): LiveTurn | undefined => runs.get(id),

    /** Ends what runs in a session that was deleted. */
    abandonSession: (sessionId: string): void => {
      for (const { sessionId: of, abort } of runs.values()) {
        if (of === sessionId) abort.abort(new Failure('session_deleted'));
      }
    },

    /**
     * Renews this process's leases and ends turns whose process is gone; call it every few seconds. With
     * `atStart` on a database that only this process uses, every unfinished turn is such a one.
     */
    beat: async ({ atStart = false } = {}): Promise<void> => {
      const mine = [...runs.values()];
      if (mine.length > 0) {
        const held = await store.turns.renew(mine.map(({ key }) => key.lease));
        for (const { key, abort } of mine) {
          const lease = held.get(key.lease);
          if (lease?.cancel) abort.abort(new Failure('cancelled'));
          if (!lease && runs.has(key.turn)) await endIfLost(key, abort);
        }
      }
      for (const key of await store.turns.abandoned(atStart && store.exclusive)) {
        if (runs.has(key.turn)) continue;
        if (await store.turns.endWithoutReply(key, { code: 'interrupted' }))
          log.warn('ended a turn whose process is gone', { turn_id: key.turn, session_id: key.session });
      }
    },

    /** Whether any turn runs, waits or is being begun here. */
    busy,

    /** No new turns from now on. Resolves when the running ones have ended, which they must after `graceMs`. */
    drain: async (graceMs: number): Promise<void> => {
      draining = true;
      await allOver(graceMs);
      for (const { abort } of runs.values()) abort.abort(new Failure('interrupted'));
      await allOver(interruptMs);
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

  // Another process deleted the session, or took the turn for dead.
  async function endIfLost(key: TurnKey, abort: AbortController): Promise<void> {
    const row = await store.turns.find(key.session, key.turn);
    if (!row) abort.abort(new Failure('session_deleted'));
    else if (row.status === 'failed') abort.abort(new Failure('interrupted'));
  }
}
