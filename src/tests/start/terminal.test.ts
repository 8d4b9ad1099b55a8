// A terminal that is closed stops the server as SIGTERM does, unless it was begun to outlive that.
import { expect, test } from 'bun:test';
import { join } from 'node:path';
import type { ModelStep } from '../../testing/model-server.ts';
import { childrenOf, eventually, isAlive } from '../../testing/processes.ts';
import { freePort } from '../../testing/server-process.ts';
import { modelEnv, testServers } from '../../testing/servers.ts';

const { modelServer, tempFolder, database, afterThisTest } = testServers();
const hasTerminals = process.platform !== 'win32';
const root = join(import.meta.dir, '..', '..', '..');

const descendants = (pid: number): number[] =>
  childrenOf(pid).flatMap((child) => [child, ...descendants(child)]);

/** A server that was begun by `command` at a terminal of its own, and a turn that ends once `gate` is resolved. */
async function atTerminal(command: string[]) {
  const gate = Promise.withResolvers<ModelStep[]>();
  const model = modelServer(() => gate.promise);
  const url = `http://127.0.0.1:${await freePort()}`;
  const child = Bun.spawn(command, {
    cwd: root,
    env: {
      PATH: process.env.PATH ?? '',
      HOME: await tempFolder(),
      PORT: new URL(url).port,
      ...(await database()),
      ...modelEnv(model),
    },
    terminal: { cols: 80, rows: 24, data() {} },
  });
  const closeTerminal = () => child.terminal?.close();
  afterThisTest(() => {
    for (const pid of [child.pid, ...descendants(child.pid)]) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    closeTerminal();
  });
  const answers = () =>
    fetch(`${url}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    );
  expect(await eventually(answers)).toBe(true);
  const post = (path: string, body = {}) =>
    fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }).then((response) => response.json());
  const { id } = await post('/api/sessions');
  const answer = post(`/api/sessions/${id}/chat`, { content: 'hi' });
  answer.catch(() => {});
  while (model.calls() === 0) await Bun.sleep(10);
  return { child, closeTerminal, answers, answer, gate };
}

const main = [process.execPath, '--no-env-file', join(root, 'src/main.ts')];

test.skipIf(!hasTerminals)(
  'a server whose log nobody reads any more goes on',
  async () => {
    const reader = ['sh', '-c', '("$@"; echo "ended with $?" >&2) 2>&1 | head -n 1', 'sh'];
    const { answers, answer, gate } = await atTerminal([...reader, ...main]);
    expect(await answers()).toBe(true);
    gate.resolve([{ text: 'in time' }]);
    expect((await answer).content).toBe('in time');
    await Bun.sleep(500);
    expect(await answers()).toBe(true);
  },
  180_000,
);

for (const [name, command] of [
  ['the server', main],
  ['what runs its script', [process.execPath, '--no-env-file', 'run', 'start']],
] as const) {
  test.skipIf(!hasTerminals)(
    `its turn ends first when the terminal of ${name} is closed`,
    async () => {
      const { child, closeTerminal, answers, answer, gate } = await atTerminal([...command]);
      const all = [child.pid, ...descendants(child.pid)];
      closeTerminal();
      await Bun.sleep(1000);
      expect(await answers()).toBe(true);
      gate.resolve([{ text: 'in time' }]);
      expect((await answer).content).toBe('in time');
      expect(await eventually(async () => !(await answers()) && !all.some(isAlive), 20_000)).toBe(true);
    },
    180_000,
  );
}

test.skipIf(!hasTerminals)(
  'with nohup before it the server lives on',
  async () => {
    const nohup = ['sh', '-c', 'exec nohup "$0" "$@" > /dev/null 2>&1'];
    const entry = [process.execPath, '--no-env-file', join(root, 'src/cli/start.ts')];
    const { child, closeTerminal, answers, answer, gate } = await atTerminal([...nohup, ...entry]);
    closeTerminal();
    child.kill('SIGHUP');
    await Bun.sleep(1500);
    gate.resolve([{ text: 'in time' }]);
    expect((await answer).content).toBe('in time');
    await Bun.sleep(500);
    expect(await answers()).toBe(true);
  },
  180_000,
);
