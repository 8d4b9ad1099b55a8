// The one door to what exists: whoever calls gets what is theirs, and nothing of anybody else's. Whose something is,
// what somebody may do, and what is written down about it stand here and nowhere else.
import type { AgentFault } from '../agent/agent.ts';
import type { TriedModel } from '../agent/try-model.ts';
import type { DatabaseFault } from '../db/errors.ts';
import { agentOfSession } from './answerer.ts';
import type { ChatParts } from './chat-parts.ts';
import { type HistoryQuery, readHistory } from './history.ts';
import { createModelTests, type TestAsked } from './model-tests.ts';
import { ownAgents } from './own-agents.ts';
import { ownApprovals } from './own-approvals.ts';
import { ownFiles } from './own-files.ts';
import { ownSessions } from './own-sessions.ts';
import { ownShares } from './own-shares.ts';
import { ownTurns } from './own-turns.ts';
import { ownAllowance, ownUsage } from './own-usage.ts';
import type { Caller } from './principal.ts';
import { readShared } from './shared-session.ts';
import { wholeHistory } from './whole-history.ts';

export type Chat = ReturnType<typeof createChat>;

/** What somebody has: another's session is to them one that does not exist. */
export type OwnChat = ReturnType<Chat['for']>;

/**
 * What there is, of everybody: `for` gives each caller their own.
 *
 * @example
 * const { sessions, turns } = createChat(parts).for(caller);
 */
export function createChat(parts: ChatParts) {
  const { store, turns, agents } = parts;
  const speaker = (name: string | null) => agentOfSession(agents, name).agent.name;
  const history = ({ owner }: Caller, session: string, query: HistoryQuery) =>
    readHistory(store, speaker, { owner, session }, query);
  const testModel = createModelTests(store);
  return {
    for: (caller: Caller) => ({
      agents: ownAgents(parts, caller),
      approvals: ownApprovals(parts, caller),
      files: ownFiles(parts, caller),
      sessions: ownSessions(parts, caller),
      shares: ownShares(parts, caller),
      turns: ownTurns(parts, caller),
      usage: ownUsage(store, caller),
      allowance: ownAllowance(store, caller),
      /** For admins. Throws a Failure for others. */
      testModel: (tried: TriedModel, asked: TestAsked) => testModel(caller, tried, asked),
      history: (session: string, query: HistoryQuery) => history(caller, session, query),
      /** All of it, a page at a time. */
      wholeHistory: (session: string, all: boolean) =>
        wholeHistory((query) => history(caller, session, query), all),
    }),

    /** What a link shows, to whoever has it. Throws a Failure where there is none. */
    shared: (id: string) => readShared(store, speaker, id),

    /** Throws a Failure while the process stops and begins no more turns. */
    refuseWhileDraining: turns.refuseWhileDraining,

    /** What of the agents' files is wrong. */
    agentFaults: (): readonly AgentFault[] => agents.faults,

    /** What keeps the database from serving; undefined where nothing does. Throws when it is away. */
    databaseFault: (lastMigration: string | undefined): Promise<DatabaseFault | undefined> =>
      store.readiness.require(lastMigration),
  };
}
