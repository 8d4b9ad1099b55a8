// A call that was allowed, and whose process died in it, is asked about again: whoever follows is told so, wherever.
import { beforeAll, expect, test } from 'bun:test';
import { createAgents } from '../agent/agent.ts';
import { createAssistant } from '../agent/assistant.ts';
import { DEFAULT_CONTEXT_POLICY } from '../agent/context-policy.ts';
import type { Database } from '../db/database.ts';
import { onEachDatabase } from '../testing/databases.ts';
import {
  eachEvent,
  joinPieces,
  type ReceivedEvent,
  readEvents,
  withoutVoid,
} from '../testing/event-stream.ts';
import { newOwner } from '../testing/owners.ts';
import { callFor, scriptedModel } from '../testing/scripted-model.ts';
import { testApp } from '../testing/test-app.ts';
import { expireLeases } from '../testing/two-apps.ts';
import { testWorkbench } from '../testing/workbench.ts';

onEachDatabase('a call that is asked about again', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  test('is shown by every process, though it knew what was asked before', async () => {
    const owner = await newOwner(database);
    const process = async (run: () => Promise<string>, listed: Promise<void> = Promise.resolve()) => {
      const made = testWorkbench({ write: { run } });
      const workbench = { ...made, list: (signal: AbortSignal) => listed.then(() => made.list(signal)) };
      const agents = createAgents(
        createAssistant({
          model: scriptedModel(() => callFor([['write', '{}']])),
          systemMessage: null,
          contextPolicy: DEFAULT_CONTEXT_POLICY,
          interrupted: [{ tool: '*', rule: 'ask' }],
          workbench,
        }),
      );
      return testApp(database, { owner, agents });
    };
    const touched = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const dead = await process(() => {
      touched.resolve();
      return new Promise(() => {});
    });
    const alive = await process(async () => 'written', gate.promise);
    const watched = await process(async () => 'never');
    const id = await dead.newSession();
    void dead.send('POST', `/api/sessions/${id}/chat`, { content: 'go' });
    const turn = async () => (await (await alive.get(`/api/sessions/${id}/turns`)).json())[0];
    const asked = async (): Promise<string> => {
      while ((await turn())?.status !== 'waiting') await Bun.sleep(5);
      const [{ id: approval }] = await (await alive.get('/api/approvals')).json();
      return approval;
    };
    const approve = async (by: typeof alive, approval: string) =>
      by.send('POST', `/api/sessions/${id}/turns/${(await turn()).id}/approvals/${approval}`, {
        decision: 'approve',
      });

    const first = await asked();
    expect((await approve(dead, first)).status).toBe(200);
    await touched.promise;
    await expireLeases(database, id);
    const before = (await turn()).attempt;
    await alive.turns.beat();
    expect((await turn()).attempt).toBe(before + 1);

    const path = `/api/sessions/${id}/turns/${(await turn()).id}`;
    const stream = { accept: 'text/event-stream' };
    const told: ReceivedEvent[] = [];
    let second = '';
    for await (const event of eachEvent(await watched.get(path, stream))) {
      told.push(event);
      if (event.event !== 'ApprovalRequestEvent') continue;
      // It knows of the first; only now the second is asked.
      if (event.data.id === first && second === '') {
        gate.resolve();
        second = await asked();
        expect(second).not.toBe(first);
      } else if (event.data.id === second) await approve(alive, second);
    }
    const stored = await readEvents(await alive.get(path, stream));
    expect(stored.at(-2)?.data).toMatchObject({ content: 'written' });
    expect(joinPieces(withoutVoid(told))).toEqual(joinPieces(withoutVoid(stored)));
  }, 15_000);
});
