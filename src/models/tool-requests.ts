// How what is asked for beside a reply is said in each protocol: tools that may be called, its form, a temperature.
import { type Fields, isObject, listOf } from './config/fields.ts';
import type { Asking, ToolSchema } from './model.ts';
import { strictSchema } from './openai/strict-schema.ts';
import type { ToolNames } from './tool-names.ts';

/** A tool's arguments as all servers take them: an object's schema with properties, even if there are none. */
const argumentsSchema = ({ parameters }: ToolSchema): Fields => ({
  type: 'object',
  properties: {},
  ...parameters,
});

/** The tools of chat completions; Ollama has the same. */
export function functionTools({ tools = [] }: Asking, names: ToolNames): Fields[] {
  return tools.map((tool) => ({
    type: 'function',
    function: {
      name: names.sent(tool.name),
      description: tool.description,
      parameters: argumentsSchema(tool),
      ...(tool.strict === undefined ? {} : { strict: tool.strict }),
    },
  }));
}

/** What of the body of a chat completion is asked for. `extra` is what the configuration puts there last. */
export function completionAsking(asking: Asking, names: ToolNames, extra: Fields): Fields {
  const tools = functionTools(asking, names);
  const { output, toolChoice = 'auto', temperature } = asking;
  return {
    ...(temperature === undefined ? {} : { temperature }),
    ...(tools.length === 0 ? {} : { tools: [...tools, ...listOf(extra.tools)], tool_choice: toolChoice }),
    ...(output ? { response_format: { type: 'json_schema', json_schema: completionFormat(output) } } : {}),
  };
}

/** Held to where the schema can be told strictly; else the model is only shown it. */
function completionFormat({ name, schema }: NonNullable<Asking['output']>): Fields {
  const strict = strictSchema(schema);
  return strict ? { name, schema: strict, strict: true } : { name, schema };
}

const ANTHROPIC_CHOICES = { auto: 'auto', none: 'none', required: 'any' } as const;

/** What of the body of an Anthropic request is asked for. */
export function anthropicAsking(asking: Asking, names: ToolNames, extra: Fields): Fields {
  const { tools = [], toolChoice = 'auto', output, temperature } = asking;
  const own = tools.map((tool) => ({
    name: names.sent(tool.name),
    description: tool.description,
    input_schema: argumentsSchema(tool),
  }));
  const format = output && { type: 'json_schema', schema: strictSchema(output.schema) ?? output.schema };
  const config = isObject(extra.output_config) ? extra.output_config : {};
  return {
    // It takes one of the two.
    ...(temperature === undefined ? {} : { temperature, top_p: undefined }),
    ...(own.length === 0
      ? {}
      : { tools: [...own, ...listOf(extra.tools)], tool_choice: { type: ANTHROPIC_CHOICES[toolChoice] } }),
    ...(format ? { output_config: { ...config, format } } : {}),
  };
}
