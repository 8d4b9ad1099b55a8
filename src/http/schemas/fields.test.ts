import { beforeAll, expect, test } from 'bun:test';
import type { Database } from '../../db/database.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { expectInvalid, expectProblem } from '../../testing/expect-problem.ts';
import { scriptedModel } from '../../testing/scripted-model.ts';
import { testApp } from '../../testing/test-app.ts';

/** An object whose JSON has exactly this many bytes. */
const sized = (bytes: number) => ({ a: 'é'.repeat((bytes - 8) / 2) });
const nested = (depth: number): unknown => JSON.parse(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`);
const nestedJson = (depth: number) => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;

onEachDatabase('a field', (open) => {
  let database: Database;
  let app: Awaited<ReturnType<typeof testApp>>;
  let id: string;
  beforeAll(async () => {
    database = await open();
    app = await testApp(database, { model: scriptedModel(() => [{ type: 'content', text: 'ok' }]) });
    id = await app.newSession();
  });

  const chat = (body: unknown) => app.send('POST', `/api/sessions/${id}/chat`, body);
  const create = (body: unknown) => app.send('POST', '/api/sessions', body);
  const change = (body: unknown) => app.send('PATCH', `/api/sessions/${id}`, body);

  test('that is missing is told from one that is wrong', async () => {
    expect(await expectInvalid(await chat({}), ['body', 'content'])).toBe('is required');
    expect(await expectInvalid(await chat({ content: null }), ['body', 'content'])).toBe(
      'must be a string or an array',
    );
    const none = await app.request(`/api/sessions/${id}/chat`, { method: 'POST' });
    expect(await expectInvalid(none, ['body', 'content'])).toBe('is required');
  });

  for (const value of [null, 5, true, {}, { content: 'hi' }]) {
    test(`content ${JSON.stringify(value)} is 422`, async () => {
      expect(await expectInvalid(await chat({ content: value }), ['body', 'content'])).toBe(
        'must be a string or an array',
      );
    });
  }

  test('each one that is wrong is told', async () => {
    const response = await chat({ content: 7, source: 5, type: 'x', models_usage: 1, metadata: [] });
    const { errors = [] } = await expectProblem(response, 422);
    expect(errors.map(({ loc }) => loc.join('.'))).toEqual([
      'body.content',
      'body.source',
      'body.type',
      'body.models_usage',
      'body.metadata',
    ]);
  });

  for (const [name, send, maximum] of [
    ['content', chat, 262_144],
    ['source', (body: object) => chat({ content: 'x', ...body }), 50],
    ['name', create, 100],
    ['name', change, 100],
  ] as const) {
    test(`${name} counts characters, not code units: ${maximum} emoji are right, one more is 422`, async () => {
      const emoji = '😀'.repeat(maximum - 1);
      // 262,144 emoji are a body of a megabyte, which has a limit of its own: é brings the content there.
      const longest = name === 'content' ? 'é'.repeat(maximum) : `${emoji}é`;
      expect((await send({ [name]: longest })).status).toBeLessThan(300);
      const msg = await expectInvalid(await send({ [name]: `${longest}x` }), ['body', name]);
      expect(msg).toBe(`must have 1 to ${maximum} characters`);
      await expectInvalid(await send({ [name]: '' }), ['body', name]);
    });

    test(`${name} with NUL or half a surrogate pair is 422 that says so`, async () => {
      for (const text of ['\0', 'a\0b', '\ud800', 'a\udc00', '\udc00\ud800', '😀'.slice(0, 1)]) {
        const msg = await expectInvalid(await send({ [name]: text }), ['body', name]);
        expect(msg).toMatch(/NUL.*surrogate.*remove/);
      }
    });
  }

  test('content of 262,144 emoji is right where the body may be that large', async () => {
    const large = await testApp(database, { settings: { maxBodyBytes: 8 * 1024 ** 2 } });
    const path = `/api/sessions/${await large.newSession()}/chat`;
    const content = '😀'.repeat(262_144);
    expect((await large.send('POST', path, { content })).status).toBe(200);
    await expectInvalid(await large.send('POST', path, { content: `${content}x` }), ['body', 'content']);
    await expectInvalid(await large.send('POST', path, { content: `${content}😀` }), ['body', 'content']);
  });

  for (const [name, value] of [
    ['source', null],
    ['source', 5],
    ['source', {}],
    ['type', null],
    ['type', 'textmessage'],
    ['type', 'StopMessage'],
    ['models_usage', 5],
    ['models_usage', 'none'],
    ['models_usage', []],
    ['metadata', 'text'],
    ['metadata', 5],
    ['metadata', []],
    ['metadata', [['a', 1]]],
    ['metadata', true],
  ] as const) {
    test(`${name} ${JSON.stringify(value)} is 422 in a message`, async () => {
      expect(await expectInvalid(await chat({ content: 'x', [name]: value }), ['body', name])).toStartWith(
        'must be',
      );
    });
  }

  for (const value of [-1, 1.5, '3', null, 1e300]) {
    test(`models_usage with ${value} prompt tokens is 422`, async () => {
      const models_usage = { prompt_tokens: value, completion_tokens: 0 };
      await expectInvalid(await chat({ content: 'x', models_usage }), [
        'body',
        'models_usage',
        'prompt_tokens',
      ]);
    });
  }

  for (const [name, value] of [
    ['name', 5],
    ['name', {}],
    ['metadata', 'x'],
    ['metadata', []],
    ['agent_state', 'x'],
    ['agent_state', []],
    ['agent_state', 0],
  ] as const) {
    test(`${name} ${JSON.stringify(value)} is 422 in a session`, async () => {
      expect(await expectInvalid(await create({ [name]: value }), ['body', name])).toStartWith('must be');
    });
  }

  test('of a session may be null when it is made, and not when it is changed', async () => {
    expect((await create({ name: null, metadata: null, agent_state: null })).status).toBe(201);
    await expectInvalid(await change({ name: null }), ['body', 'name']);
    await expectInvalid(await change({ metadata: null }), ['body', 'metadata']);
  });

  for (const [title, send] of [
    ['a message', (metadata: unknown) => chat({ content: 'x', metadata })],
    ['a new session', (metadata: unknown) => create({ metadata })],
    ['a changed session', (metadata: unknown) => change({ metadata })],
  ] as const) {
    test(`metadata of ${title} may have 16 KiB; one byte more is 422`, async () => {
      expect((await send(sized(16_384))).status).toBeLessThan(300);
      const larger = { ...sized(16_376), b: 1234 };
      expect(Buffer.byteLength(JSON.stringify(larger))).toBe(16_385);
      const msg = await expectInvalid(await send(larger), ['body', 'metadata']);
      expect(msg).toContain('16384 bytes');
    });

    test(`metadata of ${title} may be 64 levels deep and no deeper`, async () => {
      expect((await send(nested(60))).status).toBeLessThan(300);
      expect((await send(nested(64))).status).toBeLessThan(300);
      expect(await expectInvalid(await send(nested(65)), ['body', 'metadata'])).toContain(
        'nested too deeply',
      );
    });

    test(`metadata of ${title} may hold no NUL and no half surrogate pair, in keys neither`, async () => {
      const bad = ['\0', 'x\ud800'];
      for (const text of bad) {
        for (const metadata of [{ a: text }, { [text]: 1 }, { a: [{ b: text }] }, { a: { [text]: null } }]) {
          expect(await expectInvalid(await send(metadata), ['body', 'metadata'])).toContain('remove');
        }
      }
    });
  }

  test('metadata 10,000 levels deep is 422', async () => {
    const response = await create(`{"metadata":${nestedJson(10_000)}}`);
    expect(await expectInvalid(response, ['body', 'metadata'])).toContain('deep');
  });

  test('metadata with a number that JavaScript cannot hold is 422, not null', async () => {
    for (const number of ['1e400', '-1e400', '12345678901234567890', '-9007199254740993']) {
      const response = await create(`{"metadata":{"a":[${number}]}}`);
      expect(await expectInvalid(response, ['body', 'metadata'])).toContain('number');
    }
  });

  test('a message that is refused is not stored', async () => {
    const fresh = await testApp(database);
    const session = await fresh.newSession();
    await fresh.send('POST', `/api/sessions/${session}/chat`, { content: 'x\0' });
    await fresh.send('POST', `/api/sessions/${session}/chat`, { content: 'x', metadata: 5 });
    expect(await (await fresh.get(`/api/sessions/${session}/history`)).json()).toEqual([]);
  });
});
