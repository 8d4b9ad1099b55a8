// The catalogue of agents that files describe.

import { type Agents, createAgents } from './agent.ts';
import type { AgentDescription } from './agent-description.ts';
import { createAssistant } from './assistant.ts';
import type { ToolHost } from './workbench.ts';

/** The first is the default. Their tools come from `host`. */
export function describedAgents(
  [first, ...others]: readonly [AgentDescription, ...AgentDescription[]],
  host: ToolHost,
): Agents {
  const made = (agent: AgentDescription) => createAssistant({ ...agent, workbench: host.workbenchOf(agent) });
  return createAgents(made(first), ...others.map(made));
}
