// The agent that a turn is stored with, where the process that is asked has it.
import type { Agent, Agents } from '../agent/agent.ts';
import { Failure } from './failure.ts';

/** Throws a Failure that names it where there is none: another process may have it. */
export function knownAgent(agents: Agents, name: string): Agent {
  const agent = agents.find(name);
  if (!agent) throw new Failure('agent_unknown', { reason: { 'zh-CN': name, en: name }, retry_after: 5 });
  return agent;
}
