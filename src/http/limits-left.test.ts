// Every answer tells what is left of all limits that apply: of those on turns too, with the caller's own.
import { beforeAll, expect, test } from 'bun:test';
import { createAgents } from '../agent/agent.ts';
import { createAssistant } from '../agent/assistant.ts';
import { DEFAULT_CONTEXT_POLICY } from '../agent/context-policy.ts';
import type { Database } from '../db/database.ts';
import { ownerQueries } from '../db/owners.ts';
import { ModelError } from '../models/model.ts';
import { allowanceOf, setLimits } from '../testing/allowances.ts';
import { onEachDatabase } from '../testing/databases.ts';
import { expectProblem } from '../testing/expect-problem.ts';
import { makeKey } from '../testing/keys.ts';
import { newOwner } from '../testing/owners.ts';
import { type Script, type Step, say, scriptedModel } from '../testing/scripted-model.ts';
import { testApp } from '../testing/test-app.ts';
import type { LimitValues } from '../words/limits.ts';

const half: Step = { type: 'content', text: 'half' };
const streamed = { accept: 'text/event-stream' };

/** What an answer says is left, by the limits' names. */
const leftIn = ({ headers }: Response) =>
  Object.fromEntries(
    [...(headers.get('ratelimit') ?? '').matchAll(/"(\w+)";r=(\d+)/g)].map(([, name, r]) => [
      name,
      Number(r),
    ]),
  );

onEachDatabase('what is left of limits', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  async function limited(values: Partial<LimitValues>, script: Script = () => say(['yes'])) {
    const owner = await newOwner(database);
    await setLimits(database, owner, values);
    const agent = createAssistant({
      model: scriptedModel(script),
      systemMessage: '',
      contextPolicy: DEFAULT_CONTEXT_POLICY,
      prices: { prompt: 1000, completion: 2000 },
    });
    const processOf = () => testApp(database, { owner, agents: createAgents(agent) });
    const app = await processOf();
    const chat = (id: string, headers = {}, by = app) =>
      by.send('POST', `/api/sessions/${id}/chat`, { content: 'hi' }, headers);
    return { ...app, owner, chat, processOf };
  }

  test('of every kind, on every answer: a page, a reply, a stream, an error', async () => {
    const { get, chat, newSession } = await limited({
      requests_per_minute: 900,
      running_turns: 4,
      turns_per_day: 100,
      tokens_per_day: 1_000_000,
      cost_per_month: 0.5,
    });
    const id = await newSession();
    const before = await get('/api/sessions');
    expect(leftIn(before)).toMatchObject({
      ...{ running_turns: 4, turns_per_day: 100, tokens_per_day: 1_000_000, cost_per_month: 500_000 },
    });
    const reply = await chat(id);
    // Five tokens, which cost 0.007; and the turn has ended.
    const used = { running_turns: 4, turns_per_day: 99, tokens_per_day: 999_995, cost_per_month: 493_000 };
    expect(leftIn(reply)).toMatchObject(used);
    const stream = await chat(id, streamed);
    expect(leftIn(stream)).toMatchObject({ ...used, running_turns: 3, turns_per_day: 98 });
    await stream.text();
    const error = await get('/nothing');
    expect(leftIn(error)).toMatchObject({
      ...{ running_turns: 4, turns_per_day: 98, tokens_per_day: 999_990, cost_per_month: 486_000 },
    });
    for (const { headers } of [before, reply, stream, error]) {
      expect(headers.get('ratelimit-policy')).toBe(
        [
          ...['"requests_per_minute";q=900;w=60', '"running_turns";q=4;qu="concurrent-requests"'],
          ...['"turns_per_day";q=100;w=86400', '"tokens_per_day";q=1000000;qu="tokens";w=86400'],
          '"cost_per_month";q=500000;qu="cost-millionths"',
        ].join(', '),
      );
      // What runs at once is no matter of time.
      expect(headers.get('ratelimit')).toMatch(
        /^"requests_per_minute";r=\d+;t=\d+, "running_turns";r=\d, "turns_per_day";r=\d+;t=\d+, "tokens_per_day";r=\d+;t=\d+, "cost_per_month";r=\d+;t=\d+$/,
      );
    }
  });

  test('with each turn that runs, until it ends, however it does', async () => {
    const over = Promise.withResolvers<void>();
    let calls = 0;
    const script: Script = () => [
      half,
      over.promise,
      ...(calls++ % 2 === 0 ? say(['']) : [new ModelError('failed', { 'zh-CN': '坏了', en: 'it broke' })]),
    ];
    const { get, send, chat, newSession } = await limited({ running_turns: 4 }, script);
    const [one, two] = [await newSession(), await newSession()];
    const streams = [await chat(one, streamed), await chat(two, streamed), await chat(two, streamed)];
    expect(streams.map((answer) => leftIn(answer).running_turns)).toEqual([3, 2, 1]);
    const [{ id: waiting }] = await (await get(`/api/sessions/${two}/turns?status=queued`)).json();
    const cancelled = await send('POST', `/api/sessions/${two}/turns/${waiting}/cancel`, {});
    expect(leftIn(await get('/api/sessions')).running_turns).toBe(2);
    over.resolve();
    for (const answer of streams) await answer.text();
    expect(leftIn(await get('/api/sessions')).running_turns).toBe(4);
    await cancelled.text();
    const failed = [one, two].map(async (id) =>
      (await (await get(`/api/sessions/${id}/turns?status=failed`)).json()).map(
        (turn: { id: string }) => `/api/sessions/${id}/turns/${turn.id}/retry`,
      ),
    );
    const [retry = ''] = (await Promise.all(failed)).flat();
    const retried = await send('POST', retry, {}, streamed);
    expect(leftIn(retried).running_turns).toBe(3);
    await retried.text();
  });

  test('with what other processes do, at most three seconds late', async () => {
    const over = Promise.withResolvers<void>();
    const script: Script = () => [half, over.promise, ...say([''])];
    const { get, chat, newSession, processOf, owner } = await limited(
      { running_turns: 3, turns_per_day: 9, tokens_per_day: 1_000_000 },
      script,
    );
    const other = await processOf();
    const id = await newSession();
    expect(leftIn(await other.get('/api/sessions'))).toMatchObject({ running_turns: 3, turns_per_day: 9 });
    const stream = await chat(id, streamed);
    await Bun.sleep(3100);
    const held = (await allowanceOf(database, owner))?.reservedTokens ?? 0;
    expect(held).toBeGreaterThan(0);
    for (const answer of [await other.get('/api/sessions'), await get('/api/sessions')])
      expect(leftIn(answer)).toEqual({
        running_turns: 2,
        turns_per_day: 8,
        tokens_per_day: 1_000_000 - held,
      });
    over.resolve();
    await stream.text();
  });

  test('of the owner’s and the key’s, the one of which less is left', async () => {
    const app = await testApp(database, { settings: { ways: ['keys'] } });
    const made = await makeKey(database);
    const other = await makeKey(database, { owner: made.owner });
    await setLimits(database, await ownerQueries(database.db).named(made.owner), {
      turns_per_day: 3,
      running_turns: 2,
    });
    await setLimits(database, { key: made.id }, { turns_per_day: 2, running_turns: 5 });
    const by = ({ key }: { key: string }) => ({ authorization: `Bearer ${key}` });
    const turnsLeft = async (key: { key: string }) => leftIn(await app.get('/api/sessions', by(key)));
    const say = async (key: { key: string }) => app.send('POST', '/chat', { content: 'hi' }, by(key));
    expect(await turnsLeft(made)).toEqual({ running_turns: 2, turns_per_day: 2 });
    expect(await turnsLeft(other)).toEqual({ running_turns: 2, turns_per_day: 3 });
    expect((await say(other)).status).toBe(200);
    expect((await say(other)).status).toBe(200);
    const answer = await app.get('/api/sessions', by(made));
    expect(leftIn(answer)).toEqual({ running_turns: 2, turns_per_day: 1 });
    expect(answer.headers.get('ratelimit-policy')).toContain('"turns_per_day";q=3;');
    expect((await say(made)).status).toBe(200);
    expect(await turnsLeft(made)).toMatchObject({ turns_per_day: 0 });
    await expectProblem(await say(made), 429);
  });

  test('is told with a refusal too, of the others', async () => {
    const { chat, newSession } = await limited({ turns_per_day: 0, running_turns: 7 });
    const refused = await chat(await newSession());
    await expectProblem(refused, 429);
    expect(leftIn(refused)).toEqual({ turns_per_day: 0, running_turns: 7 });
    const minute = await limited({ requests_per_minute: 0, running_turns: 7 });
    const answer = await minute.get('/api/sessions');
    await expectProblem(answer, 429);
    expect(leftIn(answer)).toEqual({ requests_per_minute: 0, running_turns: 7 });
  });

  test('and /api/me tells what is counted against each, with what is held', async () => {
    const over = Promise.withResolvers<void>();
    const { get, chat, newSession } = await limited(
      { running_turns: 2, tokens_per_day: 6, cost_per_month: 50 },
      () => [half, over.promise, ...say([''])],
    );
    const me = async () => (await get('/api/me')).json();
    expect(await me()).toMatchObject({
      limits_used: { running_turns: 0, turns_per_day: null, tokens_per_day: 0, held_tokens: 0, held_cost: 0 },
      key_limits_used: null,
    });
    const stream = await chat(await newSession(), streamed);
    const refused = await chat(await newSession());
    expect((await expectProblem(refused, 429)).detail).toContain('held for turns that run');
    const { limits, limits_used: used, usage } = await me();
    // The ledger knows of nothing yet.
    expect(usage.today).toMatchObject({ turns: 0, prompt_tokens: 0 });
    expect(used).toMatchObject({ requests_per_minute: null, running_turns: 1, turns_per_day: null });
    expect(used.tokens_per_day).toBeGreaterThanOrEqual(limits.tokens_per_day);
    expect(used.held_tokens).toBe(used.tokens_per_day);
    expect(used.held_cost).toBe(used.cost_per_month);
    expect(used.held_cost).toBeGreaterThan(0);
    over.resolve();
    await stream.text();
    expect(await me()).toMatchObject({
      limits_used: {
        ...{ running_turns: 0, tokens_per_day: 5, cost_per_month: 0.007 },
        ...{ held_tokens: 0, held_cost: 0 },
      },
      usage: { today: { turns: 1, prompt_tokens: 3, completion_tokens: 2 } },
    });
  });

  test('and of the key that was used besides', async () => {
    const app = await testApp(database, { settings: { ways: ['keys'] } });
    const made = await makeKey(database);
    await setLimits(database, { key: made.id }, { turns_per_day: 5, requests_per_minute: 900 });
    const headers = { authorization: `Bearer ${made.key}` };
    await app.send('POST', '/chat', { content: 'hi' }, headers);
    const me = await (await app.get('/api/me', headers)).json();
    expect(me).toMatchObject({ limits_used: null, key_limits_used: { turns_per_day: 1 } });
    expect(me.key_limits_used.requests_per_minute).toBeGreaterThan(0);
  });
});
