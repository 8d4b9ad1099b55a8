// What a model was sent, on the wire.
import { z } from '@hono/zod-openapi';
import { answeredObject } from './answer-fields.ts';

const parts = z.array(z.union([z.string(), answeredObject]));

/** What was left out, and by what. */
const cut = {
  left_out: z
    .object({
      by_policy: z.number().int(),
      by_model_limit: z.number().int(),
      empty: z.number().int(),
    })
    .openapi({ description: 'How many messages of the conversation were not sent' }),
  policy: z
    .object({
      name: z.enum(['unbounded', 'buffered', 'head_and_tail', 'token_limited', 'newest_that_fit']),
      buffer_size: z.number().optional(),
      head_size: z.number().optional(),
      tail_size: z.number().optional(),
      token_limit: z.number().optional(),
    })
    .openapi({ description: 'The model_context of the configuration' }),
  model_limit: z
    .number()
    .int()
    .nullable()
    .openapi({ description: 'Tokens that the model’s server takes, where it said so and that cut this' }),
};

/** What the next message would be answered with. */
export const sessionContext = z
  .object({
    agent: z.string().openapi({ description: 'Who would answer' }),
    model: z.string(),
    estimated_tokens: z
      .number()
      .int()
      .openapi({ description: 'Of what would be sent before the message: an estimate, without tools' }),
    token_limit: z
      .number()
      .nullable()
      .openapi({ description: 'How many tokens of a conversation are sent at most, where that is known' }),
    sent: z.number().int().openapi({ description: 'How many messages would be sent before it' }),
    ...cut,
    usage: z
      .object({
        prompt_tokens: z.number(),
        completion_tokens: z.number(),
        cost: z.number().openapi({ description: 'By the prices of then, in their unit' }),
      })
      .optional()
      .openapi({ description: 'Of all replies in the session, with `usage=true`' }),
  })
  .openapi('SessionContext', {
    description: 'What the next message of a session would be answered with',
    example: {
      agent: 'assistant',
      model: 'gpt-4o-mini',
      estimated_tokens: 1830,
      token_limit: 32_000,
      sent: 14,
      left_out: { by_policy: 0, by_model_limit: 0, empty: 0 },
      policy: { name: 'newest_that_fit', token_limit: 32_000 },
      model_limit: null,
    },
  });

export const turnContext = z
  .object({
    messages: z.array(
      z.object({
        role: z.enum(['system', 'user', 'assistant', 'tool']),
        source: z.string().nullable(),
        content: z.union([z.string(), parts]).openapi({
          description: 'Text, or as in AutoGen’s state: text and images, calls of tools, their results',
        }),
        thought: z.string().optional().openapi({ description: 'What was said beside calls of tools' }),
      }),
    ),
    estimated_tokens: z.number().int(),
    ...cut,
  })
  .openapi('TurnContext', { description: 'What the model was sent, and how much was left out' });
