import { afterAll, beforeEach, expect, test } from 'bun:test';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { childrenOf, eventually } from '../../testing/processes.ts';
import { startWorkers, type Workers, workerVariable } from './workers.ts';

const folder = await mkdtemp(join(tmpdir(), 'agentchat-workers-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

let said: string[] = [];
// What tests of other files have left to this process.
let others: number[] = [];
beforeEach(() => {
  said = [];
  others = childrenOf(process.pid);
});
const say = (line: string) => said.push(line);

/** Workers that run this, with `number` as their own and `report` as their word to their parent. */
async function start(script: string, count = 2): Promise<Workers> {
  const file = join(folder, `${Bun.hash(script)}.ts`);
  await writeFile(
    file,
    `import { reportToParent as report } from ${JSON.stringify(join(import.meta.dir, 'workers.ts'))};
    const number = Number(process.env.${workerVariable});
    setInterval(() => {}, 1000);
    process.on('disconnect', () => process.exit(0));
    ${script}`,
  );
  const workers = startWorkers(count, { command: [process.execPath, '--no-env-file', file], say });
  await workers.started;
  return workers;
}

test('they have started when each of them serves', async () => {
  const began = performance.now();
  const workers = await start(`await Bun.sleep(number === 2 ? 500 : 0); await report({ kind: 'serving' });`);
  expect(performance.now() - began).toBeGreaterThan(500);
  await workers.stop();
  expect(said).toEqual([]);
});

test('one that cannot serve ends them all, and its reason is that of the start', async () => {
  const started = start(
    `if (number === 1) await report({ kind: 'serving' });
    else { await report({ kind: 'failed', sentence: 'no luck' }); process.exit(1); }`,
  );
  await expect(started).rejects.toThrow(/^no luck$/);
  expect(childrenOf(process.pid)).toEqual(others);
  expect(said).toEqual([]);
});

test('one that ends without a word before it served does, too', async () => {
  await expect(start(`process.exit(3);`)).rejects.toThrow('A worker ended with code 3 before it served.');
  await expect(start(`process.kill(process.pid, 'SIGKILL');`)).rejects.toThrow(
    'A worker ended with SIGKILL before it served.',
  );
});

test('one that dies later is replaced; why its successors cannot serve is said once', async () => {
  const file = join(folder, 'starts');
  const workers = await start(
    `const before = (await Bun.file(${JSON.stringify(file)}).exists()) ? await Bun.file(${JSON.stringify(file)}).text() : '';
    await Bun.write(${JSON.stringify(file)}, before + 'x');
    if (before.length === 1 || before.length === 2) {
      await report({ kind: 'failed', sentence: 'no database' });
      process.exit(1);
    }
    await report({ kind: 'serving' });
    if (before.length === 0) process.exit(1);`,
    1,
  );
  expect(await eventually(async () => (await Bun.file(file).text()) === 'xxxx')).toBe(true);
  expect(said).toEqual([
    'Worker 1 ended with code 1; it is started again.',
    'Worker 1 cannot serve: no database',
  ]);
  await workers.stop();
}, 180_000);

test('a stop ends them with one SIGTERM each, and starts none again', async () => {
  const file = join(folder, 'signals');
  const workers = await start(
    `process.on('SIGTERM', async () => {
      await Bun.write(${JSON.stringify(file)} + number, 'x' + (await Bun.file(${JSON.stringify(file)} + number).text().catch(() => '')));
      setTimeout(() => process.exit(0), 300);
    });
    await report({ kind: 'serving' });`,
  );
  await workers.stop();
  expect(await Bun.file(`${file}1`).text()).toBe('x');
  expect(await Bun.file(`${file}2`).text()).toBe('x');
  await Bun.sleep(1200);
  expect(childrenOf(process.pid)).toEqual(others);
});
