// Several workbenches as one: of tools that are named alike the first counts, as in AutoGen.
import type { OfferedTool, Workbench } from './tool.ts';

/**
 * `leftOut` is told of a workbench that cannot be listed: its tools are missing then. Without it `list` rejects with the
 * first such error, as an AutoGen agent does.
 */
export function joinWorkbenches(
  workbenches: readonly Workbench[],
  leftOut?: (error: unknown) => void,
): Workbench {
  return {
    async list(signal) {
      const tools = new Map<string, OfferedTool>();
      for (const listed of await Promise.allSettled(workbenches.map((one) => one.list(signal)))) {
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
    async close() {
      await Promise.allSettled(workbenches.map((one) => one.close()));
    },
  };
}
