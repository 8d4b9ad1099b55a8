import { beforeAll, expect, test } from 'bun:test';
import { sql } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { expectProblem } from '../../testing/expect-problem.ts';
import { testApp } from '../../testing/test-app.ts';

type App = Awaited<ReturnType<typeof testApp>>;

const body = async (response: Response | Promise<Response>) => (await response).json();
const say = (app: App, id: string, content: string) =>
  app.send('POST', `/api/sessions/${id}/chat`, { content });
const nameOf = async (app: App, id: string) => (await body(app.get(`/api/sessions/${id}`))).name;

onEachDatabase('a session', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  test('is made of nothing, and is where Location says', async () => {
    const app = await testApp(database);
    const response = await app.request('/api/sessions', { method: 'POST' });
    expect(response.status).toBe(201);
    const session = await response.json();
    expect(session).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      name: 'New session',
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      updated_at: session.created_at,
      message_count: 0,
      metadata: {},
    });
    expect(response.headers.get('location')).toBe(`/api/sessions/${session.id}`);
    const agent_state = { type: 'AssistantAgentState', version: '1.0.0', llm_context: { messages: [] } };
    expect(await body(app.get(response.headers.get('location') ?? ''))).toEqual({ ...session, agent_state });
  });

  test('has a name in the caller’s language until it is given one', async () => {
    const app = await testApp(database, { settings: { defaultLocale: 'zh-CN' } });
    const made = (headers: Record<string, string>) => body(app.send('POST', '/api/sessions', {}, headers));
    expect((await made({})).name).toBe('新会话');
    expect((await made({ 'accept-language': 'zh-TW' })).name).toBe('新会话');
    expect((await made({ 'accept-language': 'en' })).name).toBe('New session');
    const { id } = await made({});
    expect((await body(app.send('PATCH', `/api/sessions/${id}`, { name: 'x' }))).name).toBe('x');
  });

  test('changes only what is given', async () => {
    const app = await testApp(database);
    const made = await body(app.send('POST', '/api/sessions', { name: 'a', metadata: { b: 1 } }));
    const path = `/api/sessions/${made.id}`;
    const { updated_at: _, ...same } = made;
    expect(await body(app.send('PATCH', path, {}))).toMatchObject(same);
    expect(await body(app.send('PATCH', path, { name: 'c' }))).toMatchObject({
      name: 'c',
      metadata: { b: 1 },
    });
    const replaced = await body(app.send('PATCH', path, { metadata: { d: 2 } }));
    expect(replaced).toMatchObject({ name: 'c', created_at: made.created_at });
    expect(replaced.metadata).toEqual({ d: 2 });
    expect(replaced).not.toHaveProperty('agent_state');
    expect(await body(app.send('PATCH', path, { id: 'x', message_count: 7 }))).toMatchObject({
      id: made.id,
      message_count: 0,
    });
  });

  test('once deleted is gone with all it held, and deleting it again is 404', async () => {
    const app = await testApp(database);
    const id = await app.newSession();
    await say(app, id, 'x');
    const [turn] = await body(app.get(`/api/sessions/${id}/turns`));
    const path = `/api/sessions/${id}`;
    const response = await app.request(path, { method: 'DELETE', headers: { 'accept-language': 'zh' } });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ success: true, message: '会话已删除' });
    for (const rest of ['', '/history', '/turns', `/turns/${turn.id}`])
      await expectProblem(await app.get(path + rest), 404);
    await expectProblem(await app.request(path, { method: 'DELETE' }), 404);
    await expectProblem(await app.send('PATCH', path, { name: 'x' }), 404);
    await expectProblem(await say(app, id, 'x'), 404);
    expect(await body(app.get('/api/sessions'))).toEqual([]);
    expect(await body(app.get('/history'))).toEqual([]);
    for (const table of ['chat_messages', 'chat_turns', 'chat_turn_events']) {
      const left = sql`select 1 as one from ${sql.identifier(table)} where session_id = ${id}`;
      expect(await database.db.select().from(sql`(${left}) as rest`)).toHaveLength(0);
    }
  });

  test('deleted twenty times at once is deleted once', async () => {
    const app = await testApp(database);
    const id = await app.newSession();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => app.request(`/api/sessions/${id}`, { method: 'DELETE' })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(404)]);
  });
});

onEachDatabase('a session’s name', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  const family = '👩‍👩‍👧‍👦';
  for (const [title, message, name] of [
    ['a short message', 'hello', 'hello'],
    ['a message of exactly 20', 'abcdefghijklmnopqrst', 'abcdefghijklmnopqrst'],
    ['a message of 21', 'abcdefghijklmnopqrstu', 'abcdefghijklmnopqrst...'],
    ['Chinese', '请你用二十个汉字来回答这个问题好不好呀谢谢', '请你用二十个汉字来回答这个问题好不好呀谢...'],
    ['families', family.repeat(20), family.repeat(20)],
    ['one family too many', family.repeat(21), `${family.repeat(20)}...`],
    ['flags', '🇨🇳'.repeat(21), `${'🇨🇳'.repeat(20)}...`],
    ['combining marks', 'e\u0301'.repeat(21), `${'e\u0301'.repeat(20)}...`],
    ['skin tones', '👍🏽'.repeat(21), `${'👍🏽'.repeat(20)}...`],
    ['Hangul letters', '\u1112\u1161\u11ab'.repeat(21), `${'\u1112\u1161\u11ab'.repeat(20)}...`],
    ['a message that ends in dots', 'abcdefghijklmnopq...', 'abcdefghijklmnopq...'],
    ['what looks like JSON', '{"a":1}', '{"a":1}'],
    ['SQL', "'; drop table x; --", "'; drop table x; --"],
  ] as const) {
    test(`is the beginning of its first message: ${title}`, async () => {
      const app = await testApp(database);
      const id = await app.newSession();
      await say(app, id, message);
      expect(await nameOf(app, id)).toBe(name);
      await say(app, id, 'another');
      expect(await nameOf(app, id)).toBe(name);
    });
  }

  test('of one endless character with 200,000 marks is short and well-formed', async () => {
    const app = await testApp(database);
    for (const message of [`a${'\u0301'.repeat(200_000)}`, '😀\u200d'.repeat(60_000)]) {
      const id = await app.newSession();
      expect((await say(app, id, message)).status).toBe(200);
      const name = await nameOf(app, id);
      expect(name.isWellFormed()).toBe(true);
      expect(name.length).toBeLessThan(500);
      expect(name).toEndWith('...');
    }
  });

  test('that a caller gave stays, even if it is the default one', async () => {
    const app = await testApp(database);
    for (const name of ['mine', 'New session', ' ']) {
      const id = await app.newSession({ name });
      await say(app, id, 'hello');
      expect(await nameOf(app, id)).toBe(name);
      const other = await app.newSession();
      await app.send('PATCH', `/api/sessions/${other}`, { name });
      await say(app, other, 'hello');
      expect(await nameOf(app, other)).toBe(name);
    }
  });

  test('comes from the first of many messages sent at once', async () => {
    const app = await testApp(database);
    const id = await app.newSession();
    await Promise.all(['one', 'two', 'three', 'four'].map((content) => say(app, id, content)));
    const [first] = await body(app.get(`/api/sessions/${id}/history`));
    expect(await nameOf(app, id)).toBe(first.content);
  });

  test('is never blank', async () => {
    const app = await testApp(database);
    for (const blank of ['   ', '\n\t', '\u3000', '\u200b']) {
      const id = await app.newSession();
      await say(app, id, blank);
      expect(await nameOf(app, id)).toBe('New session');
    }
  });

  test('a change that changes nothing leaves its place in the list', async () => {
    const app = await testApp(database);
    const id = await app.newSession();
    const before = await body(app.get(`/api/sessions/${id}`));
    await Bun.sleep(5);
    expect((await body(app.send('PATCH', `/api/sessions/${id}`, {}))).updated_at).toBe(before.updated_at);
    const renamed = await body(app.send('PATCH', `/api/sessions/${id}`, { name: 'x' }));
    expect(renamed.updated_at > before.updated_at).toBe(true);
  });
});
