// GET …/turns/{turn}?context=true: what the model was sent for a turn, and what was left out.
import { beforeAll, expect, test } from 'bun:test';
import type { ContextPolicy } from '../agent/context-policy.ts';
import type { Database } from '../db/database.ts';
import type { LlmMessage } from '../models/messages.ts';
import { ModelError } from '../models/model.ts';
import { onEachDatabase } from '../testing/databases.ts';
import { expectInvalid, expectProblem } from '../testing/expect-problem.ts';
import { say as saying, scriptedModel } from '../testing/scripted-model.ts';
import { testApp } from '../testing/test-app.ts';

const failure = new ModelError('failed', { 'zh-CN': '运气不好', en: 'no luck' });
const policies: ContextPolicy[] = [
  { kind: 'unbounded' },
  { kind: 'buffered', size: 3 },
  { kind: 'head_and_tail', head: 1, tail: 2 },
  { kind: 'token_limited', limit: 30 },
  { kind: 'newest_that_fit', limit: 30 },
];
const roles: Record<LlmMessage['type'], string> = {
  SystemMessage: 'system',
  UserMessage: 'user',
  AssistantMessage: 'assistant',
  FunctionExecutionResultMessage: 'tool',
};

onEachDatabase('the context of a turn', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  type App = Awaited<ReturnType<typeof testApp>>;
  const say = (app: App, id: string, content: string) =>
    app.send('POST', `/api/sessions/${id}/chat`, { content });
  const turnsOf = async (app: App, id: string) =>
    (await (await app.get(`/api/sessions/${id}/turns?limit=100`)).json()).toReversed();
  const contextOf = async (app: App, id: string, turn: string) =>
    (await (await app.get(`/api/sessions/${id}/turns/${turn}?context=true`)).json()).context;
  const shown = (messages: LlmMessage[]) =>
    messages.map((message) => ({
      role: roles[message.type],
      source: 'source' in message ? message.source : null,
      content: message.content,
    }));

  for (const contextPolicy of policies) {
    test(`is what its model was sent: ${JSON.stringify(contextPolicy)}`, async () => {
      const model = scriptedModel((_, call) =>
        call === 2 || call === 5 ? [failure] : saying([`reply ${call}`]),
      );
      const app = await testApp(database, { model, contextPolicy });
      const id = await app.newSession();
      for (let turn = 1; turn <= 6; turn++) await say(app, id, `message ${turn}`);
      const turns = await turnsOf(app, id);
      // A reply that comes late was not there for the turns that had ended.
      await app.request(`/api/sessions/${id}/turns/${turns[1].id}/retry`, { method: 'POST' });
      await say(app, id, 'message 7');
      const all = await turnsOf(app, id);
      const calls = [0, 6, 2, 3, 4, 5, 7].map((call) => model.calls[call] ?? []);
      for (const [index, turn] of all.entries()) {
        const context = await contextOf(app, id, turn.id);
        expect([index, context.messages]).toEqual([index, shown(calls[index] ?? [])]);
        expect(context.model_limit).toBeNull();
        expect(context.estimated_tokens).toBeGreaterThan(0);
      }
    });
  }

  test('tells the policy, and how much it left out', async () => {
    const app = await testApp(database, { contextPolicy: { kind: 'buffered', size: 3 }, systemMessage: '' });
    const id = await app.newSession();
    for (let turn = 1; turn <= 4; turn++) await say(app, id, `m${turn}`);
    const [, , , last] = await turnsOf(app, id);
    expect(await contextOf(app, id, last.id)).toEqual({
      messages: [
        { role: 'user', source: 'user', content: 'm3' },
        { role: 'assistant', source: 'assistant', content: 'echo: m3' },
        { role: 'user', source: 'user', content: 'm4' },
      ],
      estimated_tokens: 17,
      left_out: { by_policy: 4, by_model_limit: 0, empty: 0 },
      policy: { name: 'buffered', buffer_size: 3 },
      model_limit: null,
    });
  });

  test('tells the limit of the server that held then', async () => {
    let limit = 60;
    const model = scriptedModel((messages) => {
      const counted = JSON.stringify(messages).length / 4;
      return counted > limit
        ? [
            new ModelError('too_long', failure.reason, {
              contextLimit: { limit, prompt: counted, reserved: 5 },
            }),
          ]
        : saying(['ok']);
    });
    const app = await testApp(database, { model, systemMessage: '' });
    const id = await app.newSession();
    for (let turn = 1; turn <= 6; turn++) expect((await say(app, id, `message ${turn}`)).status).toBe(200);
    const [first, , , , , last] = await turnsOf(app, id);
    limit = 1e9;
    expect(last.reply.metadata.context_limit).toBe('60');
    const context = await contextOf(app, id, last.id);
    expect(context.messages).toEqual(shown(model.calls.at(-1) ?? []));
    expect(context.model_limit).toBe(60);
    expect(String(context.left_out.by_model_limit)).toBe(last.reply.metadata.context_left_out);
    expect((await contextOf(app, id, first.id)).left_out.by_model_limit).toBe(0);
  });

  test('counts what was empty, and shows calls of tools as AutoGen has them', async () => {
    const call = { id: 'c', arguments: '{}', name: 'f' };
    const result = { content: '42', name: 'f', call_id: 'c', is_error: false };
    const messages = [
      { type: 'UserMessage', source: 'user', content: 'a' },
      { type: 'AssistantMessage', source: 'assistant', content: '' },
      { type: 'AssistantMessage', source: 'assistant', content: [call], thought: 'look' },
      { type: 'FunctionExecutionResultMessage', content: [result] },
    ];
    const app = await testApp(database, { systemMessage: 'brief' });
    const id = await app.newSession({ agent_state: { llm_context: { messages } } });
    await say(app, id, 'b');
    const [turn] = await turnsOf(app, id);
    const context = await contextOf(app, id, turn.id);
    expect(context.left_out).toEqual({ by_policy: 0, by_model_limit: 0, empty: 1 });
    expect(context.messages).toEqual([
      { role: 'system', source: null, content: 'brief' },
      { role: 'user', source: 'user', content: 'a' },
      { role: 'assistant', source: 'assistant', content: [call], thought: 'look' },
      { role: 'tool', source: null, content: [result] },
      { role: 'assistant', source: 'assistant', content: '42' },
      { role: 'user', source: 'user', content: 'b' },
    ]);
  });

  test('is there only for who asks, and only of what is his', async () => {
    const app = await testApp(database);
    const id = await app.newSession();
    await say(app, id, 'hi');
    const [turn] = await turnsOf(app, id);
    const path = `/api/sessions/${id}/turns/${turn.id}`;
    for (const query of ['', '?context=false'])
      expect(await (await app.get(path + query)).json()).not.toHaveProperty('context');
    await expectInvalid(await app.get(`${path}?context=maybe`), ['query', 'context']);
    const stranger = await testApp(database);
    await expectProblem(await stranger.get(`${path}?context=true`), 404);
  });
});
