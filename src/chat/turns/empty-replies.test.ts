// A turn that brought no word of a reply has failed, says why, keeps its thought and can be run again.
import { beforeAll, expect, test } from 'bun:test';
import type { ContextPolicy } from '../../agent/context-policy.ts';
import { validConversation } from '../../agent/valid-conversation.ts';
import type { Database } from '../../db/database.ts';
import { ModelError, type ModelEvent } from '../../models/model.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { expectProblem } from '../../testing/expect-problem.ts';
import { type Script, type Step, say as saying, scriptedModel } from '../../testing/scripted-model.ts';
import { testApp } from '../../testing/test-app.ts';

const end = (finishReason: Extract<ModelEvent, { type: 'end' }>['finishReason']): ModelEvent => ({
  type: 'end',
  finishReason,
  usage: null,
});
const blank: ModelEvent = { type: 'content', text: '\n\n' };
const unseen: ModelEvent = { type: 'content', text: '\u200b\u2060\u2800\u3164' };
const thought: ModelEvent = { type: 'thought', text: 'Let me see.' };

const NOTHING: [string, ModelEvent[], en: string, zh: string][] = [
  ['nothing', [end('stop')], 'there was no text in it', '回复里没有任何文字'],
  ['blanks', [blank, blank, end('stop')], 'there was no text in it', '回复里没有任何文字'],
  ['nothing visible', [unseen, end('stop')], 'there was no text in it', '回复里没有任何文字'],
  ['a thought alone', [thought, end('stop')], 'it thought, but did not answer', '模型只有思考'],
  [
    'a thought and a blank',
    [thought, blank, end('unknown')],
    'it thought, but did not answer',
    '模型只有思考',
  ],
  ['a thought that used up everything', [thought, end('length')], 'raise max_tokens', '调高 max_tokens'],
  ['a tool call', [thought, end('function_calls')], 'it only called a tool', '模型只想调用工具'],
  ['a filter', [end('content_filter')], 'a content filter stopped it', '内容过滤'],
];

onEachDatabase('a reply without a word', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  async function appWith(script: Script, contextPolicy?: ContextPolicy) {
    const model = scriptedModel(script);
    const app = await testApp(database, { model, ...(contextPolicy ? { contextPolicy } : {}) });
    const id = await app.newSession();
    const say = (content: string) => app.send('POST', `/api/sessions/${id}/chat`, { content });
    const turns = async (headers = {}) => (await app.get(`/api/sessions/${id}/turns`, headers)).json();
    return { app, model, id, say, turns };
  }

  for (const [name, events, en, zh] of NOTHING) {
    test(`fails: ${name}`, async () => {
      const { app, model, id, say, turns } = await appWith((_, call) =>
        call === 1 ? events : saying(['ok']),
      );
      const problem = await expectProblem(await say('hi'), 502);
      expect(problem.type).toBe('urn:agentchat:problem:model_empty');
      expect(problem.detail).toContain(en);
      const [turn] = await turns({ 'accept-language': 'zh-CN' });
      expect(turn).toMatchObject({ status: 'failed', reply: null, user_message: { content: 'hi' } });
      expect(turn.error.detail).toContain(zh);

      const told = await app.get(`/api/sessions/${id}/turns/${turn.id}`, { accept: 'text/event-stream' });
      const streamed = await told.text();
      expect(streamed.includes('Let me see.')).toBe(events.includes(thought));
      expect(streamed).toContain('"status":"failed"');

      // The next message goes with the one that was not answered.
      expect((await say('and you?')).status).toBe(200);
      expect(model.calls[1]?.slice(1)).toEqual([
        { content: 'hi\n\nand you?', source: 'user', type: 'UserMessage' },
      ]);
      const again = await app.request(`/api/sessions/${id}/turns/${turn.id}/retry`, { method: 'POST' });
      expect(await again.json()).toMatchObject({ content: 'ok' });
    });
  }

  test('a word is enough, after whatever came before', async () => {
    const { say } = await appWith(() => saying(['\n\n', ' a'], ['hm']));
    expect(await (await say('hi')).json()).toMatchObject({ content: '\n\n a', thought: 'hm', metadata: {} });
  });

  test('a reply that ended in another way says so', async () => {
    const told = async (finishReason: Parameters<typeof end>[0]) => {
      const { say } = await appWith(() => [{ type: 'content', text: 'a' }, end(finishReason)]);
      return (await (await say('hi')).json()).metadata.finish_reason;
    };
    expect(await told('stop')).toBeUndefined();
    expect(await told('length')).toBe('length');
    expect(await told('unknown')).toBe('unknown');
    expect(await told('function_calls')).toBe('function_calls');
  });

  test('a turn that is cancelled keeps a thought, and nothing where there are only blanks', async () => {
    for (const [piece, reply] of [
      [thought, { content: '', thought: 'Let me see.', metadata: { cancelled: 'true' } }],
      [blank, null],
    ] as const) {
      const came = Promise.withResolvers<void>();
      const { app, model, id, say, turns } = await appWith(async function* (_, call): AsyncGenerator<Step> {
        if (call > 1) return yield* saying(['ok']);
        yield piece;
        came.resolve();
        yield new Promise<void>(() => {});
      });
      const saidFirst = say('hi');
      await came.promise;
      const [running] = await turns();
      await app.request(`/api/sessions/${id}/turns/${running.id}/cancel`, { method: 'POST' });
      await saidFirst;
      const [turn] = await turns();
      expect(turn.status).toBe('cancelled');
      if (reply) expect(turn.reply).toMatchObject(reply);
      else expect(turn.reply).toBeNull();
      // What is stored without a word is not sent.
      await say('next');
      expect(model.calls[1]?.slice(1)).toEqual([
        { content: 'hi\n\nnext', source: 'user', type: 'UserMessage' },
      ]);
    }
  });

  const policies: ContextPolicy[] = [
    { kind: 'unbounded' },
    { kind: 'buffered', size: 2 },
    { kind: 'buffered', size: 3 },
    { kind: 'head_and_tail', head: 1, tail: 2 },
    { kind: 'head_and_tail', head: 2, tail: 3 },
    { kind: 'token_limited', limit: 25 },
    { kind: 'newest_that_fit', limit: 25 },
  ];
  for (const policy of policies) {
    test(`a session that fails now and then stays one that strict servers take: ${JSON.stringify(policy)}`, async () => {
      const failure = new ModelError('failed', { 'zh-CN': '运气不好', en: 'no luck' });
      const answers = [
        saying(['one']),
        [failure],
        [end('stop')],
        saying(['two'], ['hm']),
        [thought, end('stop')],
      ];
      const { model, say } = await appWith((_, call) => answers[call % answers.length] ?? [], policy);
      for (let turn = 0; turn < 14; turn++) await (await say(`message ${turn}`)).text();
      expect(model.calls).toHaveLength(14);
      model.calls.forEach((messages, turn) => {
        expect(validConversation(messages)).toEqual(messages);
        expect(JSON.stringify(messages.at(-1))).toContain(`message ${turn}`);
        const roles = messages.slice(1).map(({ type }) => type);
        expect(roles).toEqual(
          roles.map((_, index) => (index % 2 === 0 ? 'UserMessage' : 'AssistantMessage')),
        );
      });
    });
  }
});
