// What the harness reads of the server's answers.
import { z } from 'zod';
import { turnStatuses } from '../../words/turn-status.ts';

const text = z.string();

const call = z.object({ id: text, name: text, arguments: text });
export const result = z.object({ call_id: text, name: text, content: text, is_error: z.boolean() });
export type Call = z.output<typeof call>;
export type Result = z.output<typeof result>;

/** What a message holds as one text, whatever its type: calls and results by their fields in this order. */
const content = z.union([
  text,
  z
    .array(call.transform(({ id, name, arguments: given }) => [id, name, given]))
    .min(1)
    .transform(shown),
  z.array(result.transform((one) => [one.call_id, one.name, one.is_error, one.content])).transform(shown),
]);

function shown(list: unknown[]): string {
  return JSON.stringify(list);
}

/** What a row has beside its text. */
export const stepData = z.object({
  calls: z.array(call).optional(),
  results: z.array(result).optional(),
  requests: z.array(z.object({ id: text })).optional(),
});
export type StepData = z.output<typeof stepData>;

/** The content of the message that a row is. */
export const contentOf = (row: { type: string; content: string; data: StepData | null }): string => {
  if (row.type === 'ToolCallRequestEvent') return content.parse(row.data?.calls);
  return row.type === 'ToolCallExecutionEvent' ? content.parse(row.data?.results) : row.content;
};

/** A step between question and reply, that only who asks for it is told. */
export const isEvent = ({ type }: { type: string }): boolean =>
  type === 'ToolCallRequestEvent' || type === 'ToolCallExecutionEvent';

export const message = z.object({
  id: text,
  role: z.enum(['user', 'assistant']),
  source: text,
  type: text,
  content,
  thought: text.optional(),
  metadata: z.record(text, z.unknown()),
});

/** A problem object, or anything else an error may come with. */
export const problem = z
  .object({ type: text, detail: text })
  .catch({ type: 'none', detail: 'no problem object' })
  .transform(({ type, detail }) => ({ code: type.split(':').at(-1) ?? '', detail }));

export const turn = z.object({
  id: text,
  status: z.enum(turnStatuses),
  user_message: message,
  reply: message.nullable(),
  error: problem.nullable(),
  attempt: z.number(),
});

export const session = z.object({ id: text, message_count: z.number() });

export type Message = z.infer<typeof message>;
export type Turn = z.infer<typeof turn>;
