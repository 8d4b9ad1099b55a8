// AutoGen's StaticWorkbench: tools that are always the same.
import {
  type CallOptions,
  errorResult,
  type OfferedTool,
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
  const byName = new Map<string, OfferedTool>();
  for (const { run, ...tool } of tools) {
    const { name, description } = overrides[tool.name] ?? {};
    const shown = { ...tool, name: name ?? tool.name, description: description ?? tool.description };
    if (byName.has(shown.name)) throw new Error(`Two tools of one workbench are named '${shown.name}'.`);
    byName.set(shown.name, { ...shown, call: callOf(run) });
  }
  const listed = [...byName.values()];
  return { list: async () => listed, close: async () => {} };
}

const callOf =
  (run: StaticTool['run']): OfferedTool['call'] =>
  async (args, options) => {
    options.signal.throwIfAborted();
    try {
      return await run(args, options);
    } catch (error) {
      options.signal.throwIfAborted();
      return errorResult(error instanceof Error ? error.message : String(error));
    }
  };
