// How the program stops: by a signal, by one that arrives twice, and at once when a person insists.
import { describe, expect, test } from 'bun:test';
import { migratedTestDatabase, testServerUrl } from '../../testing/databases.ts';
import type { ModelStep } from '../../testing/model-server.ts';
import { childrenOf, eventually, isAlive } from '../../testing/processes.ts';
import { call, json, modelEnv, testServers } from '../../testing/servers.ts';

const { start, modelServer, dataFolder } = testServers();

/** A server with a turn that ends once `gate` is resolved, and the answer that its caller waits for. */
async function startWithTurn(env: Record<string, string>) {
  const gate = Promise.withResolvers<ModelStep[]>();
  const model = modelServer(() => gate.promise);
  const server = await start({ ...env, ...modelEnv(model) });
  const { id } = await json(call(server, 'POST', '/api/sessions'));
  const answer = json(call(server, 'POST', `/api/sessions/${id}/chat`, { content: 'hi' }));
  answer.catch(() => {});
  while (model.calls() === 0) await Bun.sleep(10);
  return { server, id, gate, answer };
}

const kinds: [string, number, () => Promise<Record<string, string>>][] = [
  ['embedded', 1, async () => ({ DATA_DIR: await dataFolder() })],
];
if (testServerUrl !== undefined) {
  const DATABASE_URL = migratedTestDatabase;
  kinds.push(['postgres', 1, async () => ({ DATABASE_URL: await DATABASE_URL() })]);
  kinds.push(['two workers', 2, async () => ({ DATABASE_URL: await DATABASE_URL(), WORKERS: '2' })]);
}

for (const [kind, processes, env] of kinds) {
  describe(`a server on ${kind}`, () => {
    test('lets the running turn end after SIGTERM, refuses new ones, and exits with 0', async () => {
      const { server, id, gate, answer } = await startWithTurn(await env());
      const exit = server.kill('SIGTERM');
      // With two workers, either may answer.
      for (let refusals = 0; refusals < 5; await Bun.sleep(10)) {
        if ((await call(server, 'GET', '/readyz', undefined, fresh)).status === 503) refusals++;
      }
      const path = `/api/sessions/${id}/chat`;
      const refused = await call(server, 'POST', path, { content: 'too late' }, fresh);
      expect(refused.status).toBe(503);
      expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
      expect((await call(server, 'GET', '/healthz')).status).toBe(200);
      gate.resolve([{ text: 'in time' }]);
      expect((await answer).content).toBe('in time');
      expect(await exit).toEqual({ code: 0, signal: null });
    }, 180_000);

    test('lets it end after a Ctrl-C that arrives twice, too', async () => {
      const { server, gate, answer } = await startWithTurn(await env());
      // As from a terminal: to the whole group, and once more from `bun run`, which passes it on.
      for (const pid of [server.pid, ...childrenOf(server.pid)]) process.kill(pid, 'SIGINT');
      await Bun.sleep(50);
      process.kill(server.pid, 'SIGINT');
      await Bun.sleep(300);
      gate.resolve([{ text: 'in time' }]);
      expect((await answer).content).toBe('in time');
      expect(await server.exited).toEqual({ code: 0, signal: null });
      expect(server.output().match(/stopping/g)).toHaveLength(processes);
    }, 180_000);

    test('lets it end after a hang-up, however often that is told', async () => {
      const { server, gate, answer } = await startWithTurn(await env());
      const hangUp = () => {
        for (const pid of [server.pid, ...childrenOf(server.pid)]) process.kill(pid, 'SIGHUP');
      };
      hangUp();
      await Bun.sleep(1200);
      hangUp();
      await Bun.sleep(300);
      gate.resolve([{ text: 'in time' }]);
      expect((await answer).content).toBe('in time');
      expect(await server.exited).toEqual({ code: 0, signal: null });
    }, 180_000);

    test('ends at once when it is told again after a second', async () => {
      const { server } = await startWithTurn(await env());
      const children = childrenOf(server.pid);
      process.kill(server.pid, 'SIGTERM');
      // Two signals that a busy machine brings together are one.
      expect(await eventually(() => server.output().includes('stopping'))).toBe(true);
      await Bun.sleep(1200);
      const began = performance.now();
      expect(await server.kill('SIGTERM')).toEqual({ code: 1, signal: null });
      expect(performance.now() - began).toBeLessThan(3000);
      expect(await eventually(() => !children.some(isAlive))).toBe(true);
    }, 180_000);
  });
}

const fresh = { connection: 'close' };
