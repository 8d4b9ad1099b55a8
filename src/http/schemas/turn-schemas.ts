// Turns on the wire: a message and what became of it.
import { z } from '@hono/zod-openapi';
import { turnStatuses } from '../../words/turn-status.ts';
import { exampleId, exampleTime, id, orNull, time } from './answer-fields.ts';
import { turnContext } from './context-schema.ts';
import { callOutcome, exampleReply, message, newMessage } from './message-schemas.ts';
import { turnProblem } from './problem-schemas.ts';

export const turnStatus = z.enum(turnStatuses);

const { thought: _, ...said } = exampleReply;

export const turn = z
  .object({
    id,
    session_id: id,
    status: turnStatus,
    agent: z.string().openapi({ description: 'Who answers, or answered' }),
    user_message: message,
    reply: orNull(message),
    error: orNull(turnProblem),
    attempt: z.number().int().openapi({ description: 'How often it was begun' }),
    created_at: time,
    finished_at: orNull(time),
  })
  .openapi('Turn', {
    description: 'A message and the work of answering it',
    example: {
      id: exampleId,
      session_id: exampleId,
      status: 'completed',
      agent: 'assistant',
      user_message: {
        ...said,
        role: 'user',
        source: 'user',
        content: 'Hello',
        models_usage: null,
        metadata: {},
      },
      reply: exampleReply,
      error: null,
      attempt: 1,
      created_at: exampleTime,
      finished_at: exampleTime,
    },
  });

export const newAnswer = z
  .object({
    agent: newMessage.shape.agent.openapi({
      type: ['string', 'null'],
      description: 'Who answers; without it, who answered',
    }),
    model: newMessage.shape.model.openapi({
      type: ['string', 'null'],
      description: 'The model for this answer, one of the agent’s `models`',
    }),
  })
  .openapi('NewAnswer', { description: 'Who is to answer again', example: { model: 'gpt-4o' } });

export const turnDetail = turn
  .extend({
    context: turnContext.optional().openapi({ description: 'With `context=true`' }),
    outcomes: z.array(callOutcome).optional().openapi({ description: 'With `outcomes=true`' }),
  })
  .openapi('TurnDetail', {
    description: 'A turn, and if asked for what its model was sent and what became of its calls',
  });
