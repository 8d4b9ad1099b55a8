// Who answers: the agent that a message names, else that of its session, else the default one; over the model that it names.
import { beforeAll, expect, test } from 'bun:test';
import type { Agents } from '../agent/agent.ts';
import type { Database } from '../db/database.ts';
import { allowanceOf, setLimits } from '../testing/allowances.ts';
import { onEachDatabase } from '../testing/databases.ts';
import { expectProblem } from '../testing/expect-problem.ts';
import { makeKey } from '../testing/keys.ts';
import { newOwner } from '../testing/owners.ts';
import { type Script, say } from '../testing/scripted-model.ts';
import { testApp } from '../testing/test-app.ts';
import { chatIn, told, twoAgents } from '../testing/two-agents.ts';

onEachDatabase('who answers', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  const app = async (agents: Agents = twoAgents(), options = {}) => testApp(database, { agents, ...options });

  test('the session says who, and a message who for this once', async () => {
    const one = await app();
    const made = await one.send('POST', '/api/sessions', { agent: 'coder' });
    const { id, agent } = await made.json();
    expect([made.status, agent]).toEqual([201, 'coder']);
    expect(await told(chatIn(one, id))).toEqual(['coder', 'code']);
    expect(await told(chatIn(one, id, { agent: 'assistant' }))).toEqual(['assistant', 'small']);
    expect(await told(chatIn(one, id, { model: 'code-large' }))).toEqual(['coder', 'code-large']);
    expect(await told(chatIn(one, id, { agent: null, model: null }))).toEqual(['coder', 'code']);
    const path = `/api/sessions/${id}`;
    expect(await (await one.get(path)).json()).toMatchObject({ agent: 'coder', metadata: {} });
    expect((await (await one.send('PATCH', path, { agent: null })).json()).agent).toBeUndefined();
    expect(await told(chatIn(one, id))).toEqual(['assistant', 'small']);
    expect(await (await one.send('PATCH', path, { agent: 'coder' })).json()).toMatchObject({
      agent: 'coder',
    });
    expect(await told(chatIn(one, id))).toEqual(['coder', 'code']);
    // The legacy address, too.
    expect(await told(one.send('POST', '/chat', { content: 'hi' }))).toEqual(['coder', 'code']);
    expect(await told(one.send('POST', '/chat', { content: 'hi', agent: 'assistant' }))).toEqual([
      'assistant',
      'small',
    ]);
    const used = await (await one.get('/api/usage?by=agent')).json();
    expect(used.rows.map(({ name, turns }: { name: string; turns: number }) => [name, turns])).toEqual(
      expect.arrayContaining([
        ['coder', 5],
        ['assistant', 3],
      ]),
    );
  });

  test('is shown as much as it needs, and its own instructions', async () => {
    const agents = twoAgents();
    const one = await app(agents);
    const id = await one.newSession({ agent: 'coder' });
    for (const content of ['one', 'two', 'three']) await chatIn(one, id, { content });
    await chatIn(one, id, { content: 'four', agent: 'assistant' });
    const shown = async (n: number) => {
      const turns = await (await one.get(`/api/sessions/${id}/turns`)).json();
      const turn = await (await one.get(`/api/sessions/${id}/turns/${turns[n].id}?context=true`)).json();
      return turn.context.messages.map(({ content }: { content: string }) => content);
    };
    const whole = ['You write code.', 'one', 'echo: one', 'two', 'echo: two', 'three'];
    expect(await shown(1)).toEqual(whole);
    expect((await shown(0)).slice(1)).toEqual(['four']);
    const coder = agents.find('coder');
    expect(coder?.model && 'calls' in coder.model && coder.model.calls).toBeArray();
  });

  test('a name that is unknown gets 422, which lists those that there are', async () => {
    const one = await app();
    const id = await one.newSession();
    const wrong = { agent: 'codr' };
    for (const answer of [
      one.send('POST', '/api/sessions', wrong),
      one.send('PATCH', `/api/sessions/${id}`, wrong),
      chatIn(one, id, wrong),
      one.send('POST', '/chat', { content: 'hi', ...wrong }),
    ]) {
      const problem = await expectProblem(await answer, 422);
      expect(problem).toMatchObject({
        type: 'urn:agentchat:problem:invalid_request',
        detail: 'agent: must be "assistant" or "coder"',
        errors: [{ loc: ['body', 'agent'], msg: 'must be "assistant" or "coder"' }],
      });
    }
    const models = await expectProblem(await chatIn(one, id, { agent: 'coder', model: 'small' }), 422);
    expect(models.detail).toBe('model: must be "code" or "code-large"');
    const own = await expectProblem(await chatIn(one, id, { model: 'code' }), 422);
    expect(own.detail).toBe('model: must be "small"');
    const nowhere = await chatIn(one, crypto.randomUUID(), { model: 'code' });
    expect(nowhere.status).toBe(404);
    const chinese = await one.send('POST', '/api/sessions', { agent: 'x' }, { 'accept-language': 'zh-CN' });
    expect((await expectProblem(chinese, 422)).detail).toBe('agent：必须是 "assistant" 或 "coder"');
    expect(await (await one.get(`/api/sessions/${id}/turns`)).json()).toEqual([]);
    for (const agent of ['', 7, {}, 'a\u0000b', '__proto__', 'x'.repeat(101)])
      expect((await chatIn(one, id, { agent })).status).toBe(422);
  });

  test('whom a key may not ask is not asked by it, whoever names them', async () => {
    const one = await app(twoAgents(), { settings: { ways: ['keys'] } });
    const owner = crypto.randomUUID();
    const all = await makeKey(database, { owner });
    const coders = await makeKey(database, { owner, agents: ['coder'] });
    const call = (key: string, method: string, path: string, body: object) =>
      one.send(method, path, body, { authorization: `Bearer ${key}` });
    const { id } = await (await call(all.key, 'POST', '/api/sessions', {})).json();
    const say = (key: string, body: object = {}) =>
      call(key, 'POST', `/api/sessions/${id}/chat`, { content: 'hi', ...body });
    for (const body of [{}, { agent: 'assistant' }, { model: 'small' }])
      expect((await expectProblem(await say(coders.key, body), 403)).detail).toContain('assistant');
    expect(await told(say(coders.key, { agent: 'coder' }))).toEqual(['coder', 'code']);
    expect((await expectProblem(await say(coders.key, { agent: 'x' }), 422)).detail).toBe(
      'agent: must be "coder"',
    );
    const patch = (key: string, agent: string) => call(key, 'PATCH', `/api/sessions/${id}`, { agent });
    expect((await patch(coders.key, 'assistant')).status).toBe(403);
    expect((await patch(coders.key, 'coder')).status).toBe(200);
    expect(await told(say(coders.key))).toEqual(['coder', 'code']);
    // What the limits leave out is not asked either, and costs no place.
    await setLimits(database, { key: all.id }, { agents: ['assistant'], running_turns: 1 });
    for (let times = 0; times < 2; times++)
      expect((await expectProblem(await say(all.key), 403)).detail).toContain('coder');
    expect(await told(say(all.key, { agent: 'assistant' }))).toEqual(['assistant', 'small']);
    // Many at once are begun together.
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, n) => {
        const made = await call(coders.key, 'POST', '/api/sessions', n % 2 ? { agent: 'coder' } : {});
        return (
          await call(coders.key, 'POST', `/api/sessions/${(await made.json()).id}/chat`, { content: 'hi' })
        ).status;
      }),
    );
    expect(answers).toEqual(answers.map((_, n) => (n % 2 ? 200 : 403)));
  });

  test('many at once, each with its own', async () => {
    const one = await app();
    const ids = await Promise.all(
      Array.from({ length: 30 }, (_, n) =>
        one.newSession(n % 3 ? {} : { agent: n % 2 ? 'coder' : 'assistant' }),
      ),
    );
    const all = await Promise.all(
      ids.map((id, n) => told(chatIn(one, id, n % 5 === 1 ? { agent: 'coder', model: 'code-large' } : {}))),
    );
    expect(all).toEqual(
      ids.map((_, n) => {
        if (n % 5 === 1) return ['coder', 'code-large'];
        return n % 3 === 0 && n % 2 ? ['coder', 'code'] : ['assistant', 'small'];
      }),
    );
  });

  for (const limits of [{ tokens_per_day: 1_000_000 }, { tokens_per_day: 1_000_000, cost_per_month: 5000 }])
    test(`what is held is for who answers (${Object.keys(limits)})`, async () => {
      let gate = Promise.withResolvers<void>();
      const script: Script = function* () {
        yield gate.promise;
        yield* say(['end']);
      };
      const owner = await newOwner(database);
      const one = await app(twoAgents(script), { owner });
      await setLimits(database, owner, limits);
      const held = async (id: string, more: object) => {
        gate = Promise.withResolvers<void>();
        const answer = chatIn(one, id, more);
        let now = await allowanceOf(database, owner);
        while (!now || now.running === 0) {
          await Bun.sleep(5);
          now = await allowanceOf(database, owner);
        }
        gate.resolve();
        expect((await answer).status).toBe(200);
        return now;
      };
      const id = await one.newSession({ agent: 'coder' });
      // The first one finds out which limits apply, and the others are begun as that says.
      for (let times = 0; times < 2; times++) {
        const plain = await held(id, { agent: 'assistant' });
        const dear = await held(id, { model: 'code-large' });
        const its = await held(id, {});
        expect(plain.reservedCost).toBe(0);
        expect(its.reservedCost).toBe(0);
        expect(dear.reservedTokens).toBeGreaterThan(1000);
        expect(dear.reservedTokens).toBeLessThan(2000);
        // A thousand tokens of a reply at its price.
        expect(dear.reservedCost).toBeGreaterThan(1000);
        expect(its.reservedTokens).not.toBe(plain.reservedTokens);
      }
      const now = await allowanceOf(database, owner);
      expect(now).toMatchObject({ running: 0, reservedTokens: 0, reservedCost: 0 });
    });
});
