// Beginning turns: a new one for what somebody says, or one that failed once more.
import { v7 as newId } from 'uuid';
import type { Agent } from '../../agent/agent.ts';
import type { SessionKey } from '../../db/owner.ts';
import type { NewTurn } from '../../db/turns/change-turns.ts';
import type { TurnRow } from '../../db/turns/find-turns.ts';
import type { Elsewhere } from '../../db/turns/standing.ts';
import type { TurnKey, TurnName } from '../../db/turns/turn-name.ts';
import { statusNames } from '../../words/turn-status.ts';
import {
  type Allowed,
  answererOf,
  type Chosen,
  choose,
  needsOf,
  sameAnswerer,
  type Wanted,
  wishOf,
} from '../answerer.ts';
import { openCalls } from '../calls/open-calls.ts';
import { Failure } from '../failure.ts';
import { type Attached, attachedOf, type Bringing, textOf } from '../files/attached.ts';
import { EventLog } from '../log/event-log.ts';
import type { ReadTurn, TurnReader } from '../log/turn-reader.ts';
import { textMessage } from '../messages.ts';
import { agentNotAllowed } from '../principal.ts';
import { nameFrom } from '../session-names.ts';
import { findTurn, storedEvents } from '../turn-view.ts';
import { bringingOf, type UserMessage } from '../user-message.ts';
import { answeringAgain, behindMessage } from '../versions/elsewhere.ts';
import { patiently } from '../while-database-is-away.ts';
import { expectedOf } from './expected-use.ts';
import { turnRefused } from './limit-reached.ts';
import { requestHash } from './request-hash.ts';
import type { BegunRun, TurnParts } from './running-turn.ts';
import type { Runs } from './runs.ts';

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
  /** The message that it stands behind, null for none; without it, behind what was said last. */
  parentId?: string | null | undefined;
  /** Makes what a message brings the session's, for who is to answer. */
  attach?: (bringing: Bringing, agent: Agent) => Promise<Attached>;
  /** Throws a Failure where whoever is to answer once more cannot take what came with the message. */
  refuseUnseen?: (attached: Attached, agent: Agent) => Promise<void>;
} & Allowed;

/** What a turn is begun with: its message, what stands for that under an idempotency key, and what has to be found out. */
type Asked = {
  message: Omit<NewTurn['message'], 'data'>;
  /** Of a message that is stored already. */
  createdAt?: Date;
  hash(): Promise<string>;
  prepare(allowed: Allowed): Promise<{
    chosen: Chosen;
    elsewhere: Elsewhere | undefined;
    attached?: Attached | undefined;
  }>;
  /** To find it out stores something. */
  isDear?: boolean;
};

type Beginning = {
  runs: Runs;
  reader: ReadTurn;
  isDraining(): boolean;
  /** Throws a Failure while no turns are begun. */
  refuseWhileDraining(): void;
};

/** Gives `Turns.begin`, `Turns.regenerate` and `Turns.retry`. */
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

  async function start(session: SessionKey, asked: Asked, options: BeginOptions): Promise<TurnReader> {
    const { idempotencyKey, onBusy = 'queue', requestId, keyId } = options;
    const idempotency =
      idempotencyKey === undefined ? undefined : { key: idempotencyKey, requestHash: await asked.hash() };
    const mayBeKnown = isDraining() || asked.isDear;
    const known = mayBeKnown && idempotency && (await begunBefore(session, idempotency));
    if (known) return known;
    return starts(async () => {
      const key: TurnKey = { ...session, turn: newId(), lease: crypto.randomUUID() };
      const { message } = asked;
      const { all } = agents;
      const prepared = await asked.prepare(options).catch(async (error: Error) => {
        // What could be asked then was.
        const before = idempotency && (await begunBefore(session, idempotency));
        return before ? { before } : Promise.reject(error);
      });
      if ('before' in prepared) return prepared.before;
      const { chosen, elsewhere, attached } = prepared;
      const { wish } = chosen;
      const data = Object.keys(wish).length > 0 || attached ? { ...wish, ...attached } : null;
      const begun = await store.turns.begin({
        ...key,
        agent: chosen.agent.name,
        others: chosen.others,
        mayBeAsked: options.mayBeAsked,
        replyId: newId(),
        name: nameFrom(message.content) || nameFrom(attached?.files[0]?.name ?? ''),
        message: { ...message, data },
        idempotency,
        mayWait: onBusy !== 'reject' && !elsewhere,
        ...needsOf(chosen.agent, message.content),
        keyId,
        elsewhere,
      });
      if (!begun) throw new Failure('session_not_found');
      if (begun === 'not begun' || 'limit' in begun) {
        const before = idempotency && (await begunBefore(session, idempotency));
        if (before) return before;
        if (begun !== 'not begun') throw turnRefused(begun, chosen.agent.name);
        const isBusy = onBusy === 'reject' || elsewhere;
        throw new Failure(isBusy ? 'session_busy' : 'queue_full', { retry_after: 2 });
      }
      store.tally.began(key.owner, begun);
      const stored = textMessage({
        ...message,
        data,
        sessionId: key.session,
        role: 'user',
        thought: null,
        createdAt: asked.createdAt ?? begun.createdAt,
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
  }

  return {
    /** Stores the message and starts its turn. Throws a Failure where there is no such session, or it is busy. */
    begin: (session: SessionKey, said: UserMessage, options: BeginOptions): Promise<TurnReader> => {
      const { wanted = {}, parentId, attach } = options;
      const { source, modelsUsage, metadata } = said;
      const content = textOf(said.content);
      const bringing = bringingOf(said);
      return start(
        session,
        {
          message: { id: newId(), source, type: 'TextMessage', content, modelsUsage, metadata },
          // What is brought is not to be stored twice.
          isDear: bringing !== undefined,
          hash: () => requestHash(said, wanted, parentId === undefined ? {} : { parent: parentId }),
          async prepare(allowed) {
            const chosen = await choose(store, agents, session, wanted, allowed, bringing !== undefined);
            const elsewhere =
              parentId === undefined ? undefined : await behindMessage(store, session, parentId);
            return { chosen, elsewhere, attached: bringing && (await attach?.(bringing, chosen.agent)) };
          },
        },
        options,
      );
    },

    /**
     * Answers again what a turn answers, which stays; the same agent over the same model, where none is named. Throws a
     * Failure where there is no such turn, or its session is busy.
     */
    regenerate: async (name: TurnName, options: BeginOptions): Promise<TurnReader> => {
      const { wanted = {} } = options;
      const turn = await findTurn(store, name);
      const { userMessage } = turn;
      return start(
        name,
        {
          message: userMessage,
          createdAt: userMessage.createdAt,
          hash: () => requestHash(userMessage, wanted, { again: name.turn }),
          async prepare(allowed) {
            const attached = attachedOf(userMessage);
            const same = sameAnswerer(agents, turn, wanted);
            const chosen = await choose(store, agents, name, same, allowed, attached !== undefined);
            if (attached) await options.refuseUnseen?.(attached, chosen.agent);
            return { chosen, elsewhere: await answeringAgain(store, name, turn), attached };
          },
        },
        options,
      );
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
        events.appendRest(storedEvents(row, undefined, await openCalls(store, name, row)));
        const insteadOf = wishOf(row.userMessage).instead_of;
        return run({ key, events, begun, agent, insteadOf, settled: row.settled, requestId });
      }),
  };
}
