// Several workbenches as one: of tools that are named alike the first counts, as in AutoGen.
import { failures } from './mcp/mcp-failure.ts';
import { ToolServerError } from './mcp/tool-server-error.ts';
import type { OfferedTool, Workbench } from './tool.ts';

/** `server`: what the server is called whose tools it has, '' of tools that need none. */
export type NamedWorkbench = Workbench & { server?: string };
/** A tool, and the server that has it. */
export type ServedTool = OfferedTool & { server: string };
/** A server that could not be listed, and why. */
export type MissingServer = { server: string; error: ToolServerError };
/** All tools, also those that another hides, in order. */
export type Inventory = { tools: ServedTool[]; missing: MissingServer[] };

export type JoinedWorkbench = Workbench & { inventory(signal: AbortSignal): Promise<Inventory> };

/**
 * `leftOut` is told of a workbench that cannot be listed: its tools are missing then. Without it `list` rejects with the
 * first such error, as an AutoGen agent does.
 */
export function joinWorkbenches(
  workbenches: readonly NamedWorkbench[],
  leftOut?: (error: unknown, server: string) => void,
): JoinedWorkbench {
  async function inventory(signal: AbortSignal): Promise<Inventory> {
    const all: Inventory = { tools: [], missing: [] };
    const listed = await Promise.allSettled(workbenches.map((one) => one.list(signal)));
    for (const [index, { server = '' }] of workbenches.entries()) {
      const its = listed[index];
      if (its?.status === 'fulfilled') all.tools.push(...its.value.map((tool) => ({ ...tool, server })));
      else {
        signal.throwIfAborted();
        if (!leftOut) throw its?.reason;
        leftOut(its?.reason, server);
        all.missing.push({ server, error: whyOf(its?.reason) });
      }
    }
    return all;
  }

  return {
    inventory,
    list: async (signal) => firstOfEachName((await inventory(signal)).tools),
    async close() {
      await Promise.allSettled(workbenches.map((one) => one.close()));
    },
  };
}

const whyOf = (error: unknown): ToolServerError =>
  error instanceof ToolServerError ? error : failures.notListed(error);

export function firstOfEachName<T extends { name: string }>(tools: readonly T[]): T[] {
  const byName = new Map<string, T>();
  for (const tool of tools) if (!byName.has(tool.name)) byName.set(tool.name, tool);
  return [...byName.values()];
}
