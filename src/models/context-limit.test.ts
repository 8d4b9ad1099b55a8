// What servers answer to a conversation that is too long for them, as people have reported it.
import { expect, test } from 'bun:test';
import { failure, lines, modelServers } from '../testing/ask-model.ts';
import { choiceChunk } from '../testing/model-server.ts';
import { neverFits } from './failure-reasons.ts';
import type { ContextLimit } from './model.ts';

const { ask } = modelServers();
const openai = (message: string, more = {}) => ({
  error: { message, type: 'invalid_request_error', ...more },
});

const TOLD: [server: string, status: number, body: unknown, limit: ContextLimit][] = [
  [
    'OpenAI',
    400,
    openai(
      "This model's maximum context length is 8192 tokens. However, your messages resulted in 10240 tokens. Please reduce the length of the messages.",
      { code: 'context_length_exceeded' },
    ),
    { limit: 8192, prompt: 10240 },
  ],
  [
    'OpenAI, with the reply',
    400,
    openai(
      "This model's maximum context length is 8192 tokens. However, you requested 10000 tokens (8000 in the messages, 2000 in the completion). Please reduce the length of the messages or completion.",
    ),
    { limit: 8192, prompt: 8000, reserved: 2000 },
  ],
  [
    'OpenAI, the configured limit',
    400,
    openai(
      'Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 509178 tokens. Please reduce the length of the messages.',
    ),
    { limit: 272_000, prompt: 509_178 },
  ],
  [
    'OpenAI, without numbers',
    400,
    openai('Your input exceeds the context window of this model. Please adjust your input and try again.'),
    {},
  ],
  [
    'OpenAI, more than the tokens of a minute',
    429,
    openai(
      'Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 342389. The input or output tokens must be reduced in order to run successfully.',
      { code: 'rate_limit_exceeded' },
    ),
    { limit: 30_000, prompt: 342_389 },
  ],
  [
    'vLLM',
    400,
    {
      object: 'error',
      message:
        "This model's maximum context length is 2048 tokens. However, you requested 2551 tokens in the messages, Please reduce the length of the messages.",
      type: 'BadRequestError',
      code: 400,
    },
    { limit: 2048, prompt: 2551 },
  ],
  [
    'vLLM, max_tokens',
    400,
    openai(
      "'max_tokens' or 'max_completion_tokens' is too large: 2048. This model's maximum context length is 2048 tokens and your request has 14 input tokens (2048 > 2048 - 14). None",
    ),
    { limit: 2048, prompt: 14, reserved: 2048 },
  ],
  [
    'vLLM, the decoder',
    400,
    openai(
      'The decoder prompt (length 5000) is longer than the maximum model length of 2048. Make sure that `max_model_len` is no smaller than the number of text tokens.',
    ),
    { limit: 2048, prompt: 5000 },
  ],
  [
    'vLLM, newer',
    400,
    openai(
      "You passed 5001 input tokens and requested 0 output tokens. However, the model's context length is only 2048 tokens, resulting in a maximum input length of 2048 tokens. Please reduce the length of the input prompt.",
    ),
    { limit: 2048, prompt: 5001 },
  ],
  ['vLLM, less than nothing', 400, openai('max_tokens must be at least 1, got -344.'), {}],
  [
    'llama.cpp',
    400,
    {
      error: {
        code: 400,
        message:
          'the request exceeds the available context size. try increasing the context size or enable context shift',
        type: 'exceed_context_size_error',
        n_prompt_tokens: 14_429,
        n_ctx: 8192,
      },
    },
    { limit: 8192, prompt: 14_429 },
  ],
  [
    'llama.cpp, older, as 500',
    500,
    openai('request (14429 tokens) exceeds the available context size (8192 tokens), try increasing it'),
    { limit: 8192, prompt: 14_429 },
  ],
  [
    'llama-cpp-python',
    400,
    openai('Requested tokens (516) exceed context window of 512'),
    { limit: 512, prompt: 516 },
  ],
  [
    'LM Studio',
    400,
    {
      error:
        'Trying to keep the first 15857 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough. Try to load the model with a larger context length, or provide a shorter input.',
    },
    { limit: 4096, prompt: 15_857 },
  ],
  [
    'LM Studio, newer',
    400,
    {
      error:
        'The number of tokens to keep from the initial prompt is greater than the context length (n_keep: 13055>= n_ctx: 4096). Try to load the model with a larger context length, or provide a shorter input.',
    },
    { limit: 4096, prompt: 13_055 },
  ],
  [
    'Ollama, in the cloud',
    400,
    { error: 'prompt too long; exceeded max context length by 4096 tokens (ref: 1)' },
    {},
  ],
  [
    'Anthropic',
    400,
    {
      type: 'error',
      error: { type: 'invalid_request_error', message: 'prompt is too long: 208310 tokens > 200000 maximum' },
    },
    { limit: 200_000, prompt: 208_310 },
  ],
  [
    'Anthropic, with the reply',
    400,
    openai(
      'input length and `max_tokens` exceed context limit: 178959 + 64000 > 200000, decrease input length or `max_tokens` and try again',
    ),
    { limit: 200_000, prompt: 178_959, reserved: 64_000 },
  ],
  [
    'Gemini',
    400,
    [
      {
        error: {
          code: 400,
          message: 'The input token count (134123) exceeds the maximum number of tokens allowed (131072).',
          status: 'INVALID_ARGUMENT',
        },
      },
    ],
    { limit: 131_072, prompt: 134_123 },
  ],
  [
    'DeepSeek',
    400,
    openai(
      "This model's maximum context length is 65536 tokens. However, you requested 70000 tokens (66000 in the messages, 4000 in the completion). Please reduce the length of the messages or completion.",
    ),
    { limit: 65_536, prompt: 66_000, reserved: 4000 },
  ],
  [
    'Qwen',
    400,
    openai('<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 30720]', {
      code: 'invalid_parameter_error',
    }),
    { limit: 30_720 },
  ],
  [
    'Mistral',
    400,
    {
      object: 'error',
      message: 'Prompt contains 40000 tokens, too large for model with 32768 maximum context length',
      type: 'invalid_request_error',
      code: '3051',
    },
    { limit: 32_768, prompt: 40_000 },
  ],
  [
    'Groq',
    400,
    openai('Please reduce the length of the messages or completion.', { code: 'context_length_exceeded' }),
    {},
  ],
  [
    'Groq, more than the tokens of a minute',
    413,
    openai(
      'Request too large for model `llama-3.3-70b-versatile` in organization `org_1` service tier `on_demand` on tokens per minute (TPM): Limit 12000, Requested 14137, please reduce your message size and try again.',
      { type: 'tokens', code: 'rate_limit_exceeded' },
    ),
    { limit: 12_000, prompt: 14_137 },
  ],
  [
    'OpenRouter',
    400,
    {
      error: {
        message:
          'This endpoint\'s maximum context length is 131072 tokens. However, you requested about 141607 tokens (140535 of text input, 1072 in the output). Please reduce the length of either one, or use the "middle-out" transform to compress your prompt automatically.',
        code: 400,
        metadata: { provider_name: null },
      },
    },
    { limit: 131_072, prompt: 140_535, reserved: 1072 },
  ],
  [
    'OpenRouter, for a server behind it',
    400,
    {
      error: {
        message: 'Provider returned error',
        code: 400,
        metadata: {
          raw: '{"error":{"message":"The input (5000 tokens) is longer than the model\'s context length (2048 tokens)."}}',
        },
      },
    },
    { limit: 2048, prompt: 5000 },
  ],
  [
    'xAI',
    400,
    {
      code: 'invalid-argument',
      error: "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
    },
    { limit: 131_072, prompt: 537_812 },
  ],
  [
    'Kimi',
    400,
    openai('Invalid request: Your request exceeded model token limit: 262144 (requested: 291351)'),
    { limit: 262_144, prompt: 291_351 },
  ],
  [
    'SiliconFlow',
    400,
    {
      code: 20_015,
      message: 'length of prompt_tokens (235121) must be less than max_seq_len (65536).',
      data: null,
    },
    { limit: 65_536, prompt: 235_121 },
  ],
  ['GLM', 400, openai('Prompt exceeds max length', { code: '1261' }), {}],
  ['a proxy', 413, '<html>413 Request Entity Too Large</html>', {}],
];

for (const [server, status, body, limit] of TOLD) {
  test(`too long, and for how much: ${server}`, async () => {
    const error = failure(await ask([{ status, body: body as object }], { max_retries: 2 }));
    expect(error.failure).toBe('too_long');
    expect(error.contextLimit).toEqual(limit);
  });
}

test('it may also be said in a stream that had begun', async () => {
  const [, , body] = TOLD.find(([server]) => server === 'LM Studio') ?? [];
  const reply = await ask([{ raw: `event: error\n${lines(body)}` }]);
  expect(failure(reply)).toMatchObject({
    failure: 'too_long',
    contextLimit: { limit: 4096, prompt: 15_857 },
  });
  const coded = await ask([{ raw: lines({ error: { code: 400, message: 'prompt is too long' } }) }]);
  expect(failure(coded).failure).toBe('too_long');
});

test('of what the server does not say, the longest reply that was asked for counts, up to half', async () => {
  const [, status = 0, body] = TOLD.find(([server]) => server === 'Gemini') ?? [];
  const limitOf = async (max_tokens: number) =>
    failure(await ask([{ status, body: body as object }], { max_tokens })).contextLimit;
  expect(await limitOf(1000)).toEqual({ limit: 131_072, prompt: 134_123, reserved: 1000 });
  expect(await limitOf(100_000)).toMatchObject({ reserved: 65_536 });
});

for (const [name, status, message] of [
  [
    'a limit on the reply',
    400,
    'max_tokens is too large: 100000. This model supports at most 16384 completion tokens',
  ],
  [
    'another one',
    400,
    '`max_tokens` must be less than or equal to `8192`, the maximum value for `max_tokens` is less than the `context_window` for this model',
  ],
  ['its range', 400, 'Range of max_tokens should be [1, 8192]'],
  [
    'tokens of a minute',
    429,
    'Rate limit reached on tokens per minute (TPM): Limit 6000, Used 5034, Requested 1443',
  ],
  ['a wait', 500, 'context deadline exceeded'],
  ['a crowd', 503, 'Too many tokens, please wait before trying again.'],
  ['a queue', 503, 'request queue exceeded max length limit'],
  ['a memory', 500, 'CUDA out of memory. KV cache exceeds max token capacity limit'],
  ['tokens of a minute, as a fault', 500, 'exceeded input tokens per minute limit of 50000'],
  ['money', 400, 'You exceeded your maximum monthly spend limit'],
  ['an image', 400, 'image exceeds the maximum size allowed'],
  ['the most that a model says', 400, "max_tokens exceeds the model's max output tokens limit"],
  ['the most that it says, in other words', 400, '`max_new_tokens` (9000) exceeds maximum token limit 8192'],
  ['a parameter', 400, 'unknown field context_length'],
  ['an argument', 400, 'Unrecognized request argument supplied: context_window'],
  ['an input', 400, 'Extra inputs are not permitted: context_limit'],
  ['a name', 400, "Invalid 'user': string too long. exceeds maximum length 64"],
  ['a list', 400, "Invalid 'stop': array too long. Expected an array with maximum length 4"],
] as const) {
  test(`not too long: ${name}`, async () => {
    const error = failure(await ask([{ status, body: openai(message) }]));
    expect(error.failure).not.toBe('too_long');
  });
}

test('numbers are read in all forms, and one that no model has says nothing', async () => {
  for (const [told, limit] of [
    ['8,192', 8192],
    ['8 192', 8192],
    ['8.192', 8192],
    ['131072', 131_072],
    ['1 048 576', 1_048_576],
    ['128k', 128_000],
    ['8', undefined],
  ] as const) {
    const body = openai(`This model's maximum context length is ${told} tokens.`);
    const error = failure(await ask([{ status: 400, body }]));
    expect([told, error.failure, error.contextLimit.limit]).toEqual([told, 'too_long', limit]);
  }
});

test('a refusal is read in time, whatever is in it', async () => {
  const numbers = '1,'.repeat(30_000);
  const reply = await ask([
    { status: 400, body: openai(`context length ${numbers} max_tokens ${'x '.repeat(999)}`) },
  ]);
  expect(failure(reply).contextLimit).toEqual({});
  expect(await ask([{ chunk: choiceChunk({ content: 'a' }) }])).toMatchObject({ content: 'a' });
});

test('the reason names no limit that the message keeps to by our estimate', () => {
  expect(neverFits({ limit: 999_999 }, 28).en).not.toContain('999999');
  expect(neverFits({ limit: 2048 }, 3000).en).toContain('2048');
});
