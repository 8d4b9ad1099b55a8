// The agents that somebody may ask, and the models behind them.
import { type Agent, modelsOf, overEachModel } from '../agent/agent.ts';
import type { KnownTool } from '../agent/known-tools.ts';
import type { Bilingual } from '../words/bilingual.ts';
import { unknownName } from './answerer.ts';
import type { ChatParts } from './chat-parts.ts';
import { agentNotAllowed, type Caller } from './principal.ts';

export type ShownAgent = {
  name: string;
  label: string;
  description: string;
  models: string[];
  tools: readonly KnownTool[];
  /** A sentence for each server that did not tell its tools. */
  missing: readonly Bilingual[];
  default: boolean;
};

/** `agents`: who answers with it; `vision`: it sees images. */
export type ShownModel = {
  name: string;
  agents: string[];
  /** The highest that it takes; null where it takes none. */
  temperature: number | null;
  demo: boolean;
  vision: boolean;
  default: boolean;
};

export function ownAgents({ store, agents }: ChatParts, { owner, key, agents: named }: Caller) {
  /** In the catalogue's order, the default first. */
  async function mine(): Promise<Agent[]> {
    const [ofOwner, ofKey] = await Promise.all([
      store.limits.ofOwner(owner),
      key === undefined ? undefined : store.limits.find({ key }),
    ]);
    const lists = [named, ofOwner?.agents, ofKey?.agents];
    return agents.all.filter(({ name }) => lists.every((list) => !list || list.includes(name)));
  }
  const isDefault = (agent: Agent) => agent.name === agents.default.name;

  return {
    names: async (): Promise<string[]> => (await mine()).map(({ name }) => name),

    /** Throws a Failure where there is no such agent, or it is none of theirs. */
    require: async (name: string): Promise<void> => {
      const names = (await mine()).map((agent) => agent.name);
      if (names.includes(name)) return;
      throw agents.find(name) ? agentNotAllowed(name) : unknownName('agent', names);
    },

    /** Those that see images, with the models of theirs that do. */
    thatSee: async (): Promise<string[]> =>
      (await mine()).flatMap((agent) => {
        const models = overEachModel(agent).filter(({ model }) => model.vision);
        return models.length === 0
          ? []
          : [`${agent.name} (${models.map(({ model }) => model.name).join(', ')})`];
      }),

    list: async (): Promise<ShownAgent[]> =>
      Promise.all(
        (await mine()).map(async (agent) => ({
          name: agent.name,
          label: agent.label,
          description: agent.description,
          models: modelsOf(agent),
          ...(await agent.tools()),
          default: isDefault(agent),
        })),
      ),

    models: async (): Promise<ShownModel[]> => {
      const shown = new Map<string, ShownModel>();
      for (const agent of await mine()) {
        for (const over of overEachModel(agent)) {
          const { name, demo, vision, mostTemperature: temperature = null } = over.model;
          const model = shown.get(name) ?? { name, agents: [], temperature, demo, vision, default: false };
          model.agents.push(agent.name);
          model.default ||= over === agents.default;
          shown.set(name, model);
        }
      }
      return [...shown.values()];
    },
  };
}
