// Tools that a test makes, and counts the calls of.

import { ToolServerError } from '../tools/mcp/tool-server-error.ts';
import {
  type CallOptions,
  errorResult,
  type OfferedTool,
  type ToolAnnotations,
  type ToolResult,
  textResult,
  type Workbench,
} from '../tools/tool.ts';

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
        ([name, { annotations = {}, run }]): OfferedTool => ({
          name,
          description: `the tool ${name}`,
          parameters: { type: 'object', properties: {} },
          annotations,
          async call(args, options) {
            calls.push({ name, args, key: options.idempotencyKey });
            try {
              return textResult((await run?.(args, options)) ?? `${name} done`);
            } catch (error) {
              options.signal.throwIfAborted();
              return errorResult(error instanceof Error ? error.message : '');
            }
          },
        }),
      ),
    close: async () => {},
  };
}

/** Calls the tool that has this name now, as a step of a turn does; where there is none, that is an error result. */
export async function callTool(
  workbench: Workbench,
  name: string,
  args: Record<string, unknown>,
  options: CallOptions,
): Promise<ToolResult> {
  try {
    const tool = (await workbench.list(options.signal)).find((one) => one.name === name);
    return (await tool?.call(args, options)) ?? errorResult(`Tool ${name} not found.`);
  } catch (error) {
    if (!(error instanceof ToolServerError)) throw error;
    return errorResult(error.message);
  }
}
