// What the next message of a session would be answered with, by the code that a turn uses, and what was used so far.
import { beforeAll, expect, test } from 'bun:test';
import { createAgents } from '../agent/agent.ts';
import { createAssistant } from '../agent/assistant.ts';
import type { ContextPolicy } from '../agent/context-policy.ts';
import type { Database } from '../db/database.ts';
import { onEachDatabase } from '../testing/databases.ts';
import { expectProblem } from '../testing/expect-problem.ts';
import { newOwner } from '../testing/owners.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import { testApp } from '../testing/test-app.ts';

onEachDatabase('the context of a session', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  /** A session of three messages and three replies, answered by an agent with this policy; its model costs. */
  async function said(contextPolicy: ContextPolicy, instructions?: string) {
    const model = { ...scriptedModel(), name: 'costs' };
    const agents = createAgents(
      createAssistant({ model, systemMessage: 'Own.', contextPolicy, prices: { prompt: 1, completion: 2 } }),
      createAssistant({ name: 'other', model, systemMessage: null, contextPolicy: { kind: 'unbounded' } }),
    );
    const app = await testApp(database, { agents });
    const id = await app.newSession(instructions ? { instructions } : {});
    const chat = (content: string) => app.send('POST', `/api/sessions/${id}/chat`, { content });
    for (const content of ['one', 'two', 'three']) await chat(content);
    const context = async (query = '') => (await app.get(`/api/sessions/${id}/context${query}`)).json();
    return { ...app, id, chat, context, model };
  }

  test('tells what the next turn then sends, for each policy', async () => {
    for (const [policy, sent, byPolicy, limit] of [
      [{ kind: 'newest_that_fit', limit: 32_000 }, 6, 0, 32_000],
      [{ kind: 'newest_that_fit', limit: 30 }, 4, 2, 30],
      [{ kind: 'buffered', size: 3 }, 2, 4, null],
      [{ kind: 'head_and_tail', head: 1, tail: 2 }, 2, 4, null],
      [{ kind: 'unbounded' }, 6, 0, null],
    ] satisfies [ContextPolicy, number, number, number | null][]) {
      const { context, chat, model } = await said(policy);
      const told = await context();
      expect([policy.kind, told.left_out.by_policy, told.token_limit]).toEqual([
        policy.kind,
        byPolicy,
        limit,
      ]);
      expect(told.policy.name).toBe(policy.kind);
      // As long a message as the one that takes its place.
      await chat('?');
      const really = model.calls.at(-1)?.filter(({ type }) => type !== 'SystemMessage') ?? [];
      expect([policy.kind, told.sent, really.length - 1]).toEqual([policy.kind, sent, sent]);
    }
  });

  test('counts instructions, follows who would answer, and changes nothing', async () => {
    const plain = await (await said({ kind: 'buffered', size: 1 })).context();
    const { context, get, id } = await said(
      { kind: 'buffered', size: 1 },
      'Answer in verses, each of four lines.',
    );
    const told = await context();
    expect(told.estimated_tokens).toBeGreaterThan(plain.estimated_tokens + 5);
    expect([told.agent, told.model, told.sent]).toEqual(['assistant', 'costs', 0]);
    expect(await context('?agent=other')).toMatchObject({ agent: 'other', sent: 6 });
    await expectProblem(await get(`/api/sessions/${id}/context?agent=nobody`), 422);
    expect((await (await get(`/api/sessions/${id}`)).json()).message_count).toBe(6);
  });

  test('tells what was used, by the prices of then, to its owner alone', async () => {
    const { context, get, id, calledBy, send } = await said({ kind: 'unbounded' });
    expect(await context()).not.toHaveProperty('usage');
    const { usage } = await context('?usage=true');
    expect([usage.prompt_tokens, usage.completion_tokens]).toEqual([9, 6]);
    expect(usage.cost).toBeCloseTo(3 * 7e-6, 12);
    const [, reply] = await (await get(`/api/sessions/${id}/history`)).json();
    expect(reply.metadata.cost).toBe('0.000007');
    // What a caller sends is no price.
    await send('POST', `/api/sessions/${id}/chat`, { content: 'x', metadata: { cost: '1000' } });
    expect((await context('?usage=true')).usage.cost).toBeCloseTo(4 * 7e-6, 12);
    const other = calledBy(await newOwner(database));
    await expectProblem(await other.get(`/api/sessions/${id}/context?usage=true`), 404);
  });
});
