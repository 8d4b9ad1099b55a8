// Makes a ChatModel of a checked configuration of Anthropic's client, which asks Anthropic's own Messages API.
import type { Anthropic, ClientOptions } from '@anthropic-ai/sdk';
import { capabilities } from '../capabilities.ts';
import { PLACEHOLDER_KEY } from '../config/api-keys.ts';
import { ANTHROPIC_CREATE_ARG_NAMES, type AnthropicConfig } from '../config/config-schemas.ts';
import { modelAt } from '../config/description.ts';
import type { LlmMessage } from '../messages.ts';
import type { Asking, ChatModel } from '../model.ts';
import { type Protocol, streamedModel } from '../reply/streamed-model.ts';
import {
  conversationRules,
  headerSecrets,
  joinHeaders,
  longestReply,
  PACKAGE_TIMEOUT_MS,
  waiting,
} from '../request-options.ts';
import { anthropicAsking } from '../tool-requests.ts';
import { createAnthropicReader } from './anthropic-event.ts';
import { anthropicConversation } from './anthropic-messages.ts';

export const ANTHROPIC_URL = 'https://api.anthropic.com';

/** A request has to say how long a reply may become. AutoGen's default. */
export const DEFAULT_MAX_TOKENS = 4096;

/** A key, a bearer token, or `null`: what the headers hold. */
export type AnthropicCredential = { key: string } | { token: string } | null;

function authentication(credential: AnthropicCredential) {
  if (credential && 'token' in credential) return { apiKey: null, authToken: credential.token };
  return { apiKey: credential?.key ?? PLACEHOLDER_KEY, authToken: null };
}

/** Everything explicit: what is left out the package would look for in the environment and in files. */
function clientOptions(credential: AnthropicCredential, baseUrl: string, headers: Record<string, string>) {
  return {
    ...authentication(credential),
    webhookKey: null,
    baseURL: baseUrl.replace(/\/v1$/, ''),
    // Without a credential the headers hold one, and no key beside it.
    defaultHeaders: { ...(credential ? {} : { 'x-api-key': null }), ...headers },
    maxRetries: 0,
    timeout: PACKAGE_TIMEOUT_MS,
    logLevel: 'off',
  } satisfies ClientOptions;
}

/** Loads the package: nobody without such a model has to wait for that. */
async function loadClient(options: ClientOptions): Promise<Anthropic> {
  const { Anthropic } = await import('@anthropic-ai/sdk');
  return new Anthropic(options);
}

/** What is said to `client` of a conversation, and how: as Anthropic's messages. */
function messagesApi(client: Promise<Anthropic>, config: AnthropicConfig) {
  const { model, extra_body: extra = {} } = config;
  const given = Object.entries(config).filter(([key]) => ANTHROPIC_CREATE_ARG_NAMES.includes(key));
  const createArgs = { max_tokens: DEFAULT_MAX_TOKENS, ...Object.fromEntries(given) };
  const isThinking = config.thinking !== undefined && config.thinking.type !== 'disabled';
  const can = {
    ...capabilities(model, config.model_info ?? config.model_capabilities),
    // While it thinks it takes none.
    mostTemperature: isThinking ? undefined : 1,
  };
  const protocol: Protocol = {
    prepare: async () =>
      (await client).buildRequest({ method: 'post', path: '/v1/messages', body: { model }, stream: true }),
    body: (messages, asking, names) => {
      const asked = anthropicAsking(asking, names, extra);
      const hasTools = 'tools' in asked || 'tools' in extra;
      const options = { hasTools, toolName: names.sent, seesImages: can.vision };
      return JSON.stringify({
        ...createArgs,
        ...thinkingFor(config, messages, asking),
        model,
        ...anthropicConversation(messages, options),
        stream: true,
        ...extra,
        ...asked,
      });
    },
    createReader: createAnthropicReader,
  };
  const maxTokens = longestReply({ ...createArgs, ...extra });
  return { model, protocol, capabilities: can, rules: conversationRules(config), maxTokens };
}

/**
 * Where thinking is on, Anthropic wants the thoughts before calls back with its signature, which nobody keeps, and does
 * not let a model be made to call a tool: it answers without thinking then.
 */
function thinkingFor({ thinking }: AnthropicConfig, messages: readonly LlmMessage[], asking: Asking) {
  const isRefused =
    messages.at(-1)?.type === 'FunctionExecutionResultMessage' || asking.toolChoice === 'required';
  return thinking?.type === 'enabled' && isRefused ? { thinking: { type: 'disabled' } } : {};
}

/** Anthropic, or a server that speaks its Messages API at `baseUrl`. */
export function anthropicModel(
  config: AnthropicConfig,
  credential: AnthropicCredential,
  baseUrl: string,
): ChatModel {
  const headers = joinHeaders(config.default_headers, config.extra_headers);
  const client = loadClient(clientOptions(credential, baseUrl, headers));
  // Whoever asks the model is told.
  client.catch(() => {});
  return streamedModel({
    ...waiting(config),
    ...messagesApi(client, config),
    description: modelAt('Anthropic', config.model, baseUrl),
    secrets: [...Object.values(credential ?? {}), ...headerSecrets(headers)],
  });
}
