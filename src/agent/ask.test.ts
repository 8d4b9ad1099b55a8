import { expect, test } from 'bun:test';
import type { LlmMessage } from '../models/messages.ts';
import type { ChatModel } from '../models/model.ts';
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
