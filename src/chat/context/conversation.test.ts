// What the model is given is read in parts, at one end of the conversation or at both: it is what all of it would give.
import { beforeAll, expect, test } from 'bun:test';
import { view } from '../../agent/context.ts';
import type { ContextPolicy } from '../../agent/context-policy.ts';
import { validConversation } from '../../agent/valid-conversation.ts';
import type { Database } from '../../db/database.ts';
import type { LlmMessage } from '../../models/messages.ts';
import { ModelError } from '../../models/model.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { say, scriptedModel } from '../../testing/scripted-model.ts';
import { testApp } from '../../testing/test-app.ts';
import { llmMessages } from './state.ts';

const user = (content: string): LlmMessage => ({ content, source: 'user', type: 'UserMessage' });
const seeds = ['a', 'b', 'c'].map(user);
const imported = ['d', 'e', 'f', 'g'].map(user);
const failure = new ModelError('failed', { 'zh-CN': '运气不好', en: 'no luck' });

const policies: ContextPolicy[] = [
  { kind: 'unbounded' },
  { kind: 'buffered', size: 1 },
  { kind: 'buffered', size: 4 },
  { kind: 'head_and_tail', head: 1, tail: 1 },
  { kind: 'head_and_tail', head: 5, tail: 3 },
  { kind: 'token_limited', limit: 40 },
  { kind: 'newest_that_fit', limit: 40 },
  // More than a database counts.
  { kind: 'buffered', size: 5e9 },
  { kind: 'head_and_tail', head: 1e12, tail: 5e9 },
  { kind: 'token_limited', limit: 1e11 },
];

onEachDatabase('the context of a turn', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  for (const policy of policies) {
    test(`is what the whole conversation would give: ${JSON.stringify(policy)}`, async () => {
      for (const state of [undefined, imported]) {
        const model = scriptedModel((_, call) => (call === 3 ? [failure] : say([`reply ${call}`])));
        const contextPolicy = { ...policy, initialMessages: seeds };
        const app = await testApp(database, { model, contextPolicy, systemMessage: '' });
        const agent_state = { type: 'AssistantAgentState', llm_context: { messages: state } };
        const made = await app.send('POST', '/api/sessions', state ? { agent_state } : {});
        const { id } = await made.json();
        const wasGiven = async (upTo: number) => {
          const rows = await app.store.messages.head(
            { owner: app.owner, session: id },
            { after: 0, upTo, limit: 100 },
          );
          const all = [...(state ?? seeds), ...llmMessages(rows)];
          const kept = view(policy, { head: all, skipped: 0, tail: [] });
          expect(model.calls.at(-1)).toEqual(validConversation(kept));
        };
        for (let turn = 1; turn <= 6; turn++) {
          const { status } = await app.send('POST', `/api/sessions/${id}/chat`, { content: `say ${turn}` });
          expect([turn, status]).toEqual([turn, turn === 3 ? 502 : 200]);
          expect(model.calls).toHaveLength(turn);
          await wasGiven(2 * turn - 1);
        }
        const [failed] = await (await app.get(`/api/sessions/${id}/turns?status=failed`)).json();
        await app.request(`/api/sessions/${id}/turns/${failed.id}/retry`, { method: 'POST' });
        expect(model.calls).toHaveLength(7);
        await wasGiven(5);
      }
    });
  }
});
