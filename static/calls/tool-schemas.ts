// What the tools of the agents take, as far as the server tells it.
import { list, record, textOf } from '../api/json.ts';
import { requestJson } from '../api/request.ts';

export type ToolSchema = { description: string; parameters: unknown };

let read: Promise<unknown[]> | null = null;

/** Undefined where nobody knows the tool, or two agents have different ones of that name. */
export async function toolSchema(name: string): Promise<ToolSchema | undefined> {
  read ??= requestJson('api/agents').then(list);
  try {
    return schemaIn(await read, name);
  } catch {
    // The arguments can be changed without it.
    read = null;
    return undefined;
  }
}

function schemaIn(agents: readonly unknown[], name: string): ToolSchema | undefined {
  const tools = agents.flatMap((agent) => list(record(agent).tools).map(record));
  const [first, ...others] = tools.filter((tool) => tool.name === name);
  const parameters = JSON.stringify(first?.parameters);
  if (!first || others.some((other) => JSON.stringify(other.parameters) !== parameters)) return undefined;
  return { description: textOf(first.description), parameters: first.parameters };
}
