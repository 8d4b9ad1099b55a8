// The server's calls about who can be asked.
import { list, record, textOf } from './json.ts';
import { requestJson } from './request.ts';
import { readAll } from './wire.ts';

/** `models`: the first answers where none is chosen. */
export type Agent = { name: string; label: string; models: string[]; isDefault: boolean };

/** The default one first, where the reader may ask it. */
export const listAgents = async (): Promise<Agent[]> => readAll(await requestJson('api/agents'), readAgent);

/** `temperature`: the highest that it takes; null where it takes none. `sees`: images. `isDefault`: it answers where none is named. */
export type Model = {
  name: string;
  agents: string[];
  temperature: number | null;
  sees: boolean;
  isDemo: boolean;
  isDefault: boolean;
};

export const listModels = async (): Promise<Model[]> =>
  readAll(await requestJson('api/models'), (value) => {
    const model = record(value);
    return {
      name: textOf(model.name),
      agents: list(model.agents).map(textOf),
      temperature: typeof model.temperature === 'number' ? model.temperature : null,
      sees: model.vision === true,
      isDemo: model.demo === true,
      isDefault: model.default === true,
    };
  });

function readAgent(value: unknown): Agent {
  const agent = record(value);
  const name = textOf(agent.name);
  return {
    name,
    label: textOf(agent.label) || name,
    models: list(agent.models).map(textOf),
    isDefault: agent.default === true,
  };
}
