// The ledger: what turns have used, however they end, and who may see it.
import { beforeAll, expect, test } from 'bun:test';
import { type Agent, createAgents } from '../../agent/agent.ts';
import { createAssistant } from '../../agent/assistant.ts';
import { DEFAULT_CONTEXT_POLICY } from '../../agent/context-policy.ts';
import type { Database } from '../../db/database.ts';
import { ModelError, type ModelEvent } from '../../models/model.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { expectProblem } from '../../testing/expect-problem.ts';
import { newOwner } from '../../testing/owners.ts';
import { type Script, type Step, say, scriptedModel } from '../../testing/scripted-model.ts';
import { testApp } from '../../testing/test-app.ts';
import { threeSteps } from '../../testing/three-steps.ts';

const broken = new ModelError('failed', { 'zh-CN': '坏了', en: 'it broke' });
const silentEnd: ModelEvent = { type: 'end', finishReason: 'stop', usage: null };
/** Prices under which each reply of a scripted model, with 3 and 2 tokens, costs 0.007. */
const prices = { prompt: 1000, completion: 2000 };

const priced = (script: Script): Agent =>
  createAssistant({
    model: scriptedModel(script),
    systemMessage: 'be brief',
    contextPolicy: DEFAULT_CONTEXT_POLICY,
    prices,
  });

onEachDatabase('the ledger', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  const appOf = async (script: Script, agent = priced(script)) => {
    const app = await testApp(database, { agents: createAgents(agent) });
    return {
      ...app,
      usage: async (query = '') => (await app.get(`/api/usage${query}`)).json(),
      chat: async (id: string) => app.send('POST', `/api/sessions/${id}/chat`, { content: 'hi' }),
    };
  };

  test('has what was reported, with its cost, by day, model, agent and owner', async () => {
    const { owner, usage, chat, newSession } = await appOf(() => say(['yes']));
    const id = await newSession();
    for (let n = 0; n < 3; n++) expect((await chat(id)).status).toBe(200);
    const sum = { turns: 3, prompt_tokens: 9, completion_tokens: 6, estimated_turns: 0, cost: 0.021 };
    const today = new Date().toISOString().slice(0, 10);
    const names = { day: today, model: 'scripted', agent: 'assistant' };
    for (const [by, name] of Object.entries(names)) {
      expect(await usage(`?by=${by}`)).toEqual({
        from: `${today.slice(0, 8)}01`,
        to: today,
        by,
        rows: [{ name, ...sum }],
        total: sum,
      });
    }
    expect((await usage('?by=owner')).rows).toHaveLength(1);
    expect((await usage('?from=2020-01-01&to=2020-01-31')).total).toMatchObject({ turns: 0, cost: 0 });
    expect(owner).toBeGreaterThan(1);
  });

  test('outlives the session', async () => {
    const { usage, chat, newSession, request } = await appOf(() => say(['yes']));
    const id = await newSession();
    await chat(id);
    await request(`/api/sessions/${id}`, { method: 'DELETE' });
    expect((await usage()).total).toMatchObject({ turns: 1, prompt_tokens: 3 });
  });

  test('estimates what is not reported, the prompt with what stands before it, and says so', async () => {
    const { usage, chat, newSession } = await appOf(() => [
      { type: 'content', text: 'twelve chars' },
      silentEnd,
    ]);
    const id = await newSession();
    await chat(id);
    const { total: first } = await usage();
    expect(first).toMatchObject({ turns: 1, completion_tokens: 3, estimated_turns: 1 });
    expect(first.prompt_tokens).toBeGreaterThan(3);
    await chat(id);
    const { total: both } = await usage();
    expect(both.estimated_turns).toBe(2);
    expect(both.prompt_tokens).toBeGreaterThan(first.prompt_tokens * 2);
  });

  test('estimates a broken reply of a model that else reports', async () => {
    const scripts: Step[][] = [say(['yes']), [{ type: 'content', text: 'half of it' }, broken]];
    const { usage, chat, newSession } = await appOf((_, call) => scripts[call - 1] ?? []);
    const id = await newSession();
    await chat(id);
    expect((await chat(id)).status).toBe(502);
    const { total } = await usage();
    expect(total).toMatchObject({ turns: 2, estimated_turns: 1 });
    expect(total.prompt_tokens).toBeGreaterThan(6);
    expect(total.completion_tokens).toBe(2 + 3);
  });

  test('has nothing of a turn whose model brought nothing', async () => {
    const { usage, chat, newSession } = await appOf(() => [broken]);
    expect((await chat(await newSession())).status).toBe(502);
    expect((await usage()).total.turns).toBe(0);
    expect((await usage()).rows).toEqual([]);
  });

  test('has what a cancelled turn had said', async () => {
    const over = Promise.withResolvers<void>();
    const { usage, chat, newSession, get, send } = await appOf(() => [
      { type: 'content', text: 'half of it' },
      over.promise,
    ]);
    const id = await newSession();
    const reply = chat(id);
    let turn: string | undefined;
    while (turn === undefined) {
      await Bun.sleep(5);
      turn = (await (await get(`/api/sessions/${id}/turns`)).json())[0]?.id;
    }
    await Bun.sleep(50);
    await send('POST', `/api/sessions/${id}/turns/${turn}/cancel`, {});
    expect((await (await reply).json()).metadata.cancelled).toBe('true');
    over.resolve();
    expect((await usage()).total).toMatchObject({ turns: 1, completion_tokens: 3, estimated_turns: 1 });
  });

  test('has what was said in a session that was deleted meanwhile', async () => {
    const over = Promise.withResolvers<void>();
    const { usage, chat, newSession, request } = await appOf(() => [
      { type: 'content', text: 'half of it' },
      over.promise,
    ]);
    const id = await newSession();
    const reply = chat(id);
    await Bun.sleep(100);
    await request(`/api/sessions/${id}`, { method: 'DELETE' });
    expect((await reply).status).toBe(409);
    over.resolve();
    expect((await usage()).total).toMatchObject({ turns: 1, completion_tokens: 3 });
  });

  test('counts each step once, also of a turn that failed half-way and was run again', async () => {
    const scripts: Step[][] = [say(['plan']), [{ type: 'content', text: 'half' }, broken]];
    const model = scriptedModel((_, call) => scripts[call - 1] ?? say(['done']));
    const agent = { ...threeSteps(model), prices };
    const { usage, chat, newSession, send, get } = await appOf(() => [], agent);
    const id = await newSession();
    expect((await chat(id)).status).toBe(502);
    const { total: failed } = await usage();
    expect(failed).toMatchObject({ turns: 1, completion_tokens: 2 + 1, estimated_turns: 1 });
    const [{ id: turn }] = await (await get(`/api/sessions/${id}/turns`)).json();
    expect((await send('POST', `/api/sessions/${id}/turns/${turn}/retry`, {})).status).toBe(200);
    const { total } = await usage('?by=agent');
    // Two steps more, each reported.
    expect(total).toMatchObject({
      turns: 2,
      prompt_tokens: failed.prompt_tokens + 6,
      completion_tokens: 3 + 4,
      estimated_turns: 1,
    });
  });

  test('adds up where a hundred turns of one owner end at once', async () => {
    const { usage, chat, newSession } = await appOf(() => say(['yes']));
    const ids = await Promise.all(Array.from({ length: 100 }, () => newSession()));
    for (const answer of await Promise.all(ids.map(chat))) expect(answer.status).toBe(200);
    expect((await usage()).total).toMatchObject({ turns: 100, prompt_tokens: 300, completion_tokens: 200 });
  });

  test('shows to each their own, and to an admin everybody’s', async () => {
    const { owner, usage, chat, newSession, calledBy } = await appOf(() => say(['yes']));
    await chat(await newSession());
    const other = calledBy(await newOwner(database));
    expect((await (await other.get('/api/usage')).json()).total.turns).toBe(0);
    await expectProblem(await other.get(`/api/usage?owner=owner ${owner}`), 403);
    const [{ name }] = (await usage('?by=owner')).rows;
    const admin = calledBy(await newOwner(database), 'admin');
    const all = await (await admin.get('/api/usage?by=owner')).json();
    expect(all.rows.find((row: { name: string }) => row.name === name)).toMatchObject({ turns: 1 });
    expect(all.total.turns).toBeGreaterThanOrEqual(1);
    const one = await (await admin.get(`/api/usage?owner=${name}`)).json();
    expect(one.total).toMatchObject({ turns: 1 });
    expect((await (await admin.get('/api/usage?owner=nobody-at-all')).json()).rows).toEqual([]);
  });

  test('says what is wrong with a period', async () => {
    const { get } = await appOf(() => []);
    for (const [query, loc] of [
      ['from=2026-02-30', 'from'],
      ['to=yesterday', 'to'],
      ['from=2026-02-02&to=2026-02-01', 'from'],
      ['by=hour', 'by'],
      ['owner=', 'owner'],
    ]) {
      const { errors } = await expectProblem(await get(`/api/usage?${query}`), 422);
      expect(errors?.[0]?.loc).toEqual(['query', loc ?? '']);
    }
  });
});
