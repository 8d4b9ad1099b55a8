// Sessions on the wire.
import { z } from '@hono/zod-openapi';
import { highestTemperature, longestInstructions } from '../../words/instructed.ts';
import { answeredObject, exampleId, exampleTime, id, time } from './answer-fields.ts';
import { anyObject, broken, metadata, storableFault, text, uuid } from './fields.ts';

const exampleSession = {
  id: exampleId,
  name: 'Hello',
  created_at: exampleTime,
  updated_at: exampleTime,
  message_count: 2,
  metadata: {},
};

export const session = z
  .object({
    id,
    name: z.string(),
    agent: z.string().optional().openapi({ description: 'Who answers; left out: the default one' }),
    instructions: z.string().optional().openapi({
      description: 'What stands behind the instructions of who answers; left out: nothing',
    }),
    temperature: z.number().optional().openapi({
      description: 'What models that take one are asked with; left out: as the agent has it',
    }),
    created_at: time,
    updated_at: time,
    message_count: z.number().int(),
    metadata: answeredObject.openapi({ description: 'An object of the caller’s own' }),
  })
  .openapi('Session', { description: 'One conversation', example: exampleSession });

/** AutoGen's state as it is answered; requests are read by the chat's own schema. */
const agentState = z
  .object({
    type: z.literal('AssistantAgentState'),
    version: z.literal('1.0.0'),
    llm_context: z.object({ messages: z.array(answeredObject) }),
  })
  .openapi('AssistantAgentState', { description: 'The whole conversation, as AutoGen saves it' });

export const sessionDetail = session.extend({ agent_state: agentState }).openapi('SessionDetail', {
  description: 'A session with the agent’s state',
  example: {
    ...exampleSession,
    agent_state: {
      type: 'AssistantAgentState',
      version: '1.0.0',
      llm_context: {
        messages: [
          { content: 'Hello', source: 'user', type: 'UserMessage' },
          { content: 'Hi!', thought: null, source: 'assistant', type: 'AssistantMessage' },
        ],
      },
    },
  },
});

/** What a session says to who answers; an empty text, or null, takes it back. */
const instructed = {
  instructions: text(0, longestInstructions)
    .transform((value) => (value.trim() === '' ? null : value))
    .nullish()
    .openapi({
      type: ['string', 'null'],
      maxLength: longestInstructions,
      description:
        'Stands behind the instructions of who answers, from the next turn on; null or empty: nothing',
    }),
  temperature: z
    .number()
    .refine(
      (value) => value >= 0 && value <= highestTemperature,
      broken({ rule: 'between', minimum: 0, maximum: highestTemperature }),
    )
    .nullish()
    .openapi({
      type: ['number', 'null'],
      minimum: 0,
      maximum: highestTemperature,
      description: 'What models that take one are asked with; null: as the agent has it',
    }),
};

export const newSession = z
  .object({
    name: text(1, 100)
      .nullish()
      .openapi({ type: ['string', 'null'], description: 'Without it, the first message gives a name' }),
    agent: text(1, 100)
      .nullish()
      .openapi({ type: ['string', 'null'], description: 'Who answers; null: the default one' }),
    ...instructed,
    metadata: metadata.nullish().openapi({ type: ['object', 'null'], description: 'An object of your own' }),
    agent_state: anyObject((value) => storableFault(value, 64))
      .nullish()
      .openapi({ description: 'An AutoGen AssistantAgentState to go on from', type: ['object', 'null'] }),
  })
  .openapi('NewSession', {
    description: 'What a session may begin with',
    example: { name: 'Trip to Xi’an', metadata: { team: 'blue' } },
  });

export const sessionChange = z
  .object({
    name: text(1, 100).optional(),
    agent: text(1, 100)
      .nullable()
      .optional()
      .openapi({ type: ['string', 'null'], description: 'Who answers; null: the default one' }),
    ...instructed,
    metadata: metadata.optional().openapi({ description: 'Replaces the whole object' }),
    agent_state: z
      .custom<null>((value) => value === null, broken({ rule: 'only_when_made' }))
      .optional()
      .openapi({ type: 'null', description: 'Cannot be changed: it is given when a session is made' }),
    leaf_id: uuid.optional().openapi({
      description: 'Goes to the version with this message, and to what was said last behind it',
    }),
  })
  .openapi('SessionChange', {
    description: 'What changes; what is left out stays',
    example: { name: 'Greetings' },
  });

export const newFork = z
  .object({ message_id: uuid.openapi({ description: 'The last message that it takes along' }) })
  .openapi('NewFork', {
    description: 'Up to where a session is copied',
    example: { message_id: exampleId },
  });

export const deleted = z.object({ success: z.literal(true), message: z.string() }).openapi('Deleted', {
  description: 'That a session is gone, in the caller’s language',
  example: { success: true, message: 'Session deleted' },
});
