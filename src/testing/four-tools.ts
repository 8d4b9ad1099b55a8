// An agent whose model asks for four tools at once: one that may not be made twice, one that keeps the key of a call, one
// that only reads, and one that a person has to allow. Their effects are rows.
import { sql } from 'drizzle-orm';
import type { Agent } from '../agent/agent.ts';
import { defaultLoop } from '../agent/agent-description.ts';
import { createAssistant } from '../agent/assistant.ts';
import { DEFAULT_CONTEXT_POLICY } from '../agent/context-policy.ts';
import type { Database } from '../db/database.ts';
import type { LlmMessage } from '../models/messages.ts';
import type { ChatModel } from '../models/model.ts';
import { callFor, type Step, say } from './scripted-model.ts';
import { testWorkbench } from './workbench.ts';

export const fourToolsName = 'four-tools';
export const fourTools = ['once', 'keyed', 'reads', 'write'] as const;

/** `who` ends it as soon as it is shown what came of the calls. */
export const fourCallsBy =
  (who: string) =>
  (messages: readonly LlmMessage[]): Step[] =>
    messages.at(-1)?.type === 'FunctionExecutionResultMessage'
      ? say([`${who} `, 'has seen it'])
      : callFor(fourTools.map((name) => [name, `{"tool":"${name}"}`]));

/** `by` makes the calls; `point` is passed before and after each effect. */
export function fourToolsAgent(
  { db }: Database,
  { model, by, point = () => {} }: { model: ChatModel; by: string; point?: (name: string) => void },
): Agent {
  const tool = (name: (typeof fourTools)[number], annotations = {}) => ({
    annotations,
    async run(_: object, { idempotencyKey: key }: { idempotencyKey: string }) {
      point(`before making ${name}`);
      if (name === 'keyed')
        await db.execute(sql`insert into keyed_effects values (${key}, ${by}) on conflict do nothing`);
      else if (name !== 'reads') await db.execute(sql`insert into effects values (${key}, ${by})`);
      point(`after making ${name}`);
      return `${name} by ${by}`;
    },
  });
  return createAssistant({
    name: fourToolsName,
    model,
    systemMessage: null,
    contextPolicy: DEFAULT_CONTEXT_POLICY,
    loop: { ...defaultLoop, maxToolIterations: 2 },
    approval: [
      { tool: 'once', rule: 'never' },
      { tool: 'keyed', rule: 'never' },
    ],
    workbench: testWorkbench({
      once: tool('once'),
      keyed: tool('keyed', { idempotentHint: true }),
      reads: tool('reads', { readOnlyHint: true }),
      write: tool('write'),
    }),
  });
}
