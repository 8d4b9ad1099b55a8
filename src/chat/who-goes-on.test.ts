// Who goes on: in a session whose agent is gone, with a turn that is taken over or retried, and from what is imported.
import { beforeAll, expect, test } from 'bun:test';
import { eq } from 'drizzle-orm';
import { type Agents, createAgents } from '../agent/agent.ts';
import { createAssistant } from '../agent/assistant.ts';
import type { Database } from '../db/database.ts';
import { chatTurns } from '../db/schema.ts';
import { onEachDatabase } from '../testing/databases.ts';
import { newOwner } from '../testing/owners.ts';
import { type Script, say } from '../testing/scripted-model.ts';
import { testApp } from '../testing/test-app.ts';
import { chatIn, namedModel, type Told, told, twoAgents } from '../testing/two-agents.ts';
import { expireLeases } from '../testing/two-apps.ts';

onEachDatabase('who goes on', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  const app = async (agents: Agents = twoAgents(), options = {}) => testApp(database, { agents, ...options });

  test('a session whose agent is gone has the default one, and its answers say so', async () => {
    const owner = await newOwner(database);
    const before = await app(twoAgents(), { owner });
    const id = await before.newSession({ agent: 'coder', metadata: { mine: 1 } });
    await chatIn(before, id);
    const [assistant] = twoAgents().all;
    const after = await app(createAgents(assistant), { owner });
    const path = `/api/sessions/${id}`;
    expect(await (await after.get(path)).json()).toMatchObject({
      agent: 'coder',
      metadata: { mine: 1, agent_gone: 'coder' },
    });
    for (const more of [{}, { model: 'small' }])
      expect(await (await chatIn(after, id, more)).json()).toMatchObject({
        source: 'assistant',
        metadata: { model: 'small', agent_gone: 'coder' },
      });
    const named: Told = await (await chatIn(after, id, { agent: 'assistant' })).json();
    expect(named.metadata.agent_gone).toBeUndefined();
    // What it said before is still its own.
    const turns: { agent: string; reply: Told }[] = await (await after.get(`${path}/turns`)).json();
    const last = turns.at(-1);
    expect([last?.agent, last?.reply.source, last?.reply.metadata.model]).toEqual(['coder', 'coder', 'code']);
    expect(turns[0]?.agent).toBe('assistant');
    // What was sent comes back as it was.
    const [asked] = await (await after.get(`${path}/history`)).json();
    expect(asked).toMatchObject({ role: 'user', metadata: {} });
    // It is back, and answers again.
    expect(await told(chatIn(before, id))).toEqual(['coder', 'code']);
    expect((await (await before.get(path)).json()).metadata).toEqual({ mine: 1 });
  });

  test('a turn that is taken over, and one that is retried, keep agent and model', async () => {
    let broken = true;
    const script: Script = (_messages, call) => {
      if (call === 1) return [{ type: 'content', text: 'void' }, new Promise<void>(() => {})];
      return broken ? [new Error('broken')] : say(['done']);
    };
    const owner = await newOwner(database);
    const gone = await app(twoAgents(script), { owner });
    const id = await gone.newSession();
    const lost = chatIn(gone, id, { agent: 'coder', model: 'code-large' });
    const turn = async () =>
      (await database.db.select().from(chatTurns).where(eq(chatTurns.sessionId, id)))[0];
    while ((await turn())?.status !== 'running') await Bun.sleep(5);
    await expireLeases(database, id);
    broken = false;
    const next = await app(
      twoAgents(() => say(['done'])),
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
      twoAgents(() => (fails ? [new Error('broken')] : say(['done']))),
      { owner },
    );
    const other = await failing.newSession({ agent: 'assistant' });
    expect((await chatIn(failing, other, { agent: 'coder', model: 'code-large' })).status).toBe(500);
    fails = false;
    const [{ id: failed }] = await (await failing.get(`/api/sessions/${other}/turns`)).json();
    const again = failing.send('POST', `/api/sessions/${other}/turns/${failed}/retry`, {});
    expect(await told(again)).toEqual(['coder', 'code-large']);
  });

  test('a key of idempotency is for one message of one agent, also when that is gone', async () => {
    const owner = await newOwner(database);
    const one = await app(twoAgents(), { owner });
    const id = await one.newSession();
    const keyed = (from: Awaited<ReturnType<typeof app>>, more: object) =>
      from.send('POST', `/api/sessions/${id}/chat`, { content: 'hi', ...more }, { 'idempotency-key': 'k' });
    const first = await (await keyed(one, { agent: 'coder' })).json();
    expect((await (await keyed(one, { agent: 'coder' })).json()).id).toBe(first.id);
    for (const more of [{}, { agent: 'assistant' }, { agent: 'coder', model: 'code' }])
      expect((await keyed(one, more)).status).toBe(409);
    const [assistant] = twoAgents().all;
    const later = await app(createAgents(assistant), { owner });
    expect((await (await keyed(later, { agent: 'coder' })).json()).id).toBe(first.id);
  });

  test('an imported state is told, and gone on from, by who answers in its session', async () => {
    const greeting = { content: 'Be brief.', type: 'SystemMessage' as const };
    const agents = createAgents(
      ...((['assistant', 'coder'] as const).map((name) =>
        createAssistant({
          name,
          model: namedModel(name),
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
