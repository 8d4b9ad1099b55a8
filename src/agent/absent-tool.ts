// What stands for a tool that a call is of and that is not there: it says why, and keeps the rules that its file has for it.
import type { MissingServer } from '../tools/join-workbenches.ts';
import { errorResult, type ToolAnnotations, type ToolResult } from '../tools/tool.ts';
import { type ApprovalRule, type InterruptedRule, interruptedOf, type Rules } from './tool-rules.ts';

export type AbsentTool = {
  name: string;
  /** Whose it is; null where nobody knows. */
  server: string | null;
  /** `away`: its server cannot be reached just now. */
  presence: 'away' | 'gone';
  annotations: ToolAnnotations;
  approval: ApprovalRule;
  interrupted: InterruptedRule;
  call(): Promise<ToolResult>;
};

/** `missing`: the servers that could not be listed. */
export function absentTool(
  wanted: { name: string; server: string | null },
  missing: readonly MissingServer[],
  rules: Rules,
): AbsentTool {
  const { name } = wanted;
  const rule = rules.approval.find(({ tool }) => tool === name)?.rule;
  // A tool that the file names is one that there is: of the one server that is away.
  const server = wanted.server ?? (rule && missing.length === 1 ? (missing[0]?.server ?? null) : null);
  const away = missing.find((one) => one.server === server);
  const why = away
    ? `the server '${away.server}', which has the tool '${name}', cannot be reached just now. ${away.error.message}`
    : whyGone({ name, server }, missing);
  return {
    name,
    server,
    presence: away ? 'away' : 'gone',
    annotations: {},
    approval: (away && rule) ?? 'never',
    interrupted: away ? interruptedOf(rules.interrupted, name) : 'tell',
    call: async () => errorResult(`Error: ${why}`),
  };
}

function whyGone(
  { name, server }: { name: string; server: string | null },
  missing: readonly MissingServer[],
): string {
  if (server === '') return `tool '${name}' is not there any more. It was not called`;
  if (server !== null)
    return `the server '${server}', which the call was for, has no tool '${name}' any more. It was not called`;
  const away = missing.map((one) => ` The server '${one.server}' cannot be reached just now.`);
  return `tool '${name}' not found in any workbench${away.length > 0 ? `.${away.join('')}` : ''}`;
}
