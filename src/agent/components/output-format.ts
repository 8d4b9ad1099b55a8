// Reads what AutoGen writes of an `output_content_type`: the JSON schema that replies have to follow.
import { z } from 'zod';
import { entryFor, type Reading, readComponent, readerFor } from '../../models/config/component.ts';
import type { ReadConfig } from '../../models/config/config-reader.ts';
import type { ConfigPath } from '../../models/config/config-source.ts';
import { mapping } from '../../models/config/config-values.ts';
import type { OutputFormat } from '../agent-description.ts';
import { structuredReader } from '../structured-reply.ts';
import { toolName } from './values.ts';

const factory = z.object({
  json_schema: mapping,
  format_string: z.string({ error: 'a text' }).optional(),
  content_model_name: toolName,
});

export function readOutput(value: unknown, path: ConfigPath, reading: Reading): OutputFormat | undefined {
  if (value === undefined) return undefined;
  const component = readComponent(value, path, 'structured_message_factory', reading);
  const output = entryFor(component, factories, [], reading)(readerFor(component, reading).read);
  try {
    structuredReader(output);
  } catch {
    throw reading.source.error(
      [...path, 'config', 'json_schema'],
      'json_schema is no JSON schema that replies can be checked by: it may refer to its own $defs alone, and have no conditions (if, not)',
    );
  }
  return output;
}

const factories: Record<string, (read: ReadConfig) => OutputFormat> = {
  StructuredMessageFactory(read) {
    const { json_schema: schema, format_string: format, content_model_name: name } = read(factory);
    return { name, schema, format };
  },
};
