import { afterAll, afterEach, expect, test } from 'bun:test';
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataDirLockedError, DataDirUnusableError, lockDataDir } from './data-dir-lock.ts';

const root = mkdtempSync(join(tmpdir(), 'agentchat-lock-'));
let folders = 0;
const freshDir = () => join(root, `data-${folders++}`, 'deep');

const owner = join(root, 'owner.ts');
writeFileSync(
  owner,
  `import { lockDataDir } from ${JSON.stringify(join(import.meta.dir, 'data-dir-lock.ts'))};
   try { lockDataDir(process.argv[2]); console.log('won'); Bun.gc(true); setInterval(() => Bun.gc(true), 50); }
   catch (error) { console.log(error.name + ': ' + error.message); }`,
);

const processes = new Set<Bun.Subprocess>();
/** Starts a process that tries for the lock; resolves to the line it says, and keeps the lock if it won. */
async function tryInProcess(dir: string) {
  const child = Bun.spawn([process.execPath, owner, dir], { stdout: 'pipe', stderr: 'inherit' });
  processes.add(child);
  let said = '';
  for await (const chunk of child.stdout) {
    said += new TextDecoder().decode(chunk);
    if (said.includes('\n')) break;
  }
  return { child, said: said.trim() };
}

afterEach(async () => {
  for (const child of processes) child.kill('SIGKILL');
  await Promise.all([...processes].map((child) => child.exited));
  processes.clear();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('a missing folder is made, and a released one can be locked again', () => {
  const dir = freshDir();
  for (let round = 0; round < 3; round++) {
    const lock = lockDataDir(dir);
    expect(existsSync(join(dir, 'agentchat.pid'))).toBe(true);
    lock.release();
    expect(existsSync(join(dir, 'agentchat.pid'))).toBe(false);
  }
});

test('the same process is refused twice, also under another name of the folder', () => {
  const dir = freshDir();
  const lock = lockDataDir(dir);
  const alias = join(root, 'alias');
  symlinkSync(dir, alias);
  expect(() => lockDataDir(dir)).toThrow(DataDirLockedError);
  expect(() => lockDataDir(alias)).toThrow(`this process (${process.pid})`);
  lock.release();
  lockDataDir(alias).release();
});

test('releasing twice does not release the next owner', () => {
  const dir = freshDir();
  const first = lockDataDir(dir);
  first.release();
  const second = lockDataDir(dir);
  first.release();
  expect(() => lockDataDir(dir)).toThrow(DataDirLockedError);
  second.release();
});

test('a refused attempt in the same process leaves the lock closed to other processes', async () => {
  const dir = freshDir();
  const lock = lockDataDir(dir);
  expect(() => lockDataDir(dir)).toThrow(DataDirLockedError);
  expect((await tryInProcess(dir)).said).toStartWith('DataDirLockedError');
  lock.release();
  expect((await tryInProcess(dir)).said).toBe('won');
});

test('a second process is told the folder, the owner and what to do', async () => {
  const dir = freshDir();
  const first = await tryInProcess(dir);
  expect(first.said).toBe('won');
  expect(() => lockDataDir(dir)).toThrow(
    `The data folder ${dir} is in use by process ${first.child.pid}: stop it, or set DATA_DIR to another folder, or DATABASE_URL to`,
  );
});

test('of many processes that want a folder whose owner was killed, exactly one gets it', async () => {
  const dir = freshDir();
  for (let round = 0; round < 2; round++) {
    const before = await tryInProcess(dir);
    expect(before.said).toBe('won');
    before.child.kill('SIGKILL');
    await before.child.exited;
    const rivals = await Promise.all(Array.from({ length: 6 }, () => tryInProcess(dir)));
    expect(rivals.filter((rival) => rival.said === 'won')).toHaveLength(1);
    expect(rivals.filter((rival) => rival.said.startsWith('DataDirLockedError'))).toHaveLength(5);
    for (const rival of rivals) rival.child.kill('SIGKILL');
    await Promise.all(rivals.map((rival) => rival.child.exited));
  }
}, 180_000);

test('a left-over owner file of a dead process, even with a living pid in it, does not lock', async () => {
  const dir = freshDir();
  lockDataDir(dir).release();
  writeFileSync(join(dir, 'agentchat.pid'), `${process.ppid}\n`);
  lockDataDir(dir).release();
});

test('a path that cannot be a folder is refused in one sentence', () => {
  const file = join(root, 'plain-file');
  writeFileSync(file, '');
  for (const dir of [file, join(file, 'below')]) {
    expect(() => lockDataDir(dir)).toThrow(DataDirUnusableError);
    expect(() => lockDataDir(dir)).toThrow('cannot be used (');
  }
});
