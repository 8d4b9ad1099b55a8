// Tools that a test makes, and counts the calls of.
import type { CallOptions, Tool, ToolAnnotations, ToolResult, Workbench } from '../tools/tool.ts';

export type TestTool = {
  annotations?: ToolAnnotations;
  run?(args: Record<string, unknown>, options: CallOptions): Promise<string> | string;
};

/** What was called, in order. */
export type TestWorkbench = Workbench & {
  calls: { name: string; args: Record<string, unknown>; key: string }[];
};

/** Tools by their names, which take anything. One that throws gives an error. */
export function testWorkbench(tools: Record<string, TestTool>): TestWorkbench {
  const calls: TestWorkbench['calls'] = [];
  return {
    calls,
    list: async () =>
      Object.entries(tools).map(
        ([name, { annotations = {} }]): Tool => ({
          name,
          description: `the tool ${name}`,
          parameters: { type: 'object', properties: {} },
          annotations,
        }),
      ),
    async call(name, args, options): Promise<ToolResult> {
      calls.push({ name, args, key: options.idempotencyKey });
      try {
        const text = (await tools[name]?.run?.(args, options)) ?? `${name} done`;
        return { parts: [{ type: 'text', text }], isError: false };
      } catch (error) {
        options.signal.throwIfAborted();
        return {
          parts: [{ type: 'text', text: error instanceof Error ? error.message : '' }],
          isError: true,
        };
      }
    },
    close: async () => {},
  };
}
