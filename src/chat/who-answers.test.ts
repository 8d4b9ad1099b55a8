// Who answers: the agent that a message names, else that of its session, else the default one; over the model that it names.
import { beforeAll, expect, test } from 'bun:test';
import { eq } from 'drizzle-orm';
import { type Agents, createAgents } from '../agent/agent.ts';
import { createAssistant } from '../agent/assistant.ts';
import type { Database } from '../db/database.ts';
import { chatTurns } from '../db/schema.ts';
import { allowanceOf, setLimits } from '../testing/allowances.ts';
import { onEachDatabase } from '../testing/databases.ts';
import { expectProblem } from '../testing/expect-problem.ts';
import { makeKey } from '../testing/keys.ts';
import { newOwner } from '../testing/owners.ts';
import { type Script, say, scriptedModel } from '../testing/scripted-model.ts';
import { testApp } from '../testing/test-app.ts';
import { expireLeases } from '../testing/two-apps.ts';

type Told = { source: string; metadata: Record<string, string> };

onEachDatabase('who answers', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  const model = (name: string, script?: Script, maxTokens?: number) => ({
    ...scriptedModel(script),
    name,
    maxTokens,
  });

  /** `assistant`, which sees one message, and `coder`, which sees all and has two models; the second costs. */
  function two(script?: Script): Agents {
    return createAgents(
      createAssistant({
        model: model('small', script),
        systemMessage: null,
        contextPolicy: { kind: 'buffered', size: 1 },
      }),
      createAssistant({
        name: 'coder',
        model: model('code', script),
        models: [{ model: model('code-large', script, 1000), prices: { prompt: 10, completion: 1_000_000 } }],
        systemMessage: 'You write code.',
        contextPolicy: { kind: 'unbounded', initialMessages: [] },
      }),
    );
  }
  const app = async (agents: Agents = two(), options = {}) => testApp(database, { agents, ...options });
  type App = Awaited<ReturnType<typeof app>>;
  const chat = (one: App, id: string, more: object = {}) =>
    one.send('POST', `/api/sessions/${id}/chat`, { content: 'hi', ...more });
  const told = async (answer: Response | Promise<Response>): Promise<[string, string | undefined]> => {
    const { source, metadata }: Told = await (await answer).json();
    return [source, metadata.model];
  };

  test('the session says who, and a message who for this once', async () => {
    const one = await app();
    const made = await one.send('POST', '/api/sessions', { agent: 'coder' });
    const { id, agent } = await made.json();
    expect([made.status, agent]).toEqual([201, 'coder']);
    expect(await told(chat(one, id))).toEqual(['coder', 'code']);
    expect(await told(chat(one, id, { agent: 'assistant' }))).toEqual(['assistant', 'small']);
    expect(await told(chat(one, id, { model: 'code-large' }))).toEqual(['coder', 'code-large']);
    expect(await told(chat(one, id, { agent: null, model: null }))).toEqual(['coder', 'code']);
    const path = `/api/sessions/${id}`;
    expect(await (await one.get(path)).json()).toMatchObject({ agent: 'coder', metadata: {} });
    expect((await (await one.send('PATCH', path, { agent: null })).json()).agent).toBeUndefined();
    expect(await told(chat(one, id))).toEqual(['assistant', 'small']);
    expect(await (await one.send('PATCH', path, { agent: 'coder' })).json()).toMatchObject({
      agent: 'coder',
    });
    expect(await told(chat(one, id))).toEqual(['coder', 'code']);
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
    const agents = two();
    const one = await app(agents);
    const id = await one.newSession({ agent: 'coder' });
    for (const content of ['one', 'two', 'three']) await chat(one, id, { content });
    await chat(one, id, { content: 'four', agent: 'assistant' });
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
      chat(one, id, wrong),
      one.send('POST', '/chat', { content: 'hi', ...wrong }),
    ]) {
      const problem = await expectProblem(await answer, 422);
      expect(problem).toMatchObject({
        type: 'urn:agentchat:problem:invalid_request',
        detail: 'agent: must be "assistant" or "coder"',
        errors: [{ loc: ['body', 'agent'], msg: 'must be "assistant" or "coder"' }],
      });
    }
    const models = await expectProblem(await chat(one, id, { agent: 'coder', model: 'small' }), 422);
    expect(models.detail).toBe('model: must be "code" or "code-large"');
    const own = await expectProblem(await chat(one, id, { model: 'code' }), 422);
    expect(own.detail).toBe('model: must be "small"');
    const nowhere = await chat(one, crypto.randomUUID(), { model: 'code' });
    expect(nowhere.status).toBe(404);
    const chinese = await one.send('POST', '/api/sessions', { agent: 'x' }, { 'accept-language': 'zh-CN' });
    expect((await expectProblem(chinese, 422)).detail).toBe('agent：必须是 "assistant" 或 "coder"');
    expect(await (await one.get(`/api/sessions/${id}/turns`)).json()).toEqual([]);
    for (const agent of ['', 7, {}, 'a\u0000b', '__proto__', 'x'.repeat(101)])
      expect((await chat(one, id, { agent })).status).toBe(422);
  });

  test('whom a key may not ask is not asked by it, whoever names them', async () => {
    const one = await app(two(), { settings: { ways: ['keys'] } });
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
      ids.map((id, n) => told(chat(one, id, n % 5 === 1 ? { agent: 'coder', model: 'code-large' } : {}))),
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
      const one = await app(two(script), { owner });
      await setLimits(database, owner, limits);
      const held = async (id: string, more: object) => {
        gate = Promise.withResolvers<void>();
        const answer = chat(one, id, more);
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

  test('a session whose agent is gone has the default one, and its answers say so', async () => {
    const owner = await newOwner(database);
    const before = await app(two(), { owner });
    const id = await before.newSession({ agent: 'coder', metadata: { mine: 1 } });
    const [assistant] = two().all;
    const after = await app(createAgents(assistant), { owner });
    const path = `/api/sessions/${id}`;
    expect(await (await after.get(path)).json()).toMatchObject({
      agent: 'coder',
      metadata: { mine: 1, agent_gone: 'coder' },
    });
    for (const more of [{}, { model: 'small' }])
      expect(await (await chat(after, id, more)).json()).toMatchObject({
        source: 'assistant',
        metadata: { model: 'small', agent_gone: 'coder' },
      });
    const named: Told = await (await chat(after, id, { agent: 'assistant' })).json();
    expect(named.metadata.agent_gone).toBeUndefined();
    // What was sent comes back as it was.
    const [asked] = await (await after.get(`${path}/history`)).json();
    expect(asked).toMatchObject({ role: 'user', metadata: {} });
    // It is back, and answers again.
    expect(await told(chat(before, id))).toEqual(['coder', 'code']);
    expect((await (await before.get(path)).json()).metadata).toEqual({ mine: 1 });
  });

  test('a turn that is taken over, and one that is retried, keep agent and model', async () => {
    let broken = true;
    const script: Script = (_messages, call) => {
      if (call === 1) return [{ type: 'content', text: 'void' }, new Promise<void>(() => {})];
      return broken ? [new Error('broken')] : say(['done']);
    };
    const owner = await newOwner(database);
    const gone = await app(two(script), { owner });
    const id = await gone.newSession();
    const lost = chat(gone, id, { agent: 'coder', model: 'code-large' });
    const turn = async () =>
      (await database.db.select().from(chatTurns).where(eq(chatTurns.sessionId, id)))[0];
    while ((await turn())?.status !== 'running') await Bun.sleep(5);
    await expireLeases(database, id);
    broken = false;
    const next = await app(
      two(() => say(['done'])),
      { owner },
    );
    await next.turns.beat();
    const path = async () => `/api/sessions/${id}/turns/${(await turn())?.id}`;
    let shown = await (await next.get(await path())).json();
    while (shown.status === 'running') shown = await (await next.get(await path())).json();
    expect(shown).toMatchObject({
      status: 'completed',
      reply: { source: 'coder', metadata: { model: 'code-large' } },
    });
    await gone.turns.beat();
    await lost;

    let fails = true;
    const failing = await app(
      two(() => (fails ? [new Error('broken')] : say(['done']))),
      { owner },
    );
    const other = await failing.newSession({ agent: 'assistant' });
    expect((await chat(failing, other, { agent: 'coder', model: 'code-large' })).status).toBe(500);
    fails = false;
    const [{ id: failed }] = await (await failing.get(`/api/sessions/${other}/turns`)).json();
    const again = failing.send('POST', `/api/sessions/${other}/turns/${failed}/retry`, {});
    expect(await told(again)).toEqual(['coder', 'code-large']);
  });

  test('a key of idempotency is for one message of one agent, also when that is gone', async () => {
    const owner = await newOwner(database);
    const one = await app(two(), { owner });
    const id = await one.newSession();
    const keyed = (from: App, more: object) =>
      from.send('POST', `/api/sessions/${id}/chat`, { content: 'hi', ...more }, { 'idempotency-key': 'k' });
    const first = await (await keyed(one, { agent: 'coder' })).json();
    expect((await (await keyed(one, { agent: 'coder' })).json()).id).toBe(first.id);
    for (const more of [{}, { agent: 'assistant' }, { agent: 'coder', model: 'code' }])
      expect((await keyed(one, more)).status).toBe(409);
    const [assistant] = two().all;
    const later = await app(createAgents(assistant), { owner });
    expect((await (await keyed(later, { agent: 'coder' })).json()).id).toBe(first.id);
  });

  test('an imported state is told, and gone on from, by who answers in its session', async () => {
    const greeting = { content: 'Be brief.', type: 'SystemMessage' as const };
    const agents = createAgents(
      ...((['assistant', 'coder'] as const).map((name) =>
        createAssistant({
          name,
          model: model(name),
          systemMessage: null,
          contextPolicy: { kind: 'unbounded', ...(name === 'coder' ? { initialMessages: [greeting] } : {}) },
        }),
      ) as [Agents['default'], ...Agents['default'][]]),
    );
    const one = await app(agents);
    const id = await one.newSession({ agent: 'coder' });
    const state = async (path: string) =>
      (await (await one.get(path)).json()).agent_state.llm_context.messages;
    expect(await state(`/api/sessions/${id}`)).toEqual([greeting]);
    const messages = [
      { content: [{ id: '1', name: 't', arguments: '{}' }], source: 'x', type: 'AssistantMessage' },
    ];
    const imported = await one.newSession({
      agent: 'coder',
      agent_state: {
        llm_context: {
          messages: [
            ...messages,
            {
              type: 'FunctionExecutionResultMessage',
              content: [{ content: 'r', call_id: '1', is_error: false, name: 't' }],
            },
          ],
        },
      },
    });
    await one.send('PATCH', `/api/sessions/${imported}`, { agent: 'coder' });
    const history = await one.get(`/api/sessions/${imported}/history?include=events,imported`);
    expect(history.status).toBe(200);
  });
});
