// Beginning turns: a new one for what somebody says, or one that failed once more.
import { v7 as newId } from 'uuid';
import type { Agent } from '../agent/agent.ts';
import type { SessionKey } from '../db/owner.ts';
import type { Json } from '../db/schema.ts';
import type { TurnRow } from '../db/turns/find-turns.ts';
import type { TurnKey, TurnName } from '../db/turns/turn-name.ts';
import { statusNames } from '../words/turn-status.ts';
import type { Usage } from '../words/usage.ts';
import { type Allowed, answererOf, choose, needsOf, type Wanted, wishOf } from './answerer.ts';
import { EventLog } from './event-log.ts';
import { expectedOf } from './expected-use.ts';
import { Failure } from './failure.ts';
import { turnRefused } from './limit-reached.ts';
import { textMessage } from './messages.ts';
import { agentNotAllowed } from './principal.ts';
import { requestHash } from './request-hash.ts';
import type { BegunRun, TurnParts } from './running-turn.ts';
import type { Runs } from './runs.ts';
import { nameFrom } from './session-names.ts';
import type { ReadTurn, TurnReader } from './turn-reader.ts';
import { findTurn, storedEvents } from './turn-view.ts';
import { openRequests } from './wait-for-person.ts';
import { patiently } from './while-database-is-away.ts';

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
  /** The key that the caller came by, which may have limits of its own. */
  keyId?: string | undefined;
  /** Who is to answer, for this once. */
  wanted?: Wanted | undefined;
} & Allowed;

type Beginning = {
  runs: Runs;
  reader: ReadTurn;
  isDraining(): boolean;
  /** Throws a Failure while no turns are begun. */
  refuseWhileDraining(): void;
};

/** Gives `Turns.begin` and `Turns.retry`. */
export function createBeginning(
  parts: TurnParts,
  { runs, reader, isDraining, refuseWhileDraining }: Beginning,
) {
  const { store, agents, log } = parts;

  async function starts<T>(begin: () => Promise<T>): Promise<T> {
    refuseWhileDraining();
    return runs.counted(begin);
  }

  function run(turn: BegunRun): TurnReader {
    runs.start(turn);
    return reader(turn.key, turn.events);
  }

  /** As it is now; or where it is gone since the turn was begun, as it was in this list. */
  function agentNamed(name: string, all: readonly Agent[]): Agent {
    const agent = agents.find(name) ?? all.find((one) => one.name === name);
    if (!agent) throw new Error(`a turn of ${name} was begun, and there is no such agent`);
    return agent;
  }

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
      if (!turn) return;
      runs.of({ ...session, turn })?.abort.abort(new Failure('cancelled'));
      await patiently(() => store.calls.cancelWaiting({ ...session, turn }));
    } catch (error) {
      // The message is stored and waits in the queue all the same.
      log.warn('a turn could not be interrupted', { session_id: session.session, error });
    }
  }

  return {
    /** Stores the message and starts its turn. Throws a Failure where there is no such session, or it is busy. */
    begin: async (session: SessionKey, message: UserMessage, options: BeginOptions): Promise<TurnReader> => {
      const { idempotencyKey, onBusy = 'queue', requestId, keyId, wanted = {} } = options;
      const idempotency =
        idempotencyKey === undefined
          ? undefined
          : { key: idempotencyKey, requestHash: await requestHash(message, wanted) };
      const known = isDraining() && idempotency && (await begunBefore(session, idempotency));
      if (known) return known;
      return starts(async () => {
        const key: TurnKey = { ...session, turn: newId(), lease: crypto.randomUUID() };
        const id = newId();
        const { all } = agents;
        const chosen = await choose(store, agents, session, wanted, options).catch(async (error: Error) => {
          // Who could be asked then was.
          const before = idempotency && (await begunBefore(session, idempotency));
          return before ? { before } : Promise.reject(error);
        });
        if ('before' in chosen) return chosen.before;
        const { wish } = chosen;
        const data = Object.keys(wish).length > 0 ? wish : null;
        const begun = await store.turns.begin({
          ...key,
          agent: chosen.agent.name,
          others: chosen.others,
          mayBeAsked: options.mayBeAsked,
          replyId: newId(),
          name: nameFrom(message.content),
          message: { id, ...message, data },
          idempotency,
          mayWait: onBusy !== 'reject',
          ...needsOf(chosen.agent, message.content),
          keyId,
        });
        if (!begun) throw new Failure('session_not_found');
        if (begun === 'not begun' || 'limit' in begun) {
          const before = idempotency && (await begunBefore(session, idempotency));
          if (before) return before;
          if (begun !== 'not begun') throw turnRefused(begun, chosen.agent.name);
          throw new Failure(onBusy === 'reject' ? 'session_busy' : 'queue_full', { retry_after: 2 });
        }
        store.tally.began(key.owner, begun);
        const stored = textMessage({
          ...message,
          data: null,
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
        const isChosen = begun.agent === chosen.agent.name;
        const agent = isChosen ? chosen.agent : agentNamed(begun.agent, all);
        const insteadOf = wish.instead_of ?? begun.insteadOf ?? undefined;
        const turn = run({ key, events, begun, agent, insteadOf, settled: [], requestId });
        if (onBusy === 'interrupt' && !begun.running) await interrupt(session, begun.seq);
        return turn;
      });
    },

    /** Runs a failed turn again, without repeating the user's message. Throws a Failure where it did not fail. */
    retry: (
      name: TurnName,
      { requestId, keyId, mayBeAsked }: Pick<BeginOptions, 'requestId' | 'keyId' | 'mayBeAsked'>,
    ): Promise<TurnReader> =>
      starts(async () => {
        const key: TurnKey = { ...name, lease: crypto.randomUUID() };
        const refuseUnfailed = ({ status }: TurnRow) => {
          if (status !== 'failed') throw new Failure('turn_not_failed', { reason: statusNames[status] });
        };
        const failed = await findTurn(store, key);
        if (mayBeAsked && !mayBeAsked.includes(failed.agent)) throw agentNotAllowed(failed.agent);
        refuseUnfailed(failed);
        const agent = answererOf(agents, failed.agent, failed.userMessage);
        const expected = expectedOf(agent);
        const begun = await store.turns.retry(key, agents.names, newId(), { keyId, expected });
        if (!begun || 'limit' in begun) {
          // Somebody else may have been quicker.
          refuseUnfailed(await findTurn(store, key));
          throw begun ? turnRefused(begun, failed.agent) : new Failure('queue_full', { retry_after: 2 });
        }
        store.tally.began(key.owner, begun);
        // Once it is begun, this process is to run it. It may have been run and have failed since it was looked at.
        const row = await patiently(() => findTurn(store, key));
        // Another process may have taken it over since.
        if (row.attempt !== begun.attempt) return reader(name);
        const events = new EventLog(begun.attempt);
        events.appendRest(storedEvents(row, undefined, await openRequests(store, name, row)));
        const insteadOf = wishOf(row.userMessage).instead_of;
        return run({ key, events, begun, agent, insteadOf, settled: row.settled, requestId });
      }),
  };
}
