// Several workbenches as one: of tools that are named alike the first counts, as in AutoGen.
import { errorResult, type Tool, type Workbench } from './tool.ts';

/**
 * `leftOut` is told of a workbench that cannot be listed: its tools are missing then. Without it `list` rejects with the
 * first such error, as an AutoGen agent does. A call reaches its tool whatever the other workbenches do.
 */
export function joinWorkbenches(
  workbenches: readonly Workbench[],
  leftOut?: (error: unknown) => void,
): Workbench {
  const listAll = (signal: AbortSignal) => Promise.allSettled(workbenches.map((one) => one.list(signal)));

  return {
    async list(signal) {
      const tools = new Map<string, Tool>();
      for (const listed of await listAll(signal)) {
        if (listed.status === 'rejected') {
          signal.throwIfAborted();
          if (!leftOut) throw listed.reason;
          leftOut(listed.reason);
        } else {
          for (const tool of listed.value) if (!tools.has(tool.name)) tools.set(tool.name, tool);
        }
      }
      return [...tools.values()];
    },
    async call(name, args, options) {
      let failed: unknown;
      // One after the other: none is asked that stands behind the one that has the tool.
      for (const workbench of workbenches) {
        try {
          const tools = await workbench.list(options.signal);
          if (tools.some((tool) => tool.name === name)) return workbench.call(name, args, options);
        } catch (error) {
          options.signal.throwIfAborted();
          failed ??= error;
        }
      }
      if (failed instanceof Error) return errorResult(failed.message);
      return errorResult(`Error: tool '${name}' not found in any workbench`);
    },
    async close() {
      await Promise.allSettled(workbenches.map((one) => one.close()));
    },
  };
}
