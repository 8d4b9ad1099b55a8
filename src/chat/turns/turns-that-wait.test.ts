// Turns that wait for a person: what may become of them, whoever looks and wherever.
import { beforeAll, expect, test } from 'bun:test';
import { sql } from 'drizzle-orm';
import { createAgents } from '../../agent/agent.ts';
import { createAssistant } from '../../agent/assistant.ts';
import { DEFAULT_CONTEXT_POLICY } from '../../agent/context-policy.ts';
import type { Database } from '../../db/database.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { eachEvent, readEvents } from '../../testing/event-stream.ts';
import { newOwner } from '../../testing/owners.ts';
import { callFor, say, scriptedModel } from '../../testing/scripted-model.ts';
import { testApp } from '../../testing/test-app.ts';
import { testWorkbench } from '../../testing/workbench.ts';

onEachDatabase('a turn that waits for a person', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  /** Processes of one owner, whose agent writes something when it is told to `write`. */
  async function processes(count: number, approvalSeconds?: number) {
    const owner = await newOwner(database);
    const workbench = testWorkbench({ write: { run: ({ to }) => `written to ${to}` } });
    const model = scriptedModel((messages) =>
      messages.at(-1)?.content === 'write' ? callFor([['write', '{"to":"a"}']]) : say(['hello']),
    );
    const agents = () =>
      createAgents(
        createAssistant({ model, systemMessage: null, contextPolicy: DEFAULT_CONTEXT_POLICY, workbench }),
      );
    const apps = await Promise.all(
      Array.from({ length: count }, () =>
        testApp(database, {
          agents: agents(),
          owner,
          ...(approvalSeconds === undefined ? {} : { approvalSeconds }),
        }),
      ),
    );
    const [one = await testApp(database)] = apps;
    const other = apps.at(-1) ?? one;
    return { one, other, owner, workbench, model };
  }

  type App = Awaited<ReturnType<typeof testApp>>;

  /** A turn that waits, in a session of its own. */
  async function waiting(app: App) {
    const id = await app.newSession();
    const path = `/api/sessions/${id}`;
    const reply = app.send('POST', `${path}/chat`, { content: 'write' });
    const turns = async (): Promise<{ id: string; status: string }[]> =>
      (await app.get(`${path}/turns`)).json();
    while ((await turns())[0]?.status !== 'waiting') await Bun.sleep(5);
    const turn = (await turns())[0]?.id ?? '';
    const pending: { id: string; turn_id: string }[] = await (await app.get('/api/approvals')).json();
    const approval = pending.find(({ turn_id }) => turn_id === turn)?.id ?? '';
    return { id, path, reply, turns, turn, at: `${path}/turns/${turn}/approvals/${approval}` };
  }

  test('goes on in another process, and one follower sees it all', async () => {
    const { one, other, workbench } = await processes(2);
    const { path, turn, at, reply } = await waiting(one);
    const seen: string[] = [];
    const follows = await other.get(`${path}/turns/${turn}`, { accept: 'text/event-stream' });
    for await (const { event } of eachEvent(follows)) {
      seen.push(event);
      if (event === 'ApprovalRequestEvent' && seen.length === 3)
        expect((await other.send('POST', at, { decision: 'approve' })).status).toBe(200);
    }
    // Nothing is void because somebody said yes.
    expect(seen).toEqual([
      'turn',
      'ToolCallRequestEvent',
      'ApprovalRequestEvent',
      'ToolCallExecutionEvent',
      'ToolCallSummaryMessage',
      'done',
    ]);
    expect(await (await reply).json()).toMatchObject({ content: 'written to a' });
    expect(workbench.calls.map(({ args }) => args)).toEqual([{ to: 'a' }]);
    const again = await readEvents(await one.get(`${path}/turns/${turn}`, { accept: 'text/event-stream' }));
    expect(again.map(({ event }) => event)).toEqual([
      'turn',
      'ToolCallRequestEvent',
      'ApprovalRequestEvent',
      'ToolCallExecutionEvent',
      'ToolCallSummaryMessage',
      'done',
    ]);
  });

  test('goes on in the streams that are open, here and elsewhere, whoever answers and whichever process has it then', async () => {
    for (const decidesElsewhere of [false, true]) {
      const { one, other } = await processes(2);
      const id = await one.newSession();
      const path = `/api/sessions/${id}`;
      const stream = { accept: 'text/event-stream' };
      const live = await one.send('POST', `${path}/chat`, { content: 'write' }, stream);
      let waits = 0;
      const follow = async (response: Response) => {
        const seen: { event: string; id: string | undefined; data: object }[] = [];
        for await (const { event, id: cursor, data } of eachEvent(response)) {
          seen.push({ event, id: cursor, data });
          // Once both streams are at it.
          if (event === 'ApprovalRequestEvent' && ++waits === 2) {
            const decides = decidesElsewhere ? other : one;
            const [{ id: approval, turn_id }] = await (await decides.get('/api/approvals')).json();
            const at = `${path}/turns/${turn_id}/approvals/${approval}`;
            expect((await decides.send('POST', at, { decision: 'approve' })).status).toBe(200);
            await decides.turns.beat();
          }
        }
        return seen;
      };
      const turns = async () => (await (await one.get(`${path}/turns`)).json()) as { id: string }[];
      while ((await turns()).length === 0) await Bun.sleep(5);
      const [turn] = await turns();
      const elsewhere = await other.get(`${path}/turns/${turn?.id}`, stream);
      const [here, there] = await Promise.all([follow(live), follow(elsewhere)]);
      expect(here.map(({ event }) => event)).toEqual([
        'turn',
        'ToolCallRequestEvent',
        'ApprovalRequestEvent',
        'ToolCallExecutionEvent',
        'ToolCallSummaryMessage',
        'done',
      ]);
      expect(there).toEqual(here);
      expect(await readEvents(await one.get(`${path}/turns/${turn?.id}`, stream))).toEqual(here as never);
    }
  });

  test('is denied with a reason, or answered, and nothing is called', async () => {
    const { one, workbench } = await processes(1);
    const denied = await waiting(one);
    await one.send('POST', denied.at, { decision: 'deny', reason: 'not today' });
    expect((await (await denied.reply).json()).results).toMatchObject([
      { content: expect.stringContaining('not today') as never, is_error: true },
    ]);
    const answered = await waiting(one);
    await one.send('POST', answered.at, { decision: 'answer', answer: 'it is done' });
    expect(await (await answered.reply).json()).toMatchObject({ content: 'it is done' });
    expect(workbench.calls).toEqual([]);
  });

  test('is cancelled, and what was said meanwhile is answered then', async () => {
    const { one, workbench } = await processes(1);
    const { path, turn, reply, turns, at } = await waiting(one);
    const next = one.send('POST', `${path}/chat`, { content: 'hi' });
    while ((await turns()).length < 2) await Bun.sleep(5);
    expect(await (await one.send('POST', `${path}/turns/${turn}/cancel`, {})).json()).toMatchObject({
      status: 'cancelled',
    });
    expect((await reply).status).not.toBe(200);
    expect(await (await next).json()).toMatchObject({ content: 'hello' });
    expect((await one.send('POST', at, { decision: 'approve' })).status).toBe(409);
    expect(workbench.calls).toEqual([]);
  });

  test('is cancelled also before the process that lets it wait knows that it does', async () => {
    const { one } = await processes(1);
    const { calls } = one.store;
    const answered = Promise.withResolvers<void>();
    const { wait } = calls;
    calls.wait = async (...asked) => {
      const waits = await wait(...asked);
      await answered.promise;
      return waits;
    };
    const { path, turn, reply } = await waiting(one);
    const cancelled = await one.send('POST', `${path}/turns/${turn}/cancel`, {});
    expect(await cancelled.json()).toMatchObject({ status: 'cancelled' });
    answered.resolve();
    expect((await reply).status).not.toBe(200);
  });

  test('gives way to a message that interrupts it', async () => {
    const { one } = await processes(1);
    const { path, turns } = await waiting(one);
    const next = await one.send('POST', `${path}/chat?on_busy=interrupt`, { content: 'hi' });
    expect(await next.json()).toMatchObject({ content: 'hello' });
    expect((await turns()).map(({ status }) => status)).toEqual(['completed', 'cancelled']);
  });

  test('is denied when nobody answers in time', async () => {
    const { one, workbench } = await processes(1, 1);
    const { reply, at } = await waiting(one);
    await Bun.sleep(1100);
    expect((await one.send('POST', at, { decision: 'approve' })).status).toBe(409);
    await one.turns.beat();
    expect((await (await reply).json()).results).toMatchObject([{ is_error: true }]);
    expect(workbench.calls).toEqual([]);
  });

  test('goes with its session', async () => {
    const { one, owner } = await processes(1);
    const { path, reply } = await waiting(one);
    expect((await one.send('DELETE', path, undefined)).ok).toBe(true);
    expect((await reply).ok).toBe(false);
    expect(await (await one.get('/api/approvals')).json()).toEqual([]);
    const left = await database.db.execute(
      sql`select count(*)::int as n from chat_tool_calls where owner_id = ${owner}`,
    );
    expect(JSON.stringify(left)).toContain('"n":0');
  });
});
