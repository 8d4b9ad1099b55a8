// What the tests of the model clients share: asking a model, made of a configuration, at a scripted server.
import { afterEach, expect } from 'bun:test';
import { parseModelConfig } from '../agent/agent-config.ts';
import type { FunctionCall, LlmMessage } from '../models/messages.ts';
import { type Asking, type ChatModel, ModelError, type ModelEvent } from '../models/model.ts';
import { choiceChunk, type ModelScript, type ModelStep, startModelServer } from './model-server.ts';

export const KEY = 'sk-very-secret-key-1234';
export const HI: LlmMessage[] = [{ type: 'UserMessage', content: 'hi', source: 'user' }];
/** The chunk with the finish reason. */
export const STOP = choiceChunk({}, 'stop');

export type Script = ModelScript | ModelStep[];

/** A model at this address, with a key that no error may hold. */
export function modelAt(
  url: string,
  config: Record<string, unknown> = {},
  provider = 'OpenAIChatCompletionClient',
) {
  const component = { provider, config: { model: 'gpt-x', api_key: KEY, base_url: url, ...config } };
  return parseModelConfig(JSON.stringify(component), 'test.json', {}).model;
}

type Asked = { messages?: LlmMessage[]; signal?: AbortSignal; asking?: Asking };
const never = new AbortController().signal;

/** A model's events, whichever of them came together. */
export async function eventsOf(
  model: ChatModel,
  { messages = HI, signal = never, asking }: Asked = {},
): Promise<ModelEvent[]> {
  const events: ModelEvent[] = [];
  await model.stream(
    messages,
    signal,
    (together) => {
      events.push(...together);
      return true;
    },
    asking,
  );
  return events;
}

/** A whole reply: its texts joined, and the error that ended it, if any. */
export async function collect(model: ChatModel, { messages = HI, signal = never, asking }: Asked = {}) {
  const reply = {
    thought: '',
    content: '',
    calls: undefined as FunctionCall[] | undefined,
    ends: [] as ModelEvent[],
    error: undefined as unknown,
  };
  const take = (event: ModelEvent) => {
    if (event.type === 'end') reply.ends.push(event);
    else if (event.type === 'calls') {
      // Once, and right before the end.
      expect([reply.calls, reply.ends]).toEqual([undefined, []]);
      reply.calls = event.calls;
    } else {
      expect(reply.calls).toBeUndefined();
      expect(reply.ends).toEqual([]);
      expect(event.text).not.toBe('');
      reply[event.type] += event.text;
    }
    return true;
  };
  try {
    await model.stream(messages, signal, (together) => together.every(take), asking);
  } catch (error) {
    reply.error = error;
  }
  return reply;
}

/** Scripted servers for the tests of one file, stopped after each test, and asked by this client. */
export function modelServers(provider?: string) {
  const servers: { stop(): void }[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.stop();
  });

  function start(script?: Script) {
    const server = startModelServer(Array.isArray(script) ? () => script : script);
    servers.push(server);
    return server;
  }

  /** The reply to a script, by default with a timeout that no step of these tests reaches. */
  async function ask(script?: Script, config: Record<string, unknown> = {}, asked: Asked = {}) {
    const server = start(script);
    const model = modelAt(server.url, { timeout: 20, max_retries: 0, ...config }, provider);
    return { ...(await collect(model, asked)), server };
  }

  return { start, ask };
}

/** The ModelError in a reply; no key may be in it, and both languages say something. */
export function failure(reply: { error: unknown }): ModelError {
  if (!(reply.error instanceof ModelError)) throw new Error(`no ModelError: ${reply.error}`);
  expect(Bun.inspect(reply.error)).not.toContain('very-secret');
  expect(reply.error.message).toBe(reply.error.reason.en);
  expect(reply.error.reason['zh-CN']).toMatch(/^\p{Script=Han}.*[^。.]$/u);
  return reply.error;
}

/** These values as events of a stream. */
export function lines(...events: unknown[]): string {
  return events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');
}
