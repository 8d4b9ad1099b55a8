// A call that was allowed, and whose process died in it, is asked about again: whoever follows is told so, wherever.
import { beforeAll, expect, test } from 'bun:test';
import { createAgents } from '../../agent/agent.ts';
import { createAssistant } from '../../agent/assistant.ts';
import { DEFAULT_CONTEXT_POLICY } from '../../agent/context-policy.ts';
import type { Database } from '../../db/database.ts';
import type { Owner } from '../../db/owner.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import {
  eachEvent,
  joinPieces,
  type ReceivedEvent,
  readEvents,
  withoutVoid,
} from '../../testing/event-stream.ts';
import { newOwner } from '../../testing/owners.ts';
import { callFor, scriptedModel } from '../../testing/scripted-model.ts';
import { testApp } from '../../testing/test-app.ts';
import { expireLeases } from '../../testing/two-apps.ts';
import { testWorkbench } from '../../testing/workbench.ts';

type App = Awaited<ReturnType<typeof testApp>>;

onEachDatabase('a call that is asked about again', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  type Run = (args: Record<string, unknown>) => Promise<string>;

  /** A process of this owner, which has its agent's tools as soon as they are `listed`. */
  function processOf(owner: Owner, run: Run, listed: Promise<void> = Promise.resolve()) {
    const made = testWorkbench({ write: { run } });
    const workbench = { ...made, list: (signal: AbortSignal) => listed.then(() => made.list(signal)) };
    const agents = createAgents(
      createAssistant({
        model: scriptedModel(() => callFor([['write', '{"to":"a"}']])),
        systemMessage: null,
        contextPolicy: DEFAULT_CONTEXT_POLICY,
        interrupted: [{ tool: '*', rule: 'ask' }],
        workbench,
      }),
    );
    return testApp(database, { owner, agents });
  }

  /** A turn that is begun, as somebody sees it who can look at it by `app`. */
  function lookingAt(app: App, id: string) {
    const turn = async () => (await (await app.get(`/api/sessions/${id}/turns`)).json())[0];
    const asked = async () => {
      while ((await turn())?.status !== 'waiting') await Bun.sleep(5);
      return (await (await app.get('/api/approvals')).json())[0];
    };
    const approve = async (by: App, approval: string, more = {}) =>
      by.send('POST', `/api/sessions/${id}/turns/${(await turn()).id}/approvals/${approval}`, {
        decision: 'approve',
        ...more,
      });
    return { turn, asked, approve };
  }

  /** A process whose call never ends, and when it has begun. */
  async function dying(owner: Owner) {
    const touched = Promise.withResolvers<void>();
    const app = await processOf(owner, () => {
      touched.resolve();
      return new Promise(() => {});
    });
    return { app, touched: touched.promise };
  }

  test('is shown as it will be made, with the arguments that somebody gave before', async () => {
    const owner = await newOwner(database);
    const { app: dead, touched } = await dying(owner);
    const alive = await processOf(owner, async ({ to }) => `written to ${to}`);
    const id = await dead.newSession();
    void dead.send('POST', `/api/sessions/${id}/chat`, { content: 'go' });
    const { turn, asked, approve } = lookingAt(alive, id);
    const first = await asked();
    const decided = await approve(dead, first.id, { arguments: { to: 'b' } });
    expect((await decided.json()).call).toMatchObject({ arguments: '{"to":"b"}' });
    await touched;
    await expireLeases(database, id);
    await alive.turns.beat();
    const second = await asked();
    expect(second).toMatchObject({ call: { arguments: '{"to":"b"}' } });
    expect(second.id).not.toBe(first.id);
    const path = `/api/sessions/${id}/turns/${(await turn()).id}`;
    const follows = alive.get(path, { accept: 'text/event-stream' });
    await approve(alive, second.id);
    const told = await readEvents(await follows);
    expect(told.findLast(({ event }) => event === 'ApprovalRequestEvent')?.data).toMatchObject({
      id: second.id,
      call: { arguments: '{"to":"b"}' },
    });
    expect(told.at(-2)?.data).toMatchObject({ content: 'written to b' });
  }, 15_000);

  test('is shown by every process, though it knew what was asked before', async () => {
    const owner = await newOwner(database);
    const gate = Promise.withResolvers<void>();
    const { app: dead, touched } = await dying(owner);
    const alive = await processOf(owner, async () => 'written', gate.promise);
    const watched = await processOf(owner, async () => 'never');
    const id = await dead.newSession();
    void dead.send('POST', `/api/sessions/${id}/chat`, { content: 'go' });
    const { turn, asked, approve } = lookingAt(alive, id);

    const { id: first } = await asked();
    expect((await approve(dead, first)).status).toBe(200);
    await touched;
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
        second = (await asked()).id;
        expect(second).not.toBe(first);
      } else if (event.data.id === second) await approve(alive, second);
    }
    const stored = await readEvents(await alive.get(path, stream));
    expect(stored.at(-2)?.data).toMatchObject({ content: 'written' });
    expect(joinPieces(withoutVoid(told))).toEqual(joinPieces(withoutVoid(stored)));
  }, 15_000);
});
