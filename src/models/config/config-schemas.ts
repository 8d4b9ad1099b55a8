// What may stand in the `config` of each model client: AutoGen's keys. An error says what a value must be.
import { z } from 'zod';
import { address, headers, looseBoolean, looseNumber, mapping, text } from './config-values.ts';

const number = looseNumber('a number');
const wholeNumber = looseNumber('a whole number', Number.isInteger);
const count = looseNumber('a whole number, 0 or more', (value) => Number.isInteger(value) && value >= 0);
const aboveZero = looseNumber('a whole number above 0', (value) => Number.isInteger(value) && value > 0);
const seconds = looseNumber('a number of seconds above 0', (value) => value > 0);
const stop = z.union([z.string(), z.array(z.string())], { error: 'a text or a list of texts' });
const temperature = looseNumber('a number of 0 or more, mostly up to 2', (value) => value >= 0);
const share = looseNumber('a number from 0 to 1', (value) => value >= 0 && value <= 1);

const RESPONSE_FORMATS = ['text', 'json_object', 'json_schema'];
const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

function oneOf(names: readonly string[]) {
  const error = `one of ${names.join(', ')}`;
  return z.string({ error }).refine((value) => names.includes(value), { error });
}

/** What must not be there, and why. */
function leftOut(why: string) {
  return z.undefined({ error: `left out: ${why}` }).optional();
}

/** A key as a header can carry it; `''` is left for the caller to take as missing. */
const key = z
  .string({ error: 'a text (put it in quotes)' })
  .trim()
  .regex(/^[\x21-\x7e]*$/, { error: 'a text without spaces, of the characters a key may have' });

/** Sent to the server as they are: AutoGen's create args, and what else OpenAI takes of use for a text. */
const createArgs = {
  frequency_penalty: number.optional(),
  logit_bias: z.record(z.string(), number, { error: 'a mapping of tokens to numbers' }).optional(),
  max_completion_tokens: aboveZero.optional(),
  max_tokens: aboveZero.optional(),
  metadata: mapping.optional(),
  n: leftOut('a turn has one reply'),
  prediction: mapping.optional(),
  presence_penalty: number.optional(),
  prompt_cache_key: text.optional(),
  prompt_cache_retention: text.optional(),
  response_format: z
    .looseObject({ type: oneOf(RESPONSE_FORMATS) }, { error: 'a mapping with type' })
    .optional(),
  safety_identifier: text.optional(),
  seed: wholeNumber.optional(),
  service_tier: text.optional(),
  stop: stop.optional(),
  store: looseBoolean.optional(),
  temperature: temperature.optional(),
  top_p: share.optional(),
  user: text.optional(),
  verbosity: text.optional(),
  web_search_options: mapping.optional(),
  stream_options: z
    .looseObject({ include_usage: looseBoolean.optional() }, { error: 'a mapping' })
    .optional(),
  parallel_tool_calls: looseBoolean.optional(),
  reasoning_effort: oneOf(EFFORTS).optional(),
};

/** The keys that go into the request's body. */
export const CREATE_ARG_NAMES: readonly string[] = Object.keys(createArgs);

const MADE_HERE = 'it is made of the conversation';

/** What a turn relies on. */
const reservedNames = {
  model: leftOut('set `model` instead'),
  messages: leftOut(MADE_HERE),
  stream: leftOut('a reply is always streamed'),
  n: leftOut('a turn has one reply'),
};

/** A server's own parameters, put into the request's body last. */
const extraBody = z.looseObject(reservedNames, { error: 'a mapping' });

/** Of AutoGen's `model_info` counts what the model can do, and `multiple_system_messages`. */
const base = {
  model: text,
  extra_body: extraBody.optional(),
  extra_headers: headers.optional(),
  timeout: seconds.optional(),
  max_retries: count.optional(),
  model_info: mapping.optional(),
  model_capabilities: mapping.optional(),
};

const messageOptions = {
  add_name_prefixes: looseBoolean.optional(),
  include_name_in_message: looseBoolean.optional(),
};

const baseUrl = z.preprocess((value) => (value === '' ? undefined : value), address.optional());

const chatCompletionConfig = { ...base, ...messageOptions, ...createArgs, api_key: key.optional() };

/** OpenAI, and every server that speaks its language. */
export const openaiConfig = z.object({
  ...chatCompletionConfig,
  default_headers: headers.optional(),
  organization: z.string({ error: 'a text' }).optional(),
  base_url: baseUrl,
});

export const azureConfig = z.object({
  ...chatCompletionConfig,
  default_headers: headers.optional(),
  azure_endpoint: address,
  api_version: text,
  azure_deployment: text.optional(),
  azure_ad_token: key.optional(),
  azure_ad_token_provider: leftOut('it is not supported here, use api_key or azure_ad_token'),
});

/** Ollama's own options, all of them; of the common ones it is known what they must be. */
const ollamaOptions = z.looseObject(
  {
    temperature: temperature.optional(),
    top_p: share.optional(),
    top_k: wholeNumber.optional(),
    num_ctx: aboveZero.optional(),
    num_predict: wholeNumber.optional(),
    seed: wholeNumber.optional(),
    // Ollama itself takes only a list.
    stop: stop.transform((given) => (typeof given === 'string' ? [given] : given)).optional(),
    frequency_penalty: number.optional(),
    presence_penalty: number.optional(),
  },
  { error: 'a mapping' },
);

export const ollamaConfig = z.object({
  ...base,
  ...messageOptions,
  host: z
    .string({ error: 'an address' })
    .transform((value) => (/^[a-z]+:\/\//i.test(value) ? value : `http://${value}`))
    .pipe(address)
    .optional(),
  response_format: mapping.optional(),
  follow_redirects: looseBoolean.optional(),
  headers: headers.optional(),
  options: ollamaOptions.optional(),
});

/** AutoGen's create args for Anthropic: sent as they are. */
const anthropicCreateArgs = {
  max_tokens: aboveZero.optional(),
  temperature: temperature.optional(),
  top_p: share.optional(),
  top_k: wholeNumber.optional(),
  stop_sequences: z.array(z.string(), { error: 'a list of texts' }).optional(),
  metadata: mapping.optional(),
  thinking: z
    .looseObject({ type: text, budget_tokens: aboveZero.optional() }, { error: 'a mapping with type' })
    .optional(),
};

export const ANTHROPIC_CREATE_ARG_NAMES: readonly string[] = Object.keys(anthropicCreateArgs);

/** AutoGen reads these and then sends none of them. */
const anthropicWithoutEffect = {
  response_format: z.unknown().optional(),
  tools: z.unknown().optional(),
  tool_choice: z.unknown().optional(),
};

export const ANTHROPIC_WITHOUT_EFFECT = Object.keys(anthropicWithoutEffect);

export const anthropicConfig = z.object({
  ...base,
  ...anthropicCreateArgs,
  ...anthropicWithoutEffect,
  extra_body: z
    .looseObject({ ...reservedNames, system: leftOut(MADE_HERE) }, { error: 'a mapping' })
    .optional(),
  api_key: key.optional(),
  base_url: baseUrl,
  default_headers: headers.optional(),
});

const FINISH_REASONS = ['stop', 'length', 'function_calls', 'content_filter', 'unknown'] as const;

const functionCalls = z
  .array(z.object({ id: z.string(), arguments: z.string(), name: text }), {
    error: 'a text, or a list of calls with id, name and arguments',
  })
  .min(1, { error: 'a text, or a list of calls with id, name and arguments' });

/** AutoGen's CreateResult, as far as a canned reply needs it. */
const createResult = z.object(
  {
    content: z.union([z.string(), functionCalls], {
      error: 'a text, or a list of calls with id, name and arguments',
    }),
    thought: z.string({ error: 'a text' }).optional(),
    usage: z.object({ prompt_tokens: count, completion_tokens: count }, { error: 'a mapping' }).optional(),
    finish_reason: z.enum(FINISH_REASONS, { error: `one of ${FINISH_REASONS.join(', ')}` }).optional(),
  },
  { error: 'a text, or a mapping with content' },
);

export const replayConfig = z.object({
  chat_completions: z.array(
    z.union([z.string(), createResult], { error: 'a text, or a mapping with content' }),
    {
      error: 'a list of replies',
    },
  ),
  model_info: mapping.optional(),
});

export type OpenaiConfig = z.infer<typeof openaiConfig>;
export type AzureConfig = z.infer<typeof azureConfig>;
export type OllamaConfig = z.infer<typeof ollamaConfig>;
export type AnthropicConfig = z.infer<typeof anthropicConfig>;
export type CreateResult = z.infer<typeof createResult>;
