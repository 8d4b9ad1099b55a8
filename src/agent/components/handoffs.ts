// Reads handoffs: the name of who goes on, or AutoGen's Handoff with what is said of it.
import { z } from 'zod';
import { isMapping, type Reading } from '../../models/config/component.ts';
import { createConfigReader } from '../../models/config/config-reader.ts';
import type { ConfigPath } from '../../models/config/config-source.ts';
import { text } from '../../models/config/config-values.ts';
import type { HandoffSource } from '../tool-source.ts';
import { toolName } from './values.ts';

const said = z.string({ error: 'a text' }).optional();
const handoff = z.object({ target: text, name: said, description: said, message: said });

export function readHandoff(value: unknown, path: ConfigPath, reading: Reading): HandoffSource {
  const { source, env, warnings } = reading;
  if (typeof value !== 'string' && !isMapping(value))
    throw source.error(path, 'a handoff must be the name of an agent, or a mapping with target');
  const isWrapped = isMapping(value) && 'provider' in value && isMapping(value.config);
  const given = typeof value === 'string' ? { target: value } : isWrapped ? value.config : value;
  const at = isWrapped ? [...path, 'config'] : path;
  const reader = createConfigReader(given ?? {}, at, source, env, warnings);
  const { target, name, description, message } = reader.read(handoff);
  // AutoGen's own words where there are none.
  const named = name || `transfer_to_${target}`.toLowerCase();
  const checked = toolName.safeParse(named);
  if (!checked.success)
    throw reader.error(
      name ? 'name' : 'target',
      `the handoff ${JSON.stringify(named)} needs ${checked.error.issues[0]?.message}, in name`,
    );
  return {
    kind: 'handoff',
    name: named,
    description: description || `Handoff to ${target}.`,
    target,
    message: message || `Transferred to ${target}, adopting the role of ${target} immediately.`,
  };
}
