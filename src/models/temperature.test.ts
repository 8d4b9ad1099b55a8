// A temperature that is asked for: how each protocol says it, and which models take none.
import { expect, test } from 'bun:test';
import { anthropicSteps } from '../testing/anthropic-stream.ts';
import { eventsOf } from '../testing/ask-model.ts';
import { load, openai } from '../testing/model-config.ts';
import { choiceChunk, startModelServer } from '../testing/model-server.ts';

/** The body that a server was sent by the model of this configuration, asked with 1.5 as far as it takes that. */
async function sent(text: string): Promise<Record<string, unknown>> {
  const server = startModelServer(({ path }) => {
    if (path === '/api/chat') return [{ raw: '{"message":{"content":"x"},"done":true}\n' }];
    if (path.endsWith('/messages')) return anthropicSteps([{ text: ['x'] }]);
    return [{ chunk: choiceChunk({ content: 'x' }, 'stop') }];
  });
  try {
    const { model } = load(text.replaceAll('$URL', server.url.replace('/v1', '')));
    const { mostTemperature: most } = model;
    await eventsOf(model, { asking: most === undefined ? {} : { temperature: Math.min(1.5, most) } });
    return server.requests[0]?.body ?? {};
  } finally {
    server.stop();
  }
}

const at = (model: string, ...more: string[]) =>
  openai(`model: ${model}`, 'api_key: k', 'base_url: $URL/v1', ...more);
const anthropic = (...more: string[]) =>
  openai('model: m', 'api_key: k', 'base_url: $URL', ...more).replace('OpenAI', 'Anthropic');

test('goes before that of the configuration, as much of it as the model takes', async () => {
  expect(await sent(at('m', 'temperature: 0.2'))).toMatchObject({ temperature: 1.5 });
  const azure = [
    'provider: AzureOpenAIChatCompletionClient',
    'config: {model: m, api_key: k, azure_endpoint: $URL, api_version: v, azure_deployment: d, temperature: 0.2}',
  ];
  expect(await sent(azure.join('\n'))).toMatchObject({ temperature: 1.5 });
  const claude = await sent(anthropic('temperature: 0.2'));
  expect(claude).toMatchObject({ temperature: 1 });
  // Claude takes one of the two.
  expect(await sent(anthropic('top_p: 0.5'))).not.toHaveProperty('top_p');
  const ollama = openai('model: m', 'host: $URL', 'options: {temperature: 0.2, top_k: 3}').replace(
    'OpenAI',
    'Ollama',
  );
  expect(await sent(ollama)).toMatchObject({ options: { temperature: 1.5, top_k: 3 } });
});

test('is taken by no model that thinks before it answers, nor by the demo', async () => {
  for (const name of ['o1-mini', 'o3', 'openai/o4-mini', 'gpt-5', 'gpt-5.1-codex'])
    expect([name, await sent(at(name))]).toEqual([name, expect.not.objectContaining({ temperature: 1.5 })]);
  for (const name of ['gpt-4o', 'gpt-5-chat-latest', 'qwen3:8b', 'foo3'])
    expect([name, (await sent(at(name))).temperature]).toEqual([name, 1.5]);
  const thinks = anthropic('max_tokens: 4000', 'thinking: {type: enabled, budget_tokens: 1024}');
  expect(await sent(thinks)).not.toHaveProperty('temperature');
});
