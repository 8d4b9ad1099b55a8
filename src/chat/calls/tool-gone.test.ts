// A call whose process died and whose tool nobody has any more when its turn goes on.
import { beforeAll, expect, test } from 'bun:test';
import { createAgents } from '../../agent/agent.ts';
import { createAssistant } from '../../agent/assistant.ts';
import { DEFAULT_CONTEXT_POLICY } from '../../agent/context-policy.ts';
import type { InterruptedRule } from '../../agent/tool-rules.ts';
import type { Database } from '../../db/database.ts';
import { type Log, silentLog } from '../../log.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { newOwner } from '../../testing/owners.ts';
import { callFor, scriptedModel } from '../../testing/scripted-model.ts';
import { testApp } from '../../testing/test-app.ts';
import { expireLeases } from '../../testing/two-apps.ts';
import { type TestTool, testWorkbench } from '../../testing/workbench.ts';

onEachDatabase('a lost call of a tool that is gone', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  /** A turn whose call is lost, and the process that goes on with it, which has no tools. */
  async function lost(rule: InterruptedRule) {
    const owner = await newOwner(database);
    const touched = Promise.withResolvers<void>();
    const told: string[] = [];
    const log: Log = {
      ...silentLog,
      info: (message) => message !== 'request' && told.push(message),
      warn: (message) => told.push(message),
    };
    const process = (tools: Record<string, TestTool>) =>
      testApp(database, {
        owner,
        log,
        agents: createAgents(
          createAssistant({
            model: scriptedModel(() => callFor([['write', '{}']])),
            systemMessage: null,
            contextPolicy: DEFAULT_CONTEXT_POLICY,
            approval: [{ tool: '*', rule: 'never' }],
            interrupted: [{ tool: 'write', rule }],
            workbench: testWorkbench(tools),
          }),
        ),
      });
    const run = () => {
      touched.resolve();
      return new Promise<string>(() => {});
    };
    const dead = await process({ write: { run } });
    const alive = await process({});
    const path = `/api/sessions/${await dead.newSession()}`;
    void dead.send('POST', `${path}/chat`, { content: 'go' });
    await touched.promise;
    await expireLeases(database, path.split('/').at(-1) ?? '');
    await alive.turns.beat();
    const turn = async () => (await (await alive.get(`${path}/turns`)).json())[0];
    const reaches = async (status: string) => {
      while ((await turn()).status !== status) await Bun.sleep(5);
      return turn();
    };
    return { reaches, told };
  }

  for (const rule of ['retry', 'ask', 'tell'] as const)
    test(`is told of as unknown, and not made again: ${rule}`, async () => {
      const { reaches, told } = await lost(rule);
      expect((await reaches('completed')).reply.content).toContain(
        'It is unknown whether the call took effect',
      );
      expect(told).toEqual(['took over a turn whose process is gone']);
    });
});
