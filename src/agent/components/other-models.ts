// Reads `models`: those that may be chosen for a message in place of the agent's own.
import { COMPONENT_KEYS, type Reading, readComponent } from '../../models/config/component.ts';
import type { ConfigPath } from '../../models/config/config-source.ts';
import type { AgentDescription, ModelChoice } from '../agent-description.ts';
import { readPrices } from '../prices.ts';
import { readModel, warnKeys } from './model-and-context.ts';

/** Model clients, each with `prices` beside it. Throws ModelConfigError, where two models have one name too. */
export function readOtherModels(
  value: unknown,
  path: ConfigPath,
  { model, tools }: Pick<AgentDescription, 'model' | 'tools'>,
  reading: Reading,
): ModelChoice[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw reading.source.error(path, 'models must be a list of model clients');
  const taken = new Set([model.name]);
  return value.map((one: unknown, index) => {
    const at = [...path, index];
    const component = readComponent(one, at, `models[${index}]`, reading);
    warnKeys(component.whole, at, [...COMPONENT_KEYS, 'prices'], reading);
    const other = readModel(component, [], reading);
    if (taken.has(other.name))
      throw reading.source.error(
        at,
        `two models of this agent are called ${other.name}: a message names the one that it wants`,
      );
    taken.add(other.name);
    if (tools.length > 0 && !other.callsTools)
      throw reading.source.error(
        at,
        `${other.name} does not support function calling, and this agent has tools. model_info.function_calling says so: correct it, or leave the model out`,
      );
    return { model: other, prices: readPrices(component.whole.prices, [...at, 'prices'], reading) };
  });
}
