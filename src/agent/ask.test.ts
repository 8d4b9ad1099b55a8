import { expect, test } from 'bun:test';
import { reasons } from '../models/failure-reasons.ts';
import type { LlmMessage } from '../models/messages.ts';
import { type Asking, type ChatModel, ModelError, type TakeEvents } from '../models/model.ts';
import { countTokens } from '../models/tokens.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import { textResult } from '../tools/tool.ts';
import { createAssistant } from './assistant.ts';
import { DEFAULT_CONTEXT_POLICY } from './context-policy.ts';

test('the conversation is not kept while the reply streams', async () => {
  const controller = new AbortController();
  let begun = false;
  const model: ChatModel = {
    name: 'm',
    description: { en: 'm', 'zh-CN': 'm' },
    demo: false,
    callsTools: false,
    vision: false,
    structuredOutput: false,
    async stream(_, signal, take) {
      take([{ type: 'content', text: 'a' }]);
      begun = true;
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    },
  };
  const assistant = createAssistant({ model, systemMessage: '', contextPolicy: DEFAULT_CONTEXT_POLICY });
  const ask = () => {
    const messages: LlmMessage[] = [{ type: 'UserMessage', content: 'hi', source: 'user' }];
    const conversation = { head: messages, skipped: 0, tail: [] };
    const next = assistant.next([]);
    const asking = next?.kind === 'ask' && next.reply(conversation, controller.signal, () => true);
    return { asking, message: new WeakRef(messages[0] as LlmMessage) };
  };
  const { asking, message } = ask();
  // Until it is collected; kept, it would never be.
  while (!begun || message.deref()) {
    await Bun.sleep(5);
    Bun.gc(true);
  }
  controller.abort(new Error('enough'));
  await expect(asking).rejects.toThrow('enough');
});

test('what is too long is cut to what fits beside the tools, at once', async () => {
  const limit = 4000;
  const messages = Array.from(
    { length: 20 },
    (_, n): LlmMessage => ({
      type: 'UserMessage',
      content: `${n} ${'word '.repeat(160)}`,
      source: 'user',
    }),
  );
  const tools = Array.from({ length: 10 }, (_, n) => ({
    name: `tool_${n}`,
    description: 'what it does '.repeat(60),
    parameters: { type: 'object' },
    annotations: {},
    call: async () => textResult(''),
  }));
  const size = (value: unknown) => countTokens(JSON.stringify(value));
  const sent: number[] = [];
  const model = {
    ...scriptedModel(),
    async stream(shown: LlmMessage[], _: AbortSignal, take: TakeEvents, asking?: Asking) {
      const total = size(shown.map(({ content }) => content)) + size(asking?.tools);
      sent.push(total);
      if (total > limit)
        throw new ModelError('too_long', reasons.tooLong, {
          contextLimit: { limit, prompt: total, reserved: 0 },
        });
      take([{ type: 'content', text: 'ok' }]);
    },
  };
  const workbench = { list: async () => tools, close: async () => {} };
  const assistant = createAssistant({
    model,
    systemMessage: '',
    contextPolicy: { kind: 'unbounded' },
    workbench,
  });
  const next = assistant.next([]);
  if (next?.kind !== 'ask') throw new Error('it asks its model first');
  await next.reply({ head: messages, skipped: 0, tail: [] }, new AbortController().signal, () => true);
  expect(sent).toHaveLength(2);
  expect(sent[1]).toBeGreaterThan(0.7 * limit);
});
