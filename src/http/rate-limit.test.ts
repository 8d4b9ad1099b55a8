// What answers tell of limits: whom they hold for, how much is left, and of what.
import { beforeAll, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { createAgents } from '../agent/agent.ts';
import { createAssistant } from '../agent/assistant.ts';
import { DEFAULT_CONTEXT_POLICY } from '../agent/context-policy.ts';
import type { Database } from '../db/database.ts';
import { createStore } from '../db/store.ts';
import { onEachDatabase } from '../testing/databases.ts';
import { expectProblem } from '../testing/expect-problem.ts';
import { makeKey } from '../testing/keys.ts';
import { nobody } from '../testing/new-turns.ts';
import { newOwner } from '../testing/owners.ts';
import { type Script, say, scriptedModel } from '../testing/scripted-model.ts';
import { testApp } from '../testing/test-app.ts';
import { everyOwner } from '../words/access.ts';
import type { LimitValues } from '../words/limits.ts';

const unlimited: LimitValues = {
  requests_per_minute: null,
  running_turns: null,
  turns_per_day: null,
  tokens_per_day: null,
  cost_per_month: null,
  agents: null,
};

onEachDatabase('an answer', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  async function limited(values: Partial<LimitValues>, script: Script = () => say(['yes'])) {
    const owner = await newOwner(database);
    const audit = { ...nobody, action: 'limits.set' };
    await createStore(database).limits.set({ owner }, { ...unlimited, ...values }, audit);
    const model = scriptedModel(script);
    const agent = createAssistant({
      model,
      systemMessage: '',
      contextPolicy: DEFAULT_CONTEXT_POLICY,
      prices: { prompt: 1000, completion: 2000 },
    });
    const app = await testApp(database, { owner, agents: createAgents(agent) });
    const chat = (id: string, headers = {}) =>
      app.send('POST', `/api/sessions/${id}/chat`, { content: 'hi' }, headers);
    return { ...app, chat, model };
  }

  test('tells who is limited what is left, whatever it is: a stream, an error, a page', async () => {
    const { chat, newSession, get, send, request } = await limited({ requests_per_minute: 900 });
    const id = await newSession();
    const preflight = { method: 'OPTIONS', headers: { origin: 'http://localhost:3000' } };
    const told = [
      await get('/api/me'),
      await chat(id),
      await chat(id, { accept: 'text/event-stream' }),
      await request(`/api/sessions/${id}`, { method: 'HEAD' }),
      await send('POST', `/api/sessions/${id}/chat`, '{'),
      await send('POST', `/api/sessions/${id}/chat`, {}),
      await get(`/api/sessions/${randomUUID()}`),
      await get('/api/admin/keys'),
      await get('/nothing'),
      await send('PUT', '/api/sessions', {}),
      await get('/docs'),
      await get('/openapi.json'),
    ];
    expect(told.map(({ status }) => status)).toEqual([
      200, 200, 200, 200, 400, 422, 404, 403, 404, 405, 200, 200,
    ]);
    for (const { headers } of told) {
      expect(headers.get('ratelimit-policy')).toBe('"requests_per_minute";q=900;w=60');
      expect(headers.get('ratelimit')).toMatch(/^"requests_per_minute";r=8\d\d;t=\d+$/);
    }
    // What needs no credential is counted against nobody.
    for (const answer of [
      await get('/'),
      await get('/healthz'),
      await get('/api/sign-in'),
      await request('/api/me', preflight),
    ])
      expect(answer.headers.has('ratelimit')).toBe(false);
    await Promise.all(told.map((answer) => answer.text()));
  });

  test('tells who is refused a turn, before a model is asked, which limit it is', async () => {
    const over = Promise.withResolvers<void>();
    const waiting: Script = () => [{ type: 'content', text: 'wait' }, over.promise];
    for (const [values, script, policy, left] of [
      [{ turns_per_day: 1 }, undefined, '"turns_per_day";q=1;w=86400', /^"turns_per_day";r=0;t=\d+$/],
      [
        { tokens_per_day: 1 },
        undefined,
        '"tokens_per_day";q=1;qu="tokens";w=86400',
        /^"tokens_per_day";r=0;t=\d+$/,
      ],
      [
        { running_turns: 1 },
        waiting,
        '"running_turns";q=1;qu="concurrent-requests"',
        /^"running_turns";r=0;t=\d+$/,
      ],
      [
        { cost_per_month: 0.001 },
        undefined,
        '"cost_per_month";q=1000;qu="cost-millionths"',
        /^"cost_per_month";r=0;t=\d+$/,
      ],
    ] as const) {
      const { chat, newSession, model, get } = await limited({ ...values, requests_per_minute: 900 }, script);
      // A stream is there as soon as its turn has begun.
      const first = await chat(await newSession(), { accept: 'text/event-stream' });
      if (script === undefined) await first.text();
      const requests = '"requests_per_minute";q=900;w=60';
      for (const accept of ['application/json', 'text/event-stream']) {
        const refused = await chat(await newSession(), { accept });
        await expectProblem(refused, 429);
        expect(refused.headers.get('ratelimit-policy')).toBe(`${requests}, ${policy}`);
        const [ofRequests, ofTurns] = (refused.headers.get('ratelimit') ?? '').split(', ');
        expect(ofRequests).toMatch(/^"requests_per_minute";r=8\d\d;t=\d+$/);
        expect(ofTurns).toMatch(left);
      }
      expect(model.calls).toHaveLength(1);
      expect(await (await get('/history')).json()).toEqual([]);
    }
    over.resolve();
  });

  test('tells the nearer limit, of a key and its owner', async () => {
    const { app, get, send } = await testApp(database, { settings: { ways: ['keys'] } });
    const { id, key, owner } = await makeKey(database);
    const { key: other } = await makeKey(database, { owner });
    const admin = { authorization: `Bearer ${(await makeKey(database, { role: 'admin' })).key}` };
    const path = `/api/admin/limits/${owner}`;
    await send('PUT', path, { requests_per_minute: 900 }, admin);
    await send('PUT', `${path}?key=${id}`, { requests_per_minute: 300, turns_per_day: 1 }, admin);
    const policyOf = async (used: string) =>
      (await get('/api/me', { authorization: `Bearer ${used}` })).headers.get('ratelimit-policy');
    expect(await policyOf(key)).toBe('"requests_per_minute";q=300;w=60, "turns_per_day";q=1;w=86400');
    expect(await policyOf(other)).toBe('"requests_per_minute";q=900;w=60');
    const chat = async (used: string) => {
      const headers = { authorization: `Bearer ${used}`, 'content-type': 'application/json' };
      const body = JSON.stringify({ content: 'hi' });
      return (await app.request('/chat', { method: 'POST', headers, body })).status;
    };
    expect([await chat(key), await chat(key), await chat(other)]).toEqual([200, 429, 200]);
    const me = async (used: string) => (await get('/api/me', { authorization: `Bearer ${used}` })).json();
    const limits = { requests_per_minute: 900, turns_per_day: null };
    expect(await me(key)).toMatchObject({
      limits,
      key_limits: { requests_per_minute: 300, turns_per_day: 1 },
    });
    expect(await me(other)).toMatchObject({ limits, key_limits: null });
  });

  test('says what holds for all, to who has no limits of their own', async () => {
    const { get, calledBy, owner } = await limited({});
    const admin = calledBy(await newOwner(database), 'admin');
    const limits = createStore(database).limits;
    await limits.remove({ owner }, { ...nobody, action: 'limits.removed' });
    const path = `/api/admin/limits/${encodeURIComponent(everyOwner)}`;
    try {
      expect((await admin.send('PUT', path, { requests_per_minute: 9000 })).status).toBe(200);
      expect((await get('/api/me')).headers.get('ratelimit-policy')).toBe(
        '"requests_per_minute";q=9000;w=60',
      );
      const other = await newOwner(database);
      await limits.set({ owner: other }, unlimited, { ...nobody, action: 'limits.set' });
      expect((await calledBy(other).get('/api/me')).headers.has('ratelimit-policy')).toBe(false);
    } finally {
      // All tests share a database.
      await admin.request(path, { method: 'DELETE' });
    }
  });
});
