// Somebody's sessions. Throws a Failure where there is none of theirs, or they may not.
import { v7 as newId } from 'uuid';
import type { Found, SearchQuery } from '../db/search/search.ts';
import type { NewSession, SessionChange, SessionCursor, SessionRow } from '../db/sessions.ts';
import { agentOfSession, choose, type Wanted } from './answerer.ts';
import type { ChatParts } from './chat-parts.ts';
import { readAgentState } from './context/conversation.ts';
import { type NextContext, nextContext } from './context/next-context.ts';
import type { AssistantAgentState } from './context/state.ts';
import { Failure } from './failure.ts';
import { ownAgents } from './own-agents.ts';
import { auditOf, type Caller, mayWrite } from './principal.ts';
import { inState, standingOf } from './versions/elsewhere.ts';
import { showVersion } from './versions/show-version.ts';
import { beginningTo } from './versions/tree.ts';

export function ownSessions(parts: ChatParts, caller: Caller) {
  const { store, turns, agents } = parts;
  const { sessions } = store;
  const mayAnswer = async (agent: string | null | undefined) => {
    if (typeof agent === 'string') await ownAgents(parts, caller).require(agent);
  };
  const { owner } = caller;
  return {
    create: async (session: NewSession): Promise<SessionRow> => {
      mayWrite(caller);
      await mayAnswer(session.agent);
      return sessions.create(owner, session);
    },

    /** Up to `limit`, most recently updated first, and where they end if there are more. */
    list: (query: { limit: number; offset: number; after?: SessionCursor | undefined }) =>
      sessions.list(owner, query),

    /** 'busy': too many search at once. */
    search: (query: SearchQuery): Promise<Found | 'busy'> => store.search.find(owner, query),

    find: async (id: string): Promise<SessionRow> => {
      const row = await sessions.find({ owner, session: id });
      if (!row) throw new Failure('session_not_found');
      return row;
    },

    /** With all of its agent's state; `insteadOf`: its agent is not there, and the default one answers. */
    findWithState: async (
      id: string,
    ): Promise<SessionRow & { agentState: AssistantAgentState; insteadOf?: string }> => {
      const key = { owner, session: id };
      const row = await sessions.find(key);
      if (!row) throw new Failure('session_not_found');
      const { agent, ...rest } = agentOfSession(agents, row.agent);
      return { ...row, ...rest, agentState: await readAgentState(store, agent, key, row) };
    },

    /** What the next message would be answered with, by who would answer it; `usage`: and what the session used so far. */
    context: async (id: string, wanted: Wanted, { usage }: { usage: boolean }): Promise<NextContext> => {
      const key = { owner, session: id };
      const allowed = { mayBeAsked: caller.agents, mine: ownAgents(parts, caller).names };
      const { agent } = await choose(store, agents, key, wanted, allowed, true);
      return nextContext(store, key, agent, usage);
    },

    /** Changes what is given. `leaf`: it shows the version with this message, and what last followed it. */
    update: async (
      id: string,
      { leaf, ...change }: SessionChange & { leaf?: string | undefined },
    ): Promise<SessionRow> => {
      mayWrite(caller);
      await mayAnswer(change.agent);
      if (leaf !== undefined) await showVersion(store, { owner, session: id }, leaf);
      const row = await sessions.update({ owner, session: id }, change);
      if (!row) throw new Failure('session_not_found');
      return row;
    },

    /** Makes a session of what stands up to and with a message, on its version. Throws while that is being answered. */
    fork: async (id: string, messageId: string): Promise<SessionRow> => {
      mayWrite(caller);
      const key = { owner, session: id };
      const { seq, path, agentStateSeq, open } = await standingOf(store, key, messageId, 'message_id');
      if (seq === null) throw new Failure('message_not_found');
      if (seq < agentStateSeq) throw inState('message_id');
      if (open) throw new Failure('session_busy', { retry_after: 2 });
      const row = await store.versions.fork(key, newId(), await beginningTo(store, key, path, seq));
      if (!row) throw new Failure('session_not_found');
      return row;
    },

    /** With all that it holds, and whatever runs in it. */
    delete: async (id: string): Promise<void> => {
      mayWrite(caller);
      const key = { owner, session: id };
      const audit = auditOf(caller, 'session.deleted', id);
      if (!(await sessions.delete(key, audit))) throw new Failure('session_not_found');
      turns.abandonSession(key);
    },

    /** The most recently updated one's id, or undefined. */
    newest: (): Promise<string | undefined> => sessions.newest(owner),

    /**
     * Says something in the same one; where there is none, one is made, by one caller only. Where nothing could be said in
     * it, it is gone again.
     */
    sayInNewest: async <T>(session: NewSession, say: (id: string) => Promise<T>): Promise<T> => {
      mayWrite(caller);
      const newest = await sessions.newest(owner);
      const { id, isNew } = newest
        ? { id: newest, isNew: false }
        : await sessions.newestOrCreate(owner, session);
      try {
        return await say(id);
      } catch (error) {
        if (isNew && error instanceof Failure) await sessions.takeBack({ owner, session: id });
        throw error;
      }
    },
  };
}
