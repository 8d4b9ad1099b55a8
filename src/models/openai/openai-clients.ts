// Makes ChatModels of checked configurations: OpenAI and compatible servers, Azure.
import { AzureOpenAI, type ClientOptions, OpenAI } from 'openai';
import { capabilities, mostTemperatureOf } from '../capabilities.ts';
import { type AzureConfig, CREATE_ARG_NAMES, type OpenaiConfig } from '../config/config-schemas.ts';
import { modelAt } from '../config/description.ts';
import type { ChatModel } from '../model.ts';
import { type Protocol, streamedModel } from '../reply/streamed-model.ts';
import {
  conversationRules,
  headerSecrets,
  joinHeaders,
  longestReply,
  PACKAGE_TIMEOUT_MS,
  waiting,
} from '../request-options.ts';
import { withImagesBehind } from '../result-images.ts';
import { completionAsking } from '../tool-requests.ts';
import { readChunk } from './completion-chunk.ts';
import { completionMessages, wantsOf } from './completion-messages.ts';

/** Everything explicit: what is left out the package would take from the environment. */
function clientOptions(defaultHeaders: Record<string, string>) {
  return {
    organization: null,
    project: null,
    adminAPIKey: null,
    webhookSecret: null,
    defaultHeaders,
    maxRetries: 0,
    timeout: PACKAGE_TIMEOUT_MS,
    logLevel: 'off',
  } satisfies ClientOptions;
}

/** What is said to `client` of a conversation, and how: as chat completions. */
function completions(client: OpenAI, config: OpenaiConfig | AzureConfig) {
  const { model } = config;
  const { parallel_tool_calls, extra_body: extra = {} } = config;
  const args = createArgs(config);
  const can = {
    ...capabilities(model, config.model_info ?? config.model_capabilities),
    mostTemperature: mostTemperatureOf(model),
  };
  const messageOptions = { includeName: config.include_name_in_message ?? true, wants: wantsOf(model) };
  const protocol: Protocol = {
    // Of the body only the model can be part of the address.
    prepare: () =>
      client.buildRequest({ method: 'post', path: '/chat/completions', body: { model }, stream: true }),
    body: (messages, asking, names) => {
      const asked = completionAsking(asking, names, extra);
      const hasTools = 'tools' in asked || 'tools' in args;
      return JSON.stringify({
        ...args,
        ...asked,
        // Refused where there are no tools.
        ...(hasTools && parallel_tool_calls !== undefined ? { parallel_tool_calls } : {}),
        model,
        messages: completionMessages(can.vision ? withImagesBehind(messages) : messages, {
          ...messageOptions,
          toolName: names.sent,
        }),
        stream: true,
      });
    },
    createReader: () => readChunk,
  };
  return {
    model,
    protocol,
    capabilities: can,
    rules: conversationRules(config),
    maxTokens: longestReply(args),
  };
}

/** What of a configuration goes into the request's body; usage is asked for unless it says otherwise. */
function createArgs(config: OpenaiConfig | AzureConfig): Record<string, unknown> {
  const given = Object.fromEntries(
    Object.entries(config).filter(([key, value]) => CREATE_ARG_NAMES.includes(key) && value !== undefined),
  );
  // The second goes with tools alone.
  const { stream_options: options = { include_usage: true }, parallel_tool_calls: _, ...rest } = given;
  const usage = config.stream_options?.include_usage === false ? {} : { stream_options: options };
  return { ...rest, ...usage, ...config.extra_body };
}

/** OpenAI, or a server that speaks its language at `baseUrl`. */
export function openaiModel(config: OpenaiConfig, apiKey: string, baseUrl: string): ChatModel {
  const headers = joinHeaders(config.default_headers, config.extra_headers);
  const client = new OpenAI({
    ...clientOptions(headers),
    apiKey,
    baseURL: baseUrl,
    organization: config.organization || null,
  });
  return streamedModel({
    ...waiting(config),
    ...completions(client, config),
    description: modelAt('OpenAI', config.model, baseUrl),
    secrets: [apiKey, ...headerSecrets(headers)],
  });
}

/** Azure OpenAI, with a key or a Microsoft Entra token. */
export function azureModel(config: AzureConfig, credential: { key: string } | { token: string }): ChatModel {
  const secret = 'key' in credential ? credential.key : credential.token;
  const headers = joinHeaders(config.default_headers, config.extra_headers);
  const client = new AzureOpenAI({
    ...clientOptions(headers),
    // As text this would be read from OPENAI_BASE_URL where it is left out.
    baseURL: `${config.azure_endpoint}/openai`,
    apiVersion: config.api_version,
    ...(config.azure_deployment === undefined ? {} : { deployment: config.azure_deployment }),
    ...('key' in credential ? { apiKey: secret } : { azureADTokenProvider: async () => secret }),
  });
  const deployment = config.azure_deployment ?? config.model;
  return streamedModel({
    ...waiting(config),
    ...completions(client, config),
    description: modelAt('Azure OpenAI', `${config.model} (${deployment})`, config.azure_endpoint),
    secrets: [secret, ...headerSecrets(headers)],
  });
}
