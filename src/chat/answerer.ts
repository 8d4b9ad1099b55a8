// Who answers a turn: an agent, over the model that the message asked for, or else its own.
import { z } from 'zod';
import { type Agent, type Agents, modelsOf, overEachModel } from '../agent/agent.ts';
import type { MessageRow } from '../db/message-row.ts';
import type { SessionKey } from '../db/owner.ts';
import type { Store } from '../db/store.ts';
import { type Needs, othersFor } from '../db/turns/answerer.ts';
import type { TurnRow } from '../db/turns/find-turns.ts';
import { messagesBefore } from './context/conversation.ts';
import { Failure } from './failure.ts';
import { knownAgent } from './known-agent.ts';
import { agentNotAllowed } from './principal.ts';
import { expectedOf } from './turns/expected-use.ts';

/** What a message asks for beside an answer: an agent that is not the session's, or another model, for this once. */
export type Wanted = { agent?: string | undefined; model?: string | undefined };

/**
 * What is stored with a user's message of this: the model that it asks for, and the session's agent, where that was not
 * there and another answers.
 */
const wish = z.object({ model: z.string().optional(), instead_of: z.string().optional() });
export type Wish = z.infer<typeof wish>;

export const wishOf = ({ data }: Pick<MessageRow, 'data'>): Wish => wish.safeParse(data).data ?? {};

/** `others`: who may answer in place of `agent`, which is for the session to say; without it, nobody. */
export type Chosen = { agent: Agent; others?: string; wish: Wish };

/** Of a turn that is stored; where its agent has that model no more, over its own. Throws a Failure where there is no such agent. */
export function answererOf(agents: Agents, name: string, message: Pick<MessageRow, 'data'>): Agent {
  const agent = knownAgent(agents, name);
  return over(agent, wishOf(message).model) ?? agent;
}

const over = (agent: Agent, model: string | undefined): Agent | undefined =>
  model === undefined ? agent : overEachModel(agent).find((one) => one.model.name === model);

/** Whose a session is that names this agent: one that is gone has the default one. */
export function agentOfSession(agents: Agents, name: string | null): { agent: Agent; insteadOf?: string } {
  if (name === null) return { agent: agents.default };
  const agent = agents.find(name);
  return agent ? { agent } : { agent: agents.default, insteadOf: name };
}

/** What a turn of this agent needs; `content` is what is said. */
export const needsOf = (agent: Agent, content = ''): Needs => ({
  before: messagesBefore(agent),
  expected: expectedOf(agent, content),
});

const known = new WeakMap<Agents['all'], string>();

/** All but the default one, as a turn of that is begun with. */
function othersThan([first, ...others]: Agents['all'], all: Agents['all']): string {
  const before = known.get(all);
  if (before !== undefined) return before;
  const made = othersFor(
    needsOf(first),
    others.map((agent) => [agent.name, needsOf(agent)] as const),
  );
  known.set(all, made);
  return made;
}

/** Whom a caller may ask: `mayBeAsked` without asking the database, and `mine` all in all, for what they are told. */
export type Allowed = {
  mayBeAsked?: readonly string[] | undefined;
  mine?: (() => Promise<readonly string[]>) | undefined;
};

/**
 * Throws a Failure that lists the names where there is no such agent, or it has no such model. `isFixed`: who answers has to
 * be known before.
 */
export async function choose(
  store: Store,
  agents: Agents,
  session: SessionKey,
  wanted: Wanted,
  { mayBeAsked, mine = async () => agents.names }: Allowed,
  isFixed = false,
): Promise<Chosen> {
  const { agent: named, model } = wanted;
  const { all } = agents;
  if (named === undefined && model === undefined && !isFixed)
    return { agent: all[0], others: othersThan(all, all), wish: {} };
  const ofSession = named === undefined ? await store.sessions.agentOf(session) : named;
  if (ofSession === undefined) throw new Failure('session_not_found');
  const { agent, insteadOf } = agentOfSession(agents, ofSession);
  if (named !== undefined && insteadOf !== undefined) throw unknownName('agent', await mine());
  if (mayBeAsked && !mayBeAsked.includes(agent.name)) throw agentNotAllowed(agent.name);
  const answerer = over(agent, model);
  if (!answerer) throw unknownName('model', modelsOf(agent));
  return {
    agent: answerer,
    wish: {
      ...(model === undefined ? {} : { model }),
      ...(insteadOf === undefined ? {} : { instead_of: insteadOf }),
    },
  };
}

/** Who answered a turn, over the model that it asked for, as far as they are still there; what is named now goes before. */
export function sameAnswerer(
  agents: Agents,
  turn: Pick<TurnRow, 'agent' | 'userMessage'>,
  wanted: Wanted,
): Wanted {
  const name = wanted.agent ?? turn.agent;
  const agent = agents.find(name);
  const same = agent && wanted.agent === undefined ? wishOf(turn.userMessage).model : undefined;
  const model = same !== undefined && agent && over(agent, same) ? same : undefined;
  return { agent: agent || wanted.agent !== undefined ? name : undefined, model: wanted.model ?? model };
}

/** Says which names there are. */
export function unknownName(field: 'agent' | 'model', names: readonly string[]): Failure {
  const quoted = names.map((name) => JSON.stringify(name));
  const reason = { 'zh-CN': `必须是 ${quoted.join(' 或 ')}`, en: `must be ${quoted.join(' or ')}` };
  return new Failure('invalid_request', { field, reason });
}
