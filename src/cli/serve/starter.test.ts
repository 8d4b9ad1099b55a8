// Whom the server does not outlive: what runs its script, and not whoever called that.
import { afterEach, describe, expect, test } from 'bun:test';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withEmptyDatabase } from '../../testing/embedded-folder.ts';
import { childrenOf, eventually, isAlive } from '../../testing/processes.ts';
import { freePort } from '../../testing/server-process.ts';
import { repoRoot } from '../install.ts';
import { startersOf } from './starter.ts';

test('those that run scripts are starters, with the shells between them', () => {
  const shell = '-bash';
  for (const [commands, expected] of [
    [['bun run start', shell], [1]],
    [['/usr/lib/node_modules/bun/bin/bun.exe run start', '/bin/sh -c bun run start', shell], [1]],
    [['bun start', shell], [1]],
    [['bun --cwd /srv/agentchat run start', 'nohup', shell], [1]],
    [
      ['bun run start', "sh -c 'bun' run start", 'npm exec bun@1 run start', shell],
      [1, 2, 3],
    ],
    [
      ['bun run start', 'sh -c bun run start', 'node /usr/bin/npx bun@1 run start', shell],
      [1, 2, 3],
    ],
    [
      ['sh -c bun src/cli/start.ts', 'npm start', 'bash deploy.sh'],
      [1, 2],
    ],
    [
      ['sh -c bun src/cli/start.ts', 'node /usr/lib/npm-cli.js run start', shell],
      [1, 2],
    ],
    [['bunx bun run start', shell], [1]],
    // A person's shell, a service manager, a script or a test that goes on, or ends.
    [['bash -c nohup bun run start &', 'sshd'], []],
    [['/sbin/init'], []],
    [['bun test src/tests/start/start.test.ts', shell], []],
    [['node deploy.js start', shell], []],
    [['bun run start', 'bash deploy.sh', 'npm run start'], [1]],
  ] as [string[], number[]][]) {
    expect(startersOf(commands.map((command, index) => ({ pid: index + 1, command })))).toEqual(expected);
  }
});

describe('a server that', () => {
  const left: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const undo of left.splice(0)) await undo();
  });

  /** Runs `command` in the project until its server answers. */
  async function started(command: string[]) {
    const folder = await mkdtemp(join(tmpdir(), 'agentchat-starter-'));
    const port = await freePort();
    const dataDir = await withEmptyDatabase(join(folder, 'data'));
    const env = { PATH: process.env.PATH, HOME: folder, PORT: String(port), DATA_DIR: dataDir };
    const child = Bun.spawn(command, { cwd: repoRoot, env, stdio: ['ignore', 'ignore', 'ignore'] });
    const answers = () =>
      fetch(`http://127.0.0.1:${port}/healthz`).then(
        (response) => response.ok,
        () => false,
      );
    left.push(async () => {
      for (const pid of [child.pid, ...descendants(child.pid)])
        if (isAlive(pid)) process.kill(pid, 'SIGKILL');
      await rm(folder, { recursive: true, force: true });
    });
    expect(await eventually(answers, 60_000)).toBe(true);
    return { child, answers };
  }

  const descendants = (pid: number): number[] =>
    childrenOf(pid).flatMap((child) => [child, ...descendants(child)]);

  test('`bun run start` began stops when that is killed', async () => {
    const { child, answers } = await started([process.execPath, 'run', 'start']);
    const server = descendants(child.pid).at(-1) ?? 0;
    expect(server).toBeGreaterThan(0);
    child.kill('SIGKILL');
    expect(await eventually(async () => !isAlive(server) && !(await answers()), 20_000)).toBe(true);
  }, 120_000);

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGKILL'] as const) {
    test(`npx began stops when that alone gets ${signal}`, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'agentchat-npx-'));
      left.push(() => rm(folder, { recursive: true, force: true }));
      // Whatever stands above, it is read as Node reads what has no ending.
      await writeFile(join(folder, 'package.json'), '{"type":"commonjs"}');
      // As npx does it: a shell in between, which ends without passing anything on.
      const npx = join(folder, 'npx');
      const command = `'${process.execPath}' run start; exit`;
      await writeFile(
        npx,
        `const { spawn } = require('node:child_process');
        spawn('sh', ['-c', ${JSON.stringify(command)}], { stdio: 'inherit' });`,
      );
      const { child, answers } = await started(['node', npx, 'bun@1', 'run', 'start']);
      const all = descendants(child.pid);
      expect(all.length).toBeGreaterThanOrEqual(3);
      child.kill(signal);
      await child.exited;
      expect(await eventually(async () => !all.some(isAlive) && !(await answers()), 20_000)).toBe(true);
    }, 120_000);
  }

  test('a shell began in the background lives on when the shell ends', async () => {
    const command = `'${process.execPath}' run start & echo $!; wait`;
    const { child, answers } = await started(['sh', '-c', command]);
    const all = descendants(child.pid);
    left.push(async () => {
      for (const pid of all) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    });
    child.kill('SIGKILL');
    await child.exited;
    await Bun.sleep(2500);
    expect(await answers()).toBe(true);
    expect(all.every(isAlive)).toBe(true);
    process.kill(all[0] ?? 0, 'SIGKILL');
    expect(await eventually(async () => !(await answers()), 20_000)).toBe(true);
  }, 120_000);
});
