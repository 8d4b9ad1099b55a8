// Testing a model before it is written into a file: for an admin, and never kept.
import { createRoute, z } from '@hono/zod-openapi';
import { json } from '../answers.ts';
import { fromHereAlone } from '../origin.ts';
import { createRouter } from '../router.ts';
import { broken, text } from '../schemas/fields.ts';
import { byBody, problems } from '../schemas/problem-schemas.ts';

const providers = [
  'OpenAIChatCompletionClient',
  'AzureOpenAIChatCompletionClient',
  'AnthropicChatCompletionClient',
  'OllamaChatCompletionClient',
] as const;

/** Where clouds keep the secrets of their machines: no model is there. */
const metadataServices = /^(169\.254\.|\[fe80:|\[fd00:ec2:|metadata\.|100\.100\.100\.200$)/i;

const address = text(1, 500)
  .refine(isModelServer, broken({ rule: 'model_address' }))
  .optional();

function isModelServer(value: string): boolean {
  if (!/^https?:\/\//i.test(value) || !URL.canParse(value)) return false;
  return !metadataServices.test(new URL(value).hostname);
}

/** A file's placeholders are not filled in here. */
const value = text(1, 1000).refine((given) => !given.includes('${'), broken({ rule: 'no_placeholder' }));

const wanted = z
  .object({
    provider: z.enum(providers),
    config: z.object({
      model: value,
      api_key: value.optional(),
      base_url: address,
      host: address,
      azure_endpoint: address,
      azure_deployment: value.optional(),
      api_version: value.optional(),
    }),
  })
  .openapi('ModelToTest', {
    description: 'As the model’s file has it; nothing of it is kept',
    example: {
      provider: 'OpenAIChatCompletionClient',
      config: { model: 'gpt-4o-mini', api_key: 'sk-…' },
    },
  });

const tested = z
  .object({
    works: z.boolean(),
    reason: z.string().nullable().openapi({ description: 'Why it does not, in the caller’s language' }),
  })
  .openapi('ModelTest', {
    description: 'Whether a model answers',
    example: { works: true, reason: null },
  });

const test = createRoute({
  method: 'post',
  path: '/test',
  operationId: 'testModel',
  tags: ['admin'],
  summary: 'Ask a model one short question, with what is to be written into its file',
  request: { body: { required: true, content: { 'application/json': { schema: wanted } } } },
  responses: {
    200: json(tested, 'What came of it'),
    ...problems('model_tests_limited', ...byBody),
  },
});

/** What says that somebody passed a request on. */
const passedOn = ['x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'forwarded', 'via'];

export const adminModels = createRouter().openapi(test, async (c) => {
  // Whatever pages may call otherwise.
  fromHereAlone(c);
  const { provider, config } = c.req.valid('json');
  const at = config.base_url ?? config.azure_endpoint ?? config.host;
  const reason = await c.get('chat').testModel(
    { provider, config },
    {
      isDirect: passedOn.every((name) => c.req.header(name) === undefined),
      address: at === undefined ? config.model : new URL(at).host,
      signal: c.req.raw.signal,
    },
  );
  c.header('Cache-Control', 'no-store');
  return c.json({ works: reason === undefined, reason: reason?.[c.get('locale')] ?? null }, 200);
});
