// The agents that somebody may ask, and the models behind them.
import type { Agent } from '../agent/agent.ts';
import type { KnownTool } from '../agent/known-tools.ts';
import type { ChatParts } from './chat-parts.ts';
import type { Caller } from './principal.ts';

export type ShownAgent = {
  name: string;
  label: string;
  description: string;
  models: string[];
  tools: readonly KnownTool[];
  default: boolean;
};

/** `agents`: who answers with it. */
export type ShownModel = { name: string; agents: string[]; demo: boolean; default: boolean };

export function ownAgents({ store, agents }: ChatParts, { owner, key, agents: named }: Caller) {
  /** In the catalogue's order, the default first. */
  async function mine(): Promise<Agent[]> {
    const [ofOwner, ofKey] = await Promise.all([
      store.limits.ofOwner(owner),
      key === undefined ? undefined : store.limits.find({ key }),
    ]);
    const lists = [named, ofOwner?.agents, ofKey?.agents];
    return agents.names
      .filter((name) => lists.every((list) => !list || list.includes(name)))
      .flatMap((name) => agents.find(name) ?? []);
  }
  const isDefault = (agent: Agent) => agent.name === agents.default.name;

  return {
    list: async (): Promise<ShownAgent[]> =>
      Promise.all(
        (await mine()).map(async (agent) => ({
          name: agent.name,
          label: agent.label,
          description: agent.description,
          models: [agent.model.name],
          tools: await agent.tools(),
          default: isDefault(agent),
        })),
      ),

    models: async (): Promise<ShownModel[]> => {
      const shown = new Map<string, ShownModel>();
      for (const agent of await mine()) {
        const { name, demo } = agent.model;
        const model = shown.get(name) ?? { name, agents: [], demo, default: false };
        model.agents.push(agent.name);
        model.default ||= isDefault(agent);
        shown.set(name, model);
      }
      return [...shown.values()];
    },
  };
}
