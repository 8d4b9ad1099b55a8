// Makes a ChatModel of a checked configuration of Ollama's client, which asks Ollama's own chat endpoint.
import { capabilities } from '../capabilities.ts';
import type { OllamaConfig } from '../config/config-schemas.ts';
import { modelAt } from '../config/description.ts';
import { listOf } from '../config/fields.ts';
import type { LlmMessage } from '../messages.ts';
import { type Asking, type ChatModel, mayCall } from '../model.ts';
import { type Protocol, streamedModel } from '../reply/streamed-model.ts';
import { conversationRules, headerSecrets, joinHeaders, waiting } from '../request-options.ts';
import { withImagesBehind } from '../result-images.ts';
import { toolArguments } from '../tool-arguments.ts';
import type { ToolNames } from '../tool-names.ts';
import { functionTools } from '../tool-requests.ts';
import { createOllamaReader } from './ollama-chunk.ts';

const OLLAMA_HOST = 'http://localhost:11434';

type WireMessage = {
  role: 'system' | 'user' | 'assistant' | 'tool';
  content: string;
  images?: string[];
  tool_calls?: { function: { name: string; arguments: Record<string, unknown> } }[];
  tool_name?: string;
};

function userMessage({ content }: Extract<LlmMessage, { type: 'UserMessage' }>): WireMessage {
  const parts = typeof content === 'string' ? [content] : content;
  const texts = parts.filter((part) => typeof part === 'string');
  const images = parts.flatMap((part) => (typeof part === 'string' ? [] : [part.data]));
  return {
    role: 'user',
    content: texts.join('\n'),
    ...(images.length > 0 ? { images } : {}),
  };
}

function wireMessages(message: LlmMessage, names: ToolNames): WireMessage[] {
  switch (message.type) {
    case 'SystemMessage':
      return [{ role: 'system', content: message.content }];
    case 'UserMessage':
      return [userMessage(message)];
    case 'AssistantMessage': {
      const { content } = message;
      if (typeof content === 'string') return [{ role: 'assistant', content }];
      const calls = content.map((call) => ({
        function: { name: names.sent(call.name), arguments: toolArguments(call.arguments) },
      }));
      return [{ role: 'assistant', content: message.thought ?? '', tool_calls: calls }];
    }
    case 'FunctionExecutionResultMessage':
      return message.content.map(({ content, name }) => ({
        role: 'tool',
        content,
        tool_name: names.sent(name),
      }));
  }
}

/** Ollama's `format`: `json`, or a JSON schema, which may also stand where OpenAI has it. */
function formatOf({ response_format: given }: OllamaConfig): { format?: unknown } {
  if (given === undefined || given.type === 'text') return {};
  if (given.type === 'json_object') return { format: 'json' };
  const { json_schema } = given;
  const isNested = typeof json_schema === 'object' && json_schema !== null && 'schema' in json_schema;
  return { format: isNested ? json_schema.schema : given };
}

function optionsOf(options: OllamaConfig['options'], { temperature }: Asking): { options?: unknown } {
  if (temperature === undefined) return options ? { options } : {};
  return { options: { ...options, temperature } };
}

/** It cannot be told which to call: of tools that may not be called it is not told. */
function toolsOf(asking: Asking, names: ToolNames, extra: unknown): { tools?: unknown[] } {
  return mayCall(asking) ? { tools: [...functionTools(asking, names), ...listOf(extra)] } : {};
}

/** Ollama, with all of its options. */
export function ollamaModel(config: OllamaConfig): ChatModel {
  const host = (config.host ?? OLLAMA_HOST).replace(/\/v1$/, '');
  const headers = joinHeaders(config.headers, config.extra_headers);
  const { model, options, extra_body: extra } = config;
  const can = {
    ...capabilities(model, config.model_info ?? config.model_capabilities),
    mostTemperature: 2,
  };
  const protocol: Protocol = {
    prepare: async () => ({
      url: `${host}/api/chat`,
      req: { method: 'POST', headers: { 'content-type': 'application/json', ...headers } },
    }),
    body: (messages, asking, names) =>
      JSON.stringify({
        model,
        messages: (can.vision ? withImagesBehind(messages) : messages).flatMap((message) =>
          wireMessages(message, names),
        ),
        stream: true,
        ...optionsOf(options, asking),
        ...formatOf(config),
        ...extra,
        ...toolsOf(asking, names, extra?.tools),
        ...(asking.output ? { format: asking.output.schema } : {}),
      }),
    createReader: createOllamaReader,
  };
  return streamedModel({
    ...waiting(config),
    model,
    protocol,
    capabilities: can,
    rules: conversationRules(config),
    // It cuts a conversation that is too long by itself.
    maxTokens: undefined,
    description: modelAt('Ollama', model, host),
    secrets: headerSecrets(headers),
  });
}
