// What the harness reads of the server's answers.
import { z } from 'zod';
import { turnStatuses } from '../../words/turn-status.ts';

const text = z.string();

export const message = z.object({
  id: text,
  role: z.enum(['user', 'assistant']),
  source: text,
  content: text,
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
