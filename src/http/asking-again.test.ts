// The same message sent again under its key, and messages that come while a turn of their session runs.
import { beforeAll, expect, test } from 'bun:test';
import { requestHash } from '../chat/turns/request-hash.ts';
import type { Database } from '../db/database.ts';
import { ModelError } from '../models/model.ts';
import { onEachDatabase } from '../testing/databases.ts';
import { readEvents } from '../testing/event-stream.ts';
import { expectProblem } from '../testing/expect-problem.ts';
import { newOwner } from '../testing/owners.ts';
import { echo, say, scriptedModel } from '../testing/scripted-model.ts';
import { testApp } from '../testing/test-app.ts';
import { longestQueue } from '../words/turn-limits.ts';

const stream = { accept: 'text/event-stream' };
const under = (key: string) => ({ 'idempotency-key': key });

onEachDatabase('asking again', (open, onServer) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  test('the same key and message are one turn, at once, later, blocking, streamed, from any process', async () => {
    const owner = await newOwner(database);
    const model = scriptedModel();
    const one = await testApp(database, { owner, model });
    const two = await testApp(database, { owner, model });
    const id = await one.newSession();
    const ask = (app: typeof one, headers = {}) =>
      app.send('POST', `/api/sessions/${id}/chat`, { content: 'hi' }, { ...under('a key'), ...headers });
    const at_once = await Promise.all([ask(one), ask(two), ask(one), ask(two), ask(one, stream)]);
    const bodies = await Promise.all(at_once.slice(0, 4).map((response) => response.json()));
    expect(bodies[0].content).toBe('echo: hi');
    for (const body of bodies) expect(body).toEqual(bodies[0]);
    for (const response of [at_once[4], await ask(two, stream)]) {
      const events = response ? await readEvents(response) : [];
      expect(events[0]?.event).toBe('turn');
      expect(events.at(-2)?.data).toEqual(bodies[0]);
    }
    expect(await (await ask(two)).json()).toEqual(bodies[0]);
    expect(model.calls).toHaveLength(1);
    expect(await (await one.get(`/api/sessions/${id}/history`)).json()).toHaveLength(2);
    await one.send('POST', `/api/sessions/${id}/chat`, { content: 'hi' }, under('another key'));
    expect(model.calls).toHaveLength(2);
  });

  test('the order of keys in an object makes no other message of it; that of a list does', async () => {
    const app = await testApp(database);
    const id = await app.newSession();
    const ask = async (metadata: object) =>
      (await app.send('POST', `/api/sessions/${id}/chat`, { content: 'hi', metadata }, under('k'))).status;
    expect(await ask({ a: '1', b: { c: [1, { d: 2, e: 3 }], f: null } })).toBe(200);
    expect(await ask({ b: { f: null, c: [1, { e: 3, d: 2 }] }, a: '1' })).toBe(200);
    expect(await ask({ a: '1', b: { c: [{ d: 2, e: 3 }, 1], f: null } })).toBe(409);
    expect(await ask({ a: '1' })).toBe(409);
  });

  onServer(
    'a hundred keys, ten requests of each at once, over two processes: the model is called a hundred times',
    async () => {
      const owner = await newOwner(database);
      const model = scriptedModel();
      const one = await testApp(database, { owner, model });
      const two = await testApp(database, { owner, model });
      const sessions = await Promise.all(Array.from({ length: 20 }, () => one.newSession()));
      const answers = await Promise.all(
        Array.from({ length: 1000 }, async (_, n) => {
          const key = n % 100;
          const path = `/api/sessions/${sessions[key % sessions.length]}/chat`;
          const app = Math.floor(n / 100) % 2 ? two : one;
          const response = await app.send('POST', path, { content: `${key}` }, under(`${key}`));
          return (await response.json()).id;
        }),
      );
      expect(new Set(answers).size).toBe(100);
      expect(model.calls).toHaveLength(100);
    },
    180_000,
  );

  test('a key of its own belongs to its message and its session', async () => {
    const app = await testApp(database);
    const id = await app.newSession();
    const path = `/api/sessions/${id}/chat`;
    await app.send('POST', path, { content: 'hi' }, under('k'));
    for (const body of [
      { content: 'ho' },
      { content: 'hi', source: 'somebody' },
      { content: 'hi', metadata: { a: 1 } },
    ]) {
      expect((await expectProblem(await app.send('POST', path, body, under('k')), 409)).detail).toMatch(
        /another message/,
      );
    }
    const other = await app.newSession();
    const reply = await (
      await app.send('POST', `/api/sessions/${other}/chat`, { content: 'ho' }, under('k'))
    ).json();
    expect(reply.session_id).toBe(other);
  });

  test('a key is 1 to 255 characters', async () => {
    const app = await testApp(database);
    const path = `/api/sessions/${await app.newSession()}/chat`;
    for (const key of ['', 'x'.repeat(256)])
      expect(
        (await expectProblem(await app.send('POST', path, { content: 'hi' }, under(key)), 422)).detail,
      ).toMatch(/idempotency-key/i);
    expect((await app.send('POST', path, { content: 'hi' }, under('x'.repeat(255)))).status).toBe(200);
  });

  test('a failed turn answers its key with its failure; tried again, with its reply', async () => {
    const no = { 'zh-CN': '不', en: 'no' };
    const model = scriptedModel((messages, call) =>
      call === 1 ? [new ModelError('failed', no)] : echo(messages, call),
    );
    const app = await testApp(database, { model });
    const id = await app.newSession();
    const ask = () => app.send('POST', `/api/sessions/${id}/chat`, { content: 'hi' }, under('k'));
    expect((await expectProblem(await ask(), 502)).detail).toMatch(/no/);
    expect((await expectProblem(await ask(), 502)).detail).toMatch(/no/);
    const [turn] = await (await app.get(`/api/sessions/${id}/turns`)).json();
    await app.request(`/api/sessions/${id}/turns/${turn.id}/retry`, { method: 'POST' });
    expect((await (await ask()).json()).content).toBe('echo: hi');
    expect(model.calls).toHaveLength(2);
  });

  for (const [failure, status, statusAgain] of [
    ['busy', 503, 409],
    ['failed', 502, 502],
    ['timeout', 504, 504],
  ] as const) {
    test(`what a turn that ended as ${failure} answers its key with is final, and says how to go on`, async () => {
      const no = { 'zh-CN': '不', en: 'no' };
      const model = scriptedModel((messages, call) =>
        call === 1 ? [new ModelError(failure, no, { retryAfterSeconds: 3 })] : echo(messages, call),
      );
      const app = await testApp(database, { model });
      const id = await app.newSession();
      const ask = () => app.send('POST', `/api/sessions/${id}/chat`, { content: 'hi' }, under('k'));
      const first = await ask();
      expect(first.headers.get('retry-after')).toBe('3');
      const begun = await expectProblem(first, status);
      const again = await ask();
      expect(again.headers.get('retry-after')).toBeNull();
      const ended = await expectProblem(again, statusAgain);
      const [turn] = await (await app.get(`/api/sessions/${id}/turns`)).json();
      const retry = `/api/sessions/${id}/turns/${turn.id}/retry`;
      for (const problem of [begun, ended]) {
        expect(problem).toMatchObject({
          type: `urn:agentchat:problem:model_${failure}`,
          turn_id: turn.id,
          retryable: true,
        });
        expect(problem.detail).toContain(`POST ${retry} `);
      }
      expect(begun.detail).toMatch(/try again/i);
      expect(ended.detail).not.toMatch(/try again/i);
      expect((await (await app.request(retry, { method: 'POST' })).json()).content).toBe('echo: hi');
      expect((await ask()).status).toBe(200);
    });
  }

  for (const [failure, status, statusAgain] of [
    ['refused', 502, 502],
    ['quota', 503, 409],
    ['too_long', 413, 413],
  ] as const) {
    test(`a retry is not offered of a turn that ended as ${failure}, and helps once it is mended`, async () => {
      const no = { 'zh-CN': '不', en: 'no' };
      const model = scriptedModel((messages, call) =>
        call === 1 ? [new ModelError(failure, no)] : echo(messages, call),
      );
      const app = await testApp(database, { model });
      const id = await app.newSession();
      const ask = () => app.send('POST', `/api/sessions/${id}/chat`, { content: 'hi' }, under('k'));
      const first = await expectProblem(await ask(), status);
      const again = await expectProblem(await ask(), statusAgain);
      const [turn] = await (await app.get(`/api/sessions/${id}/turns`)).json();
      const path = `/api/sessions/${id}/turns/${turn.id}`;
      const events = await readEvents(await app.get(path, stream));
      for (const problem of [first, again, turn.error, events.at(-2)?.data]) {
        expect(problem).toMatchObject({ turn_id: turn.id, retryable: false });
        expect(problem.detail).not.toMatch(/try again|runs (the turn|it) again|POST/i);
      }
      expect(again.detail).toContain('only brings this answer again');
      const retried = await app.request(`${path}/retry`, { method: 'POST' });
      expect((await retried.json()).content).toBe('echo: hi');
    });
  }

  test('a turn that was cancelled, or whose process died too often, is no reason to come back', async () => {
    const app = await testApp(database);
    const id = await app.newSession();
    for (const [key, error] of [
      ['a', { code: 'interrupted' }],
      ['b', { code: 'database_away', retry_after: 2 }],
      ['c', null],
    ] as const) {
      const turn = { owner: app.owner, session: id, turn: crypto.randomUUID(), lease: crypto.randomUUID() };
      const message = { content: key, source: 'user', type: 'TextMessage', modelsUsage: null, metadata: {} };
      const by = { agent: 'assistant', replyId: crypto.randomUUID() };
      const idempotency = { key, requestHash: await requestHash(message) };
      const begin = { ...turn, name: key, message: { id: crypto.randomUUID(), ...message }, idempotency };
      await app.store.turns.begin({ ...begin, ...by, mayWait: true, before: 0 });
      await app.store.turns.endWithoutReply(turn, error);
      const answer = await app.send('POST', `/api/sessions/${id}/chat`, { content: key }, under(key));
      expect(answer.headers.get('retry-after')).toBeNull();
      const problem = await expectProblem(answer, 409);
      expect(problem.turn_id).toBe(turn.turn);
      expect(problem.detail.includes('/retry')).toBe(error !== null);
    }
  });

  /** A session with a turn that runs until `gate` is opened. */
  async function busySession() {
    const gate = Promise.withResolvers<void>();
    const model = scriptedModel((messages, call) =>
      call === 1
        ? [{ type: 'content', text: 'so far' }, gate.promise, ...say([' and on'])]
        : echo(messages, call),
    );
    const app = await testApp(database, { model });
    const path = `/api/sessions/${await app.newSession()}/chat`;
    const first = app.send('POST', path, { content: 'one' });
    while (model.calls.length === 0) await Bun.sleep(5);
    return { app, model, path, first, gate };
  }

  test('on_busy=reject: 409 while a turn runs, and nothing is kept', async () => {
    const { app, path, first, gate } = await busySession();
    const refused = await app.send('POST', `${path}?on_busy=reject`, { content: 'two' });
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    expect((await expectProblem(refused, 409)).detail).toMatch(/on_busy=queue/);
    gate.resolve();
    expect((await (await first).json()).content).toBe('so far and on');
    const history = await (await app.get(path.replace('chat', 'history'))).json();
    expect(history).toHaveLength(2);
    expect((await app.send('POST', `${path}?on_busy=reject`, { content: 'two' })).status).toBe(200);
  });

  test('on_busy=reject with the key of the turn that runs joins it', async () => {
    const gate = Promise.withResolvers<void>();
    const app = await testApp(database, { model: scriptedModel(() => [gate.promise, ...say(['x'])]) });
    const path = `/api/sessions/${await app.newSession()}/chat?on_busy=reject`;
    const both = [1, 2].map(() => app.send('POST', path, { content: 'hi' }, under('k')));
    await Bun.sleep(50);
    gate.resolve();
    const [one, two] = await Promise.all(both.map(async (answer) => (await answer).json()));
    expect(one).toEqual(two);
  });

  test('on_busy=interrupt: the running turn is cancelled, keeps what it said, and the next one knows it', async () => {
    const { app, model, path, first } = await busySession();
    const second = await (await app.send('POST', `${path}?on_busy=interrupt`, { content: 'two' })).json();
    expect(second.content).toBe('echo: two');
    expect(await (await first).json()).toMatchObject({ content: 'so far', metadata: { cancelled: 'true' } });
    expect(model.calls[1]?.map(({ content }) => content)).toContain('so far');
  });

  test('the line of a session has an end: 429 with Retry-After', async () => {
    const { app, path, first, gate } = await busySession();
    const waiting = Array.from({ length: longestQueue }, (_, n) =>
      app.send('POST', path, { content: `${n}` }),
    );
    const turns = async () =>
      (await app.get(`${path.replace('chat', 'turns')}?status=queued&limit=100`)).json();
    while ((await turns()).length < longestQueue) await Bun.sleep(10);
    const refused = await app.send('POST', path, { content: 'too many' });
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    expect((await expectProblem(refused, 429)).detail).toMatch(/wait/);
    gate.resolve();
    for (const answer of [first, ...waiting]) expect((await answer).status).toBe(200);
  });

  test('an unknown on_busy is refused', async () => {
    const app = await testApp(database);
    const path = `/api/sessions/${await app.newSession()}/chat?on_busy=maybe`;
    expect((await expectProblem(await app.send('POST', path, { content: 'hi' }), 422)).detail).toMatch(
      /on_busy/,
    );
  });
});
