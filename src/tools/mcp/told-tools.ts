// What is told of a workbench's tools to who only wants to read of them: the last list, and no long wait for a first one.
import type { Bilingual } from '../../words/bilingual.ts';
import type { OfferedTool, Tool, Workbench } from '../tool.ts';
import type { FewAtOnce } from './few-at-once.ts';
import { failures } from './mcp-failure.ts';
import type { McpWorkbench } from './mcp-workbench.ts';
import { ToolServerError } from './tool-server-error.ts';

/** `missing`: why there are none. */
export type ToldTools = { tools: readonly Tool[]; missing: readonly Bilingual[] };

export type RememberedTools = Workbench & { told(): Promise<ToldTools> };

/** How long a first list is waited for, from when it was asked for. */
const PATIENCE_MS = 1000;

/**
 * The workbench, and what it would tell: a list that anybody was given is kept, and nobody is asked for telling it before it
 * is outdated. `inTurn` says when somebody may be asked.
 */
export function rememberTools(workbench: McpWorkbench, inTurn: FewAtOnce): RememberedTools {
  let last: readonly OfferedTool[] | undefined;
  let asking: { since: number; answer: Promise<ToldTools> } | undefined;

  async function list(signal: AbortSignal): Promise<OfferedTool[]> {
    const listed = await workbench.list(signal);
    last = listed;
    return listed;
  }

  async function ask(): Promise<ToldTools> {
    try {
      return { tools: await inTurn(() => list(new AbortController().signal)), missing: [] };
    } catch (error) {
      const { reason } = error instanceof ToolServerError ? error : failures.notListed(error);
      return { tools: [], missing: [reason] };
    } finally {
      asking = undefined;
    }
  }

  return {
    list,
    close: workbench.close,
    async told() {
      if (last && !workbench.isOutdated()) return { tools: last, missing: [] };
      asking ??= { since: performance.now(), answer: ask() };
      const { since, answer } = asking;
      // Who asks while it is asked waits for the rest of that time alone.
      const { promise: late, resolve } = Promise.withResolvers<ToldTools>();
      const waiting = setTimeout(
        () =>
          resolve(last ? { tools: last, missing: [] } : { tools: [], missing: [failures.notYet().reason] }),
        Math.max(0, since + PATIENCE_MS - performance.now()),
      );
      try {
        return await Promise.race([answer, late]);
      } finally {
        clearTimeout(waiting);
      }
    },
  };
}
