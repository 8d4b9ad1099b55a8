// Who can be asked, and the models behind them.
import { createRoute, z } from '@hono/zod-openapi';
import { approvalRules } from '../../agent/tool-rules.ts';
import { json } from '../answers.ts';
import { createRouter } from '../router.ts';
import { answeredObject } from '../schemas/answer-fields.ts';
import { problems } from '../schemas/problem-schemas.ts';

const hint = z.boolean().optional();

const tool = z
  .object({
    name: z.string(),
    description: z.string(),
    parameters: answeredObject.openapi({ description: 'A JSON schema of the arguments, an object’s' }),
    annotations: z
      .object({
        title: z.string().optional(),
        readOnlyHint: hint,
        destructiveHint: hint,
        idempotentHint: hint,
        openWorldHint: hint,
      })
      .openapi({ description: 'What the tool says of itself, as MCP has it; what is left out is the worst' }),
    approval: z.enum(approvalRules).openapi({ description: 'Which of its calls wait for a person' }),
  })
  .openapi('AgentTool', { description: 'What an agent can call' });

const agent = z
  .object({
    name: z.string().openapi({ description: 'What it is called in requests, and as who it speaks' }),
    label: z.string().openapi({ description: 'What people read in place of the name' }),
    description: z.string().openapi({ description: 'What it is good for; may be empty' }),
    models: z.array(z.string()).openapi({ description: 'What answers for it' }),
    tools: z.array(tool),
    missing: z.array(z.string()).openapi({
      description: 'A sentence for each server whose tools are not among them: it could not be asked',
    }),
    default: z.boolean().openapi({ description: 'Whether it answers where none is named' }),
  })
  .openapi('Agent', {
    description: 'Who answers',
    example: {
      name: 'researcher',
      label: 'Researcher',
      description: 'Looks things up.',
      models: ['gpt-4o-mini'],
      tools: [
        {
          name: 'weather',
          description: 'Weather of a city',
          parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
          annotations: { readOnlyHint: true },
          approval: 'writes',
        },
      ],
      missing: [],
      default: true,
    },
  });

const model = z
  .object({
    name: z.string(),
    agents: z.array(z.string()).openapi({ description: 'Who answers with it' }),
    temperature: z.number().nullable().openapi({
      description: 'The highest that it takes; null: it takes none, and one of a session is ignored',
    }),
    demo: z.boolean().openapi({ description: 'Whether it is the one that is built in' }),
    vision: z.boolean().openapi({ description: 'Whether it sees images' }),
    default: z.boolean().openapi({ description: 'Whether it is the one of the default agent' }),
  })
  .openapi('Model', {
    description: 'A language model',
    example: {
      name: 'gpt-4o-mini',
      agents: ['researcher'],
      temperature: 2,
      demo: false,
      vision: true,
      default: true,
    },
  });

const listAgents = createRoute({
  method: 'get',
  path: '/agents',
  operationId: 'listAgents',
  tags: ['agents'],
  summary: 'Who can be asked',
  responses: { 200: json(z.array(agent), 'Those that the caller may ask, the default first'), ...problems() },
});

const listModels = createRoute({
  method: 'get',
  path: '/models',
  operationId: 'listModels',
  tags: ['agents'],
  summary: 'The models that answer',
  responses: { 200: json(z.array(model), 'Those of the agents that the caller may ask'), ...problems() },
});

export const agents = createRouter()
  .openapi(listAgents, async (c) => {
    const all = await c.get('chat').agents.list();
    return c.json(
      all.map(({ tools, missing, ...rest }) => ({
        ...rest,
        tools: [...tools],
        missing: missing.map((sentence) => sentence[c.get('locale')]),
      })),
      200,
    );
  })
  .openapi(listModels, async (c) => c.json(await c.get('chat').agents.models(), 200));
