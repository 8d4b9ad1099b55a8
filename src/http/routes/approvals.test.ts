// Deciding of what waits, over HTTP: what is refused, what is taken, and who may.
import { beforeAll, expect, test } from 'bun:test';
import { createAgents } from '../../agent/agent.ts';
import { createAssistant } from '../../agent/assistant.ts';
import { DEFAULT_CONTEXT_POLICY } from '../../agent/context-policy.ts';
import type { Database } from '../../db/database.ts';
import { ownerQueries } from '../../db/owners.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { expectProblem } from '../../testing/expect-problem.ts';
import { makeKey } from '../../testing/keys.ts';
import { callFor, scriptedModel } from '../../testing/scripted-model.ts';
import { testApp } from '../../testing/test-app.ts';
import { testWorkbench } from '../../testing/workbench.ts';

onEachDatabase('approvals', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  /** A turn that waits, begun with a key, and how it is decided with another. */
  async function waiting() {
    const workbench = testWorkbench({ write: {} });
    const agents = createAgents(
      createAssistant({
        model: scriptedModel(() => callFor([['write', '{}']])),
        systemMessage: null,
        contextPolicy: DEFAULT_CONTEXT_POLICY,
        workbench,
      }),
    );
    const mine = await makeKey(database);
    const owner = await ownerQueries(database.db).named(mine.owner);
    const app = await testApp(database, { agents, owner, settings: { ways: ['keys'] } });
    const as = ({ key }: { key: string }) => ({ authorization: `Bearer ${key}` });
    const { id } = await (await app.send('POST', '/api/sessions', {}, as(mine))).json();
    const reply = app.send('POST', `/api/sessions/${id}/chat`, { content: 'go' }, as(mine));
    for (;;) {
      const [found] = await (await app.get('/api/approvals', as(mine))).json();
      const path = `/api/sessions/${id}/turns/${found?.turn_id}/approvals/${found?.id}`;
      const decide = (body: object, key = mine) => app.send('POST', path, body, as(key));
      if (found) return { mine, workbench, reply, decide };
      await Bun.sleep(5);
    }
  }

  test('a cursor that was not given out is refused', async () => {
    const app = await testApp(database);
    for (const cursor of ['x', `1.${'-'.repeat(36)}`, `1.${'0'.repeat(36)}`])
      await expectProblem(await app.get(`/api/approvals?cursor=${cursor}`), 422);
  });

  test('arguments may be as long as a model writes them, and are checked all the same', async () => {
    const { decide, reply, workbench } = await waiting();
    const approve = (args: object) => decide({ decision: 'approve', arguments: args });
    await expectProblem(await approve({ text: 'half \ud800' }), 422);
    await expectProblem(await approve([]), 422);
    const text = 'x'.repeat(200_000);
    expect((await approve({ text })).status).toBe(200);
    expect((await reply).status).toBe(200);
    expect(workbench.calls.map(({ args }) => args)).toEqual([{ text }]);
  });

  test('a key that may not ask the agent lets none of its calls be made', async () => {
    const { decide, mine, reply, workbench } = await waiting();
    const narrow = await makeKey(database, { owner: mine.owner, agents: ['another'] });
    await expectProblem(await decide({ decision: 'approve' }, narrow), 403);
    expect(workbench.calls).toEqual([]);
    expect((await decide({ decision: 'deny' })).status).toBe(200);
    expect((await reply).status).toBe(200);
  });
});
