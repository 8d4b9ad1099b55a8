// A start where another AgentChat still has the port: it waits for one that ends, and names one that stays.
import { expect, test } from 'bun:test';
import type { ModelStep } from '../../testing/model-server.ts';
import { eventually } from '../../testing/processes.ts';
import { call, json, modelEnv, refusal, testServers } from '../../testing/servers.ts';

const { start, modelServer, dataFolder, database } = testServers();

test('the port of one that is stopping is waited for, also while its turn ends', async () => {
  const gate = Promise.withResolvers<ModelStep[]>();
  const model = modelServer(() => gate.promise);
  const env = { DATA_DIR: await dataFolder(), ...modelEnv(model) };
  const old = await start(env);
  const { id } = await json(call(old, 'POST', '/api/sessions'));
  const answer = json(call(old, 'POST', `/api/sessions/${id}/chat`, { content: 'hi' }));
  while (model.calls() === 0) await Bun.sleep(10);
  const next = start({ ...env, PORT: String(old.port) });
  await Bun.sleep(1500);
  const ended = old.kill('SIGTERM');
  await Bun.sleep(6000);
  gate.resolve([{ text: 'in time' }]);
  expect((await answer).content).toBe('in time');
  expect(await ended).toEqual({ code: 0, signal: null });
  const server = await next;
  expect(server.output()).toContain(`Another AgentChat has port ${old.port}; waiting for it to end`);
  const history = () => json(call(server, 'GET', `/api/sessions/${id}/history`));
  expect(await eventually(async () => (await history()).length === 2)).toBe(true);
}, 180_000);

test('one that stays is named after some seconds', async () => {
  const server = await start(await database());
  const began = performance.now();
  const said = await refusal({ PORT: String(server.port) });
  expect(performance.now() - began).toBeLessThan(30_000);
  expect(said.split('\n')).toEqual([
    `Another AgentChat has port ${server.port}; waiting for it to end…`,
    `The port is taken by another AgentChat (PORT is ${server.port}): stop it, or set PORT to another one.`,
  ]);
}, 180_000);

test('another program that says it is well is none', async () => {
  const other = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => Response.json({ status: 'ok' }) });
  const { port } = other;
  const said = await refusal({ PORT: String(port) });
  await other.stop(true);
  expect(said).toBe(
    `The port is taken by another program (PORT is ${port}): stop it, or set PORT to another one.`,
  );
}, 180_000);
