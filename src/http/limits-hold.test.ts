// Limits hold over what has not ended yet, over all whom a key speaks for, through changes of the limits and of the day, and
// over who is asked.
import { beforeAll, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { eq, sql } from 'drizzle-orm';
import { createAgents } from '../agent/agent.ts';
import { createAssistant } from '../agent/assistant.ts';
import { DEFAULT_CONTEXT_POLICY } from '../agent/context-policy.ts';
import type { Database } from '../db/database.ts';
import { ownerQueries } from '../db/owners.ts';
import { chatAllowances, chatLimits } from '../db/schema.ts';
import { ModelError } from '../models/model.ts';
import { allowanceOf, setLimits } from '../testing/allowances.ts';
import { onEachDatabase } from '../testing/databases.ts';
import { expectProblem } from '../testing/expect-problem.ts';
import { makeKey } from '../testing/keys.ts';
import { newOwner } from '../testing/owners.ts';
import { type Script, type Step, say, scriptedModel } from '../testing/scripted-model.ts';
import { testApp } from '../testing/test-app.ts';

const broken = new ModelError('failed', { 'zh-CN': '坏了', en: 'it broke' });
const half: Step = { type: 'content', text: 'half' };

onEachDatabase('limits hold', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  /** Two processes of one owner, whose model says at most `maxTokens`. */
  async function twoProcesses(values: Parameters<typeof setLimits>[2], script: Script, maxTokens = 2000) {
    const owner = await newOwner(database);
    await setLimits(database, owner, values);
    const agent = createAssistant({
      model: { ...scriptedModel(script), maxTokens },
      systemMessage: '',
      contextPolicy: DEFAULT_CONTEXT_POLICY,
      prices: { prompt: 1000, completion: 2000 },
    });
    const another = () => testApp(database, { owner, agents: createAgents(agent) });
    const [one, two] = [await another(), await another()];
    const chat = (id: string, by = one, content = 'hi', headers = {}) =>
      by.send('POST', `/api/sessions/${id}/chat`, { content }, headers);
    const allowance = () => allowanceOf(database, owner);
    const running = async (count: number) => {
      while ((await allowance())?.running !== count) await Bun.sleep(10);
    };
    return { owner, one, two, chat, allowance, running };
  }

  /** Says half of a reply until `over`, and then used so much. */
  const hangs = (completion = 2) => {
    const over = Promise.withResolvers<void>();
    const script: Script = () => [
      half,
      over.promise,
      { type: 'end', finishReason: 'stop', usage: { prompt_tokens: 3, completion_tokens: completion } },
    ];
    return { over, script };
  };

  for (const [limit, value] of [
    ['tokens_per_day', 10_000],
    // What 2000 tokens of a reply cost is 4.
    ['cost_per_month', 20],
  ] as const)
    test(`${limit}: turns that begin at once pass it by no more than one of them uses`, async () => {
      const { over, script } = hangs(1999);
      const { one, two, chat, allowance, running } = await twoProcesses({ [limit]: value }, script);
      const ids = await Promise.all(Array.from({ length: 30 }, () => one.newSession()));
      let refused = 0;
      const answers = ids.map(async (id, n) => {
        const answer = await chat(id, n % 2 === 0 ? one : two);
        if (answer.status === 429) refused++;
        return answer;
      });
      while (refused < 25) await Bun.sleep(10);
      await running(5);
      over.resolve();
      const all = await Promise.all(answers);
      expect(all.filter(({ status }) => status === 200)).toHaveLength(5);
      const no = all.find(({ status }) => status === 429);
      expect(Number(no?.headers.get('retry-after'))).toBeLessThanOrEqual(5);
      expect((await expectProblem(no ?? new Response(), 429)).detail).toContain('held for turns that run');
      const { tokens = 0, cost = 0, ...row } = (await allowance()) ?? {};
      expect(row).toMatchObject({ running: 0, reservedTokens: 0, reservedCost: 0 });
      expect(limit === 'tokens_per_day' ? tokens : cost).toBeLessThan(value * 1.2);
    });

  test('what is held is also for what stands before a message, and for a retry', async () => {
    const { over, script } = hangs();
    const { one, chat, allowance, running } = await twoProcesses({ tokens_per_day: 1_000_000 }, (_, call) =>
      call === 1 ? [broken] : script([], call),
    );
    const id = await one.newSession();
    await expectProblem(await chat(id, one, 'x'.repeat(40_000)), 502);
    const [{ id: failed }] = await (await one.get(`/api/sessions/${id}/turns`)).json();
    const retried = one.send('POST', `/api/sessions/${id}/turns/${failed}/retry`, {});
    await running(1);
    const { reservedTokens: held = 0 } = (await allowance()) ?? {};
    expect(held).toBeGreaterThanOrEqual(12_000);
    const behind = chat(id);
    await running(2);
    expect((await allowance())?.reservedTokens).toBeGreaterThanOrEqual(held + 12_000);
    over.resolve();
    for (const answer of await Promise.all([retried, behind])) expect(answer.status).toBe(200);
    expect(await allowance()).toMatchObject({ running: 0, reservedTokens: 0, turns: 3 });
  });

  test('when they are lowered while turns run, and when they are taken away', async () => {
    const { over, script } = hangs();
    const { owner, one, two, chat, allowance, running } = await twoProcesses({ running_turns: 3 }, script);
    const ids = await Promise.all(Array.from({ length: 5 }, () => one.newSession()));
    const begun = ids.slice(0, 3).map((id) => chat(id));
    await running(3);
    await setLimits(database, owner, { running_turns: 1 });
    for (const by of [one, two]) await expectProblem(await chat(ids[3] ?? '', by), 429);
    await database.db.delete(chatLimits).where(eq(chatLimits.ownerId, owner));
    const free = chat(ids[4] ?? '');
    await Bun.sleep(50);
    expect(await allowance()).toMatchObject({ running: 3 });
    over.resolve();
    for (const answer of await Promise.all([...begun, free])) expect(answer.status).toBe(200);
    expect(await allowance()).toMatchObject({ running: 0, reservedTokens: 0, turns: 3, tokens: 15 });
  });

  test('when the day and the month change in the midst of a turn: it counts where it ends', async () => {
    const { over, script } = hangs();
    const { owner, one, chat, allowance, running } = await twoProcesses(
      { turns_per_day: 1, cost_per_month: 1 },
      script,
    );
    const id = await one.newSession();
    const reply = chat(id);
    await running(1);
    await database.db
      .update(chatAllowances)
      .set({ day: sql`day - 1`, month: sql`month - interval '1 month'`, tokens: 900, cost: 0.9 })
      .where(eq(chatAllowances.ownerId, owner));
    over.resolve();
    expect((await reply).status).toBe(200);
    expect(await allowance()).toMatchObject({
      day: new Date().toISOString().slice(0, 10),
      running: 0,
      reservedTokens: 0,
      reservedCost: 0,
      turns: 0,
      tokens: 5,
      cost: 0.007,
    });
    expect((await chat(id)).status).toBe(200);
    await expectProblem(await chat(id), 429);
    expect(await allowance()).toMatchObject({ turns: 1, tokens: 10, cost: 0.014 });
  });

  test('of a service’s key over all whom it speaks for, and of each of them too', async () => {
    const app = await testApp(database, { settings: { ways: ['keys'] } });
    const { key, id: keyId } = await makeKey(database, { role: 'service' });
    await setLimits(database, { key: keyId }, { turns_per_day: 3 });
    const [alice, bob] = [randomUUID(), randomUUID()];
    await setLimits(database, await ownerQueries(database.db).named(alice), { turns_per_day: 1 });
    const chatAs = async (owner: string) => {
      const headers = { authorization: `Bearer ${key}`, 'x-owner': owner };
      const { id } = await (await app.send('POST', '/api/sessions', {}, headers)).json();
      return app.send('POST', `/api/sessions/${id}/chat`, { content: 'hi' }, headers);
    };
    expect((await chatAs(alice)).status).toBe(200);
    const own = await expectProblem(await chatAs(alice), 429);
    expect(own.detail).not.toContain('which this key has');
    for (let n = 0; n < 2; n++) expect((await chatAs(bob)).status).toBe(200);
    const ofKey = await expectProblem(await chatAs(bob), 429);
    expect(ofKey.detail).toContain('3 turns a day, which this key has');
    expect(await allowanceOf(database, { key: keyId })).toMatchObject({ running: 0, turns: 3, tokens: 15 });
    expect(await allowanceOf(database, await ownerQueries(database.db).named(alice))).toMatchObject({
      running: 0,
      turns: 1,
      tokens: 5,
    });
  });

  test('over which agents may be asked, in every process at once, and a retry too', async () => {
    const { owner, one, two, chat, allowance } = await twoProcesses({}, (_, call) =>
      call === 1 ? [broken] : say(['yes']),
    );
    const id = await one.newSession();
    await expectProblem(await chat(id), 502);
    const [{ id: failed }] = await (await one.get(`/api/sessions/${id}/turns`)).json();
    const retry = (by = one) => by.send('POST', `/api/sessions/${id}/turns/${failed}/retry`, {});
    await setLimits(database, owner, { agents: ['another', 'yet another'] });
    const stream = { accept: 'text/event-stream' };
    for (const answer of [
      await chat(id, one),
      await chat(id, two, 'hi', stream),
      await retry(one),
      await retry(two),
    ]) {
      const { type, detail } = await expectProblem(answer, 403);
      expect(type).toEndWith('not_allowed');
      expect(detail).toContain('may not use the agent assistant');
    }
    const chinese = await chat(id, two, 'hi', { 'accept-language': 'zh-CN' });
    expect((await expectProblem(chinese, 403)).detail).toContain('不能使用智能体 assistant');
    expect(await (await one.get('/api/me')).json()).toMatchObject({
      limits: { agents: ['another', 'yet another'] },
    });
    // Nothing is counted for it.
    expect(await allowance()).toBeUndefined();
    await setLimits(database, owner, { agents: ['another', 'assistant'], turns_per_day: 2 });
    expect((await retry(two)).status).toBe(200);
    expect((await chat(id, one)).status).toBe(200);
    await expectProblem(await chat(id, two), 429);
  });

  test('over agents of a key, and of whoever has no limits of their own, set by an admin', async () => {
    const app = await testApp(database, { settings: { ways: ['keys'] } });
    const admin = app.calledBy(await newOwner(database), 'admin');
    const { key, id: keyId, owner } = await makeKey(database);
    const path = `/api/admin/limits/${owner}?key=${keyId}`;
    const headers = { authorization: `Bearer ${key}` };
    const { id } = await (await app.send('POST', '/api/sessions', {}, headers)).json();
    const chat = () => app.send('POST', `/api/sessions/${id}/chat`, { content: 'hi' }, headers);
    const set = await admin.send('PUT', path, { agents: ['another'] });
    expect(await set.json()).toMatchObject({ agents: ['another'], turns_per_day: null });
    await expectProblem(await chat(), 403);
    for (const wrong of [[], ['']])
      await expectProblem(await admin.send('PUT', path, { agents: wrong }), 422);
    await admin.send('PUT', path, { agents: ['assistant'] });
    expect((await chat()).status).toBe(200);
    expect((await (await admin.request(path, { method: 'DELETE' })).json()).agents).toBeNull();
    expect((await chat()).status).toBe(200);
  });
});
