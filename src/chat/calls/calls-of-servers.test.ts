// Calls of real servers' tools, of which one is down when a process goes on with a turn: none goes to another server.
import { afterEach, beforeAll, expect, test } from 'bun:test';
import { join } from 'node:path';
import { describedAgents } from '../../agent/described-agents.ts';
import { createToolHost } from '../../agent/workbench.ts';
import { startProcess } from '../../cli/serve/start-process.ts';
import type { Database } from '../../db/database.ts';
import { assistantFile, component, loadFile } from '../../testing/agent-file.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { eachEvent } from '../../testing/event-stream.ts';
import type { HostileMode } from '../../testing/hostile-mcp.ts';
import { newOwner } from '../../testing/owners.ts';
import { callFor, scriptedModel } from '../../testing/scripted-model.ts';
import { testApp } from '../../testing/test-app.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

type Servers = Record<string, HostileMode>;

const server = ([label, mode]: [string, HostileMode]) => ({
  ...component('McpWorkbench', {
    server_params: {
      type: 'StdioServerParams',
      command: process.execPath,
      args: ['--no-env-file', join(import.meta.dir, '../../testing/hostile-mcp.ts'), mode],
      read_timeout_seconds: 20,
    },
  }),
  label,
});

onEachDatabase('a call of a server’s tool', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  /** A process whose agent has these servers, in this order, and calls `echo`. */
  async function process(owner: number, servers: Servers, beside: object = {}) {
    const host = createToolHost({ startProcess });
    ends.push(() => host.close());
    const workbench = Object.entries(servers).map(server);
    const model = scriptedModel(() => callFor([['echo', '{"text":"hi"}']]));
    const described = { ...loadFile(assistantFile({ workbench }, beside)), name: 'assistant', model };
    return testApp(database, { owner, agents: describedAgents([described], host) });
  }

  type App = Awaited<ReturnType<typeof process>>;

  async function waiting(app: App) {
    const id = await app.newSession();
    const reply = app.send('POST', `/api/sessions/${id}/chat`, { content: 'go' });
    const pending = async (): Promise<{ id: string; turn_id: string; server: string | null }[]> =>
      (await app.get('/api/approvals')).json();
    while ((await pending()).length === 0) await Bun.sleep(5);
    const [{ id: approval, turn_id: turn, server } = { id: '', turn_id: '', server: null }] = await pending();
    return { id, reply, turn, server, at: `/api/sessions/${id}/turns/${turn}/approvals/${approval}` };
  }

  /** What the model is told once the call was allowed in `there`, by a process that does not have the turn yet. */
  async function allowed(there: App, { id, turn, at }: Awaited<ReturnType<typeof waiting>>) {
    expect((await there.send('POST', at, { decision: 'approve' })).status).toBe(200);
    for (;;) {
      const answer = await (await there.get(`/api/sessions/${id}/turns/${turn}`)).json();
      if (answer.status === 'completed') return answer.reply.results[0];
      await there.turns.beat();
      await Bun.sleep(20);
    }
  }

  test('that a person allowed is not made at another where its own is down', async () => {
    const owner = await newOwner(database);
    const one = await process(owner, { mail: 'plain', chat: 'plain' });
    const call = await waiting(one);
    // Who is to allow it is told where it will be made.
    expect(call.server).toBe('mail');
    const live = await one.get(`/api/sessions/${call.id}/turns/${call.turn}`, {
      accept: 'text/event-stream',
    });
    for await (const { event, data } of eachEvent(live)) {
      if (event !== 'ApprovalRequestEvent') continue;
      expect(data).toMatchObject({ server: 'mail' });
      break;
    }
    const result = await allowed(await process(owner, { mail: 'dies-at-start', chat: 'plain' }), call);
    expect(result).toMatchObject({
      is_error: true,
      content: expect.stringContaining(
        "the server 'mail', which has the tool 'echo', cannot be reached just now",
      ),
    });
  });

  test('is made at its own also where another with such a tool is there again', async () => {
    const owner = await newOwner(database);
    const call = await waiting(await process(owner, { mail: 'dies-at-start', chat: 'plain' }));
    const result = await allowed(await process(owner, { mail: 'dies-at-calls', chat: 'plain' }), call);
    expect(result).toMatchObject({ is_error: false, content: 'hi' });
  });

  test('that is not in the file any more is an error that says so', async () => {
    const owner = await newOwner(database);
    const call = await waiting(await process(owner, { mail: 'plain', chat: 'plain' }));
    expect(await allowed(await process(owner, { chat: 'plain' }), call)).toMatchObject({
      is_error: true,
      content: expect.stringContaining(
        "the server 'mail', which the call was for, has no tool 'echo' any more",
      ),
    });
  });

  test('that is down says so, and is asked about first where its file says that', async () => {
    const owner = await newOwner(database);
    const plain = await process(owner, { mail: 'dies-at-start' });
    const id = await plain.newSession();
    const answer = await (await plain.send('POST', `/api/sessions/${id}/chat`, { content: 'go' })).json();
    expect(answer.results[0].content).toBe(
      "Error: tool 'echo' not found in any workbench. The server 'mail' cannot be reached just now.",
    );
    const approval = { echo: 'always' };
    const call = await waiting(await process(owner, { mail: 'dies-at-start' }, { approval }));
    expect(call.server).toBe('mail');
    const result = await allowed(await process(owner, { chat: 'plain', mail: 'plain' }, { approval }), call);
    expect(result).toMatchObject({ is_error: false, content: 'hi' });
    expect((await plain.store.calls.ofTurn({ owner, session: call.id, turn: call.turn }))[0]?.server).toBe(
      'mail',
    );
  });
});
