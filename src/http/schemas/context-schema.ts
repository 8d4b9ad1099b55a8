// What a model was sent, on the wire.
import { z } from '@hono/zod-openapi';
import { answeredObject } from './answer-fields.ts';

const parts = z.array(z.union([z.string(), answeredObject]));

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
  })
  .openapi('TurnContext', { description: 'What the model was sent, and how much was left out' });
