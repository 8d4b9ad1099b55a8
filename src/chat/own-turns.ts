// Somebody's turns. Throws a Failure that says whether the session or the turn is none of theirs, or they may not.
import type { Context } from '../agent/agent.ts';
import { callsOf } from '../agent/said-step.ts';
import type { Page } from '../db/page-bytes.ts';
import type { TurnRow, TurnsQuery, TurnWithSteps } from '../db/turns/find-turns.ts';
import type { Relation } from '../db/versions/versions.ts';
import type { CallOutcome } from '../words/steps.ts';
import { outcomeOf } from './calls/call-outcome.ts';
import type { ChatParts } from './chat-parts.ts';
import { turnContext } from './context/turn-context.ts';
import { Failure } from './failure.ts';
import { attach, refuseUnseen } from './files/attach.ts';
import type { TurnReader } from './log/turn-reader.ts';
import { ownAgents } from './own-agents.ts';
import { ownFiles } from './own-files.ts';
import { type Caller, mayWrite } from './principal.ts';
import { findTurn } from './turn-view.ts';
import type { BeginOptions } from './turns/begin-turns.ts';
import type { UserMessage } from './user-message.ts';

export function ownTurns(parts: ChatParts, caller: Caller) {
  const { store, turns, agents } = parts;
  const { owner, key: keyId } = caller;
  // Few messages bring anything.
  const bringer = () => ({
    store,
    storeFile: ownFiles(parts, caller).store,
    whoSees: ownAgents(parts, caller).thatSee,
  });
  const own = (options: BeginOptions): BeginOptions => ({
    ...options,
    keyId,
    mayBeAsked: caller.agents,
    mine: ownAgents(parts, caller).names,
  });
  return {
    /** Says something in a session. */
    begin: async (session: string, message: UserMessage, options: BeginOptions): Promise<TurnReader> => {
      mayWrite(caller);
      const key = { owner, session };
      return turns.begin(key, message, {
        ...own(options),
        attach: (bringing, agent) => attach(bringer(), key, bringing, agent),
      });
    },

    /** Answers again what a turn answers, which stays. */
    regenerate: async (session: string, turn: string, options: BeginOptions): Promise<TurnReader> => {
      mayWrite(caller);
      return turns.regenerate(
        { owner, session, turn },
        {
          ...own(options),
          refuseUnseen: (attached, agent) => refuseUnseen(attached, agent, ownAgents(parts, caller).thatSee),
        },
      );
    },

    /** Runs a failed turn again, without repeating the user's message. */
    retry: async (session: string, turn: string, requestId: string): Promise<TurnReader> => {
      mayWrite(caller);
      return turns.retry({ owner, session, turn }, { requestId, keyId, mayBeAsked: caller.agents });
    },

    /** Cancels a turn, wherever it runs, and waits a little for its end. One that has ended stays. */
    cancel: async (session: string, turn: string): Promise<TurnWithSteps> => {
      mayWrite(caller);
      const name = { owner, session, turn };
      await turns.cancel(name);
      return findTurn(store, name);
    },

    find: (session: string, turn: string): Promise<TurnWithSteps> =>
      findTurn(store, { owner, session, turn }),

    /** Up to `limit`, newest first: fewer where their texts are large. */
    list: async (session: string, query: TurnsQuery): Promise<Page<TurnRow>> => {
      const key = { owner, session };
      const page = await store.turns.list(key, query);
      if (page.rows.length > 0 || (await store.messages.sessionExists(key))) return page;
      throw new Failure('session_not_found');
    },

    /** What the messages of turns of one session stand behind, and their other versions, by their ids. */
    relations: (session: string, turns: readonly TurnRow[]): Promise<ReadonlyMap<string, Relation>> =>
      store.versions.relations(
        { owner, session },
        turns.flatMap(({ userMessage, reply }) => [userMessage.id, ...(reply ? [reply.id] : [])]),
      ),

    /** What the model was sent for a turn of theirs. */
    context: (row: TurnWithSteps): Promise<Context> => turnContext(store, agents, owner, row),

    /** What became of the calls that a turn of theirs asked for, in their order. */
    outcomes: async ({ sessionId: session, id: turn, settled }: TurnWithSteps): Promise<CallOutcome[]> =>
      (await store.calls.ofTurn({ owner, session, turn })).map((call) =>
        outcomeOf(call, callsOf(settled[call.step] ?? { data: null })[call.position]),
      ),

    /** To look at a turn that exists, wherever it runs or ran. */
    read: async (session: string, turn: string): Promise<TurnReader> => {
      const name = { owner, session, turn };
      if (!turns.isHere(name)) await findTurn(store, name);
      return turns.read(name);
    },
  };
}
