// Several processes on one port: they start together, stop together, and a dead one is replaced.
import { describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import { migratedTestDatabase, testServerUrl } from '../../testing/databases.ts';
import type { ModelStep } from '../../testing/model-server.ts';
import { childrenOf, eventually, isAlive } from '../../testing/processes.ts';
import { freePort } from '../../testing/server-process.ts';
import { call, json, modelEnv, refusal, testServers } from '../../testing/servers.ts';

const { start, modelServer, tempFolder, afterThisTest } = testServers();

const workers = async (more: Record<string, string> = {}) => ({
  DATABASE_URL: await migratedTestDatabase(),
  WORKERS: '2',
  ...more,
});

describe.skipIf(testServerUrl === undefined)('several workers', () => {
  test('share one port, and a session’s line', async () => {
    const server = await start(await workers(modelEnv(modelServer())));
    const { id } = await json(call(server, 'POST', '/api/sessions'));
    const sent = Array.from({ length: 8 }, (_, n) => `message ${n}`);
    const replies = await Promise.all(
      sent.map((content) =>
        json(call(server, 'POST', `/api/sessions/${id}/chat`, { content }, { connection: 'close' })),
      ),
    );
    expect(replies.map((reply) => reply.type)).toEqual(sent.map(() => 'TextMessage'));
    const history = await json(call(server, 'GET', `/api/sessions/${id}/history`));
    expect(history.map((message: { source: string }) => message.source)).toEqual(
      sent.flatMap(() => ['user', 'assistant']),
    );
    expect({ ...(await server.kill('SIGTERM')), said: server.output() }).toMatchObject({ code: 0 });
  }, 180_000);

  // Only Linux answers on the whole of 127.0.0.0/8 unasked.
  test.skipIf(process.platform !== 'linux')(
    'say once where they are, by the address that was asked for, when all of them serve',
    async () => {
      const port = await freePort();
      const env = await workers({ HOST: '127.0.0.2', PORT: String(port), PATH: process.env.PATH ?? '' });
      const main = join(import.meta.dir, '..', '..', 'main.ts');
      const command = [process.execPath, '--no-env-file', main];
      const server = Bun.spawn(command, { env, cwd: await tempFolder(), stdout: 'pipe', stderr: 'ignore' });
      afterThisTest(() => server.kill('SIGTERM'));
      let said = '';
      for await (const chunk of server.stdout) {
        said += new TextDecoder().decode(chunk);
        if (said.includes('Next')) break;
      }
      expect(said.split('\n')[0]).toBe(`AgentChat  http://127.0.0.2:${port}`);
      expect((await fetch(`http://127.0.0.2:${port}/readyz`)).status).toBe(200);
      expect(childrenOf(server.pid)).toHaveLength(2);
    },
    60_000,
  );

  test('do not start where the port is taken, whoever has it: one line, exit code 1', async () => {
    const port = String(await freePort());
    const plain = Bun.listen({ hostname: '127.0.0.1', port: Number(port), socket: { data() {} } });
    const taken = `The port is taken by another program (PORT is ${port}): stop it, or set PORT to another one.`;
    expect(await refusal(await workers({ PORT: port }))).toBe(taken);
    plain.stop(true);

    // Workers of another server, on another database, share a port willingly.
    const first = await start(await workers({ PORT: port }));
    expect(await refusal(await workers({ PORT: port }))).toBe(
      `Another AgentChat has port ${port}; waiting for it to end…\n${taken.replace('program', 'AgentChat')}`,
    );
    expect((await call(first, 'GET', '/readyz')).status).toBe(200);
  }, 180_000);

  test('are replaced when they die', async () => {
    const server = await start(await workers());
    const before = childrenOf(server.pid);
    expect(before).toHaveLength(2);
    for (const pid of before) process.kill(pid, 'SIGKILL');
    const answers = () =>
      call(server, 'GET', '/readyz').then(
        ({ status }) => status === 200,
        () => false,
      );
    expect(await eventually(() => !before.some(isAlive))).toBe(true);
    expect(await eventually(answers)).toBe(true);
    expect(await eventually(() => childrenOf(server.pid).length === 2)).toBe(true);
    expect({ ...(await server.kill('SIGTERM')), said: server.output() }).toMatchObject({ code: 0 });
  }, 180_000);

  test('end when their parent is killed, and let their turns end first', async () => {
    const gate = Promise.withResolvers<ModelStep[]>();
    const model = modelServer(() => gate.promise);
    const server = await start(await workers(modelEnv(model)));
    const pids = childrenOf(server.pid);
    afterThisTest(() => {
      for (const pid of pids.filter(isAlive)) process.kill(pid, 'SIGKILL');
    });
    const { id } = await json(call(server, 'POST', '/api/sessions'));
    const answer = json(call(server, 'POST', `/api/sessions/${id}/chat`, { content: 'hi' }));
    while (model.calls() === 0) await Bun.sleep(10);
    process.kill(server.pid, 'SIGKILL');
    await Bun.sleep(500);
    gate.resolve([{ text: 'in time' }]);
    expect((await answer).content).toBe('in time');
    expect(await eventually(() => !pids.some(isAlive))).toBe(true);
  }, 180_000);
});
