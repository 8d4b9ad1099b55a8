// Limits on turns: exact, whoever asks at once, and settled by every end.
import { beforeAll, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { createAgents } from '../agent/agent.ts';
import { createAssistant } from '../agent/assistant.ts';
import { DEFAULT_CONTEXT_POLICY } from '../agent/context-policy.ts';
import type { Database } from '../db/database.ts';
import { ModelError } from '../models/model.ts';
import { allowanceOf, setLimits } from '../testing/allowances.ts';
import { onEachDatabase } from '../testing/databases.ts';
import { expectProblem } from '../testing/expect-problem.ts';
import { newOwner } from '../testing/owners.ts';
import { type Script, say, scriptedModel } from '../testing/scripted-model.ts';
import { testApp } from '../testing/test-app.ts';
import type { LimitValues } from '../words/limits.ts';

const broken = new ModelError('failed', { 'zh-CN': '坏了', en: 'it broke' });

onEachDatabase('limits', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  async function limitedApp(values: Partial<LimitValues>, script: Script = () => say(['yes'])) {
    const owner = await newOwner(database);
    await setLimits(database, owner, values);
    const assistant = () =>
      createAssistant({
        model: scriptedModel(script),
        systemMessage: '',
        contextPolicy: DEFAULT_CONTEXT_POLICY,
        prices: { prompt: 1000, completion: 2000 },
      });
    const processOf = () => testApp(database, { owner, agents: createAgents(assistant()) });
    const app = await processOf();
    const chat = (id: string, by = app, headers = {}) =>
      by.send('POST', `/api/sessions/${id}/chat`, { content: 'hi' }, headers);
    return { ...app, app, owner, chat, processOf };
  }

  const statusesOf = async (answers: Promise<Response>[]) => {
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    return Object.fromEntries(
      [200, 429].map((status) => [status, statuses.filter((one) => one === status).length]),
    );
  };

  test('a hundred callers of two processes get exactly as many turns a day as there are', async () => {
    const { app, owner, chat, processOf } = await limitedApp({ turns_per_day: 37 });
    const other = await processOf();
    const ids = await Promise.all(Array.from({ length: 100 }, () => app.newSession()));
    const answers = ids.map((id, n) => chat(id, n % 2 === 0 ? app : other));
    expect(await statusesOf(answers)).toEqual({ 200: 37, 429: 63 });
    expect(await allowanceOf(database, owner)).toMatchObject({
      running: 0,
      turns: 37,
      tokens: 37 * 5,
      reservedTokens: 0,
    });
    expect(await (await app.get('/api/me')).json()).toMatchObject({
      limits: { turns_per_day: 37, running_turns: null },
      usage: { today: { turns: 37 }, month: { turns: 37, prompt_tokens: 37 * 3 } },
    });
  });

  test('no more turns run at once than may, and each end lets another begin', async () => {
    const over = Promise.withResolvers<void>();
    const script: Script = () => [{ type: 'content', text: 'wait' }, over.promise, ...say([' for it'])];
    const { app, owner, chat, processOf } = await limitedApp({ running_turns: 3 }, script);
    const other = await processOf();
    const ids = await Promise.all(Array.from({ length: 30 }, () => app.newSession()));
    const answers = ids.map((id, n) => chat(id, n % 2 === 0 ? app : other));
    while ((await allowanceOf(database, owner))?.running !== 3) await Bun.sleep(10);
    await Bun.sleep(200);
    over.resolve();
    expect(await statusesOf(answers)).toEqual({ 200: 3, 429: 27 });
    expect((await allowanceOf(database, owner))?.running).toBe(0);
    expect((await chat(ids[0] ?? '')).status).toBe(200);
  });

  test('each end settles: failed, cancelled, in the queue, with its session, and run again', async () => {
    const over = Promise.withResolvers<void>();
    let fails = true;
    const script: Script = () =>
      fails ? [{ type: 'content', text: 'half' }, broken] : [{ type: 'content', text: 'half' }, over.promise];
    const { owner, chat, newSession, get, send, request } = await limitedApp({ running_turns: 9 }, script);
    const id = await newSession();
    await expectProblem(await chat(id), 502);
    expect(await allowanceOf(database, owner)).toMatchObject({ running: 0, reservedTokens: 0, turns: 1 });
    fails = false;
    const [{ id: failed }] = await (await get(`/api/sessions/${id}/turns`)).json();
    const retried = send('POST', `/api/sessions/${id}/turns/${failed}/retry`, {});
    while ((await allowanceOf(database, owner))?.running !== 1) await Bun.sleep(10);
    const queued = chat(id);
    while ((await allowanceOf(database, owner))?.running !== 2) await Bun.sleep(10);
    const [{ id: waiting }] = await (await get(`/api/sessions/${id}/turns?status=queued`)).json();
    await send('POST', `/api/sessions/${id}/turns/${waiting}/cancel`, {});
    await queued;
    expect(await allowanceOf(database, owner)).toMatchObject({ running: 1, turns: 3 });
    await send('POST', `/api/sessions/${id}/turns/${failed}/cancel`, {});
    await retried;
    expect(await allowanceOf(database, owner)).toMatchObject({ running: 0, reservedTokens: 0 });
    const gone = await newSession();
    const answers = [chat(gone), chat(gone)];
    while ((await allowanceOf(database, owner))?.running !== 2) await Bun.sleep(10);
    await request(`/api/sessions/${gone}`, { method: 'DELETE' });
    expect(await allowanceOf(database, owner)).toMatchObject({ running: 0, reservedTokens: 0 });
    over.resolve();
    await Promise.all(answers);
    expect(await allowanceOf(database, owner)).toMatchObject({ running: 0, reservedTokens: 0 });
  });

  test('tokens and cost end a day or a month, say when it goes on, and begin anew with the next', async () => {
    for (const [limit, value, column] of [
      ['tokens_per_day', 10, 'day'],
      ['cost_per_month', 0.01, 'month'],
    ] as const) {
      const { owner, chat, newSession } = await limitedApp({ [limit]: value });
      const id = await newSession();
      for (let n = 0; n < 2; n++) expect((await chat(id)).status).toBe(200);
      const refused = await chat(id);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      const { type, detail } = await expectProblem(refused, 429);
      expect(type).toEndWith('limit_reached');
      expect(detail).toContain(String(value));
      await database.db.execute(
        sql`update chat_allowances set ${sql.identifier(column)} = ${sql.identifier(column)} - interval '40 days' where owner_id = ${owner}`,
      );
      expect((await chat(id)).status).toBe(200);
    }
  });

  test('a message that was begun is answered again where nothing new may begin', async () => {
    const { app, owner, chat, newSession } = await limitedApp({ turns_per_day: 1 });
    const id = await newSession();
    const headers = { 'idempotency-key': randomUUID() };
    const first = await (await chat(id, app, headers)).json();
    expect(await (await chat(id, app, headers)).json()).toEqual(first);
    await expectProblem(await chat(id), 429);
    await setLimits(database, owner, { turns_per_day: 0 });
    await expectProblem(await chat(id), 429);
    await setLimits(database, owner, {});
    expect((await chat(id)).status).toBe(200);
    await setLimits(database, owner, {
      tokens_per_day: Number.MAX_SAFE_INTEGER,
      turns_per_day: 2_147_483_647,
    });
    expect((await chat(id)).status).toBe(200);
  });

  test('nothing is counted for who has none', async () => {
    const { owner, chat, newSession } = await limitedApp({});
    expect((await chat(await newSession())).status).toBe(200);
    expect(await allowanceOf(database, owner)).toBeUndefined();
  });

  test('are set by an admin, who is written down, and by nobody else', async () => {
    const { app, calledBy, chat, newSession } = await limitedApp({});
    const name = `somebody ${randomUUID()}`;
    const path = `/api/admin/limits/${encodeURIComponent(name)}`;
    const admin = calledBy(await newOwner(database), 'admin');
    for (const answer of [
      await app.get('/api/admin/limits'),
      await app.get(path),
      await app.send('PUT', path, { turns_per_day: 1 }),
      await app.request(path, { method: 'DELETE' }),
    ])
      await expectProblem(answer, 403);
    for (const wrong of [{ turns_per_day: -1 }, { running_turns: 1.5 }, { cost_per_month: 'much' }])
      await expectProblem(await admin.send('PUT', path, wrong), 422);
    const set = await admin.send('PUT', path, { turns_per_day: 1, cost_per_month: 0.5 });
    const told = { owner: name, key: null, turns_per_day: 1, running_turns: null, cost_per_month: 0.5 };
    expect(await set.json()).toMatchObject(told);
    expect(await (await admin.get(path)).json()).toMatchObject(told);
    const all = await (await admin.get('/api/admin/limits')).json();
    expect(all.find(({ owner }: { owner: string }) => owner === name)).toMatchObject(told);
    const [entry] = await (await admin.get('/api/admin/audit?action=limits.set&limit=1')).json();
    expect(entry).toMatchObject({ target: name, details: { turns_per_day: 1 } });
    expect(await (await admin.request(path, { method: 'DELETE' })).json()).toMatchObject({
      turns_per_day: null,
      updated_at: null,
    });
    expect((await chat(await newSession())).status).toBe(200);
    const key = `?key=${randomUUID()}`;
    await expectProblem(await admin.send('PUT', `${path}${key}`, { turns_per_day: 1 }), 404);
  });

  test('a limit of requests that is raised lets in at once who had reached it', async () => {
    const { app, owner } = await limitedApp({ requests_per_minute: 3 });
    const statuses = async () => {
      const answers = await Promise.all(Array.from({ length: 7 }, () => app.get('/api/sessions')));
      return answers.map(({ status }) => status);
    };
    expect(await statuses()).toContain(429);
    expect((await app.get('/api/sessions')).status).toBe(429);
    await setLimits(database, owner, { requests_per_minute: 3000 });
    // What is known of limits is three seconds old at most.
    await Bun.sleep(3100);
    const raised = await app.get('/api/sessions');
    expect(raised.status).toBe(200);
    expect(raised.headers.get('ratelimit-policy')).toBe('"requests_per_minute";q=3000;w=60');
  });

  test('requests a minute are exact over two processes, and the answers tell what is left', async () => {
    const { app, processOf } = await limitedApp({ requests_per_minute: 20 });
    const other = await processOf();
    const answers = Array.from({ length: 100 }, (_, n) => (n % 2 === 0 ? app : other).get('/api/sessions'));
    const all = await Promise.all(answers);
    // The minute may end meanwhile.
    const granted = all.filter(({ status }) => status === 200);
    expect([20, 40]).toContain(granted.length);
    for (const { headers } of granted) {
      expect(headers.get('ratelimit-policy')).toBe('"requests_per_minute";q=20;w=60');
      expect(headers.get('ratelimit')).toMatch(/^"requests_per_minute";r=\d+;t=\d+$/);
    }
    const refused = all.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    for (const answer of refused) {
      const seconds = answer.headers.get('retry-after');
      expect(Number(seconds)).toBeGreaterThan(0);
      expect(answer.headers.get('ratelimit-policy')).toBe('"requests_per_minute";q=20;w=60');
      expect(answer.headers.get('ratelimit')).toBe(`"requests_per_minute";r=0;t=${seconds}`);
      await expectProblem(answer, 429);
    }
  });
});
