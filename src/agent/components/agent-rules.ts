// Reads a word that holds for all of an agent's tools, or a map from their names to such words.
import { isMapping, type Reading } from '../../models/config/component.ts';
import type { ConfigPath } from '../../models/config/config-source.ts';
import { inOrder, type ToolRules } from '../tool-rules.ts';

/** Undefined where nothing is said. */
export function readRules<T extends string>(
  value: unknown,
  path: ConfigPath,
  words: readonly T[],
  { source }: Reading,
): ToolRules<T> | undefined {
  if (value === undefined || value === null) return undefined;
  const key = String(path.at(-1));
  const may = words.join(', ').replace(/, ([^,]*)$/, ' or $1');
  const wordOf = (found: unknown) => words.find((word) => word === found);
  const all = wordOf(value);
  if (all !== undefined) return [{ tool: '*', rule: all }];
  if (!isMapping(value)) throw source.error(path, `${key} must be ${may}, or a mapping of tools to these`);
  return inOrder(
    Object.entries(value).map(([tool, found]) => {
      const rule = wordOf(found);
      if (rule === undefined) throw source.error([...path, tool], `${key} of ${tool} must be ${may}`);
      return { tool, rule };
    }),
  );
}
