// AutoGen's StaticWorkbench: tools that are always the same.
import {
  type CallOptions,
  errorResult,
  type Tool,
  type ToolOverrides,
  type ToolResult,
  type Workbench,
} from './tool.ts';

/** A tool that runs here. What `run` throws is the text of an error result. */
export type StaticTool = Tool & {
  run(args: Record<string, unknown>, options: CallOptions): Promise<ToolResult>;
};

/** Throws, as AutoGen does, where two tools would have one name. */
export function createStaticWorkbench(
  tools: readonly StaticTool[],
  overrides: ToolOverrides = {},
): Workbench {
  const byName = new Map<string, StaticTool>();
  for (const tool of tools) {
    const { name, description } = overrides[tool.name] ?? {};
    const shown = { ...tool, name: name ?? tool.name, description: description ?? tool.description };
    if (byName.has(shown.name)) throw new Error(`Two tools of one workbench are named '${shown.name}'.`);
    byName.set(shown.name, shown);
  }
  const listed = [...byName.values()].map(({ run: _, ...tool }): Tool => tool);

  return {
    list: async () => listed,
    async call(name, args, options) {
      options.signal.throwIfAborted();
      const tool = byName.get(name);
      if (!tool) return errorResult(`Tool ${name} not found.`);
      try {
        return await tool.run(args, options);
      } catch (error) {
        options.signal.throwIfAborted();
        return errorResult(error instanceof Error ? error.message : String(error));
      }
    },
    close: async () => {},
  };
}
