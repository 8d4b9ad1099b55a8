import { afterAll, describe, expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, testServerUrl } from '../testing/databases.ts';
import { runCommand } from '../testing/run-command.ts';

const folder = await mkdtemp(join(tmpdir(), 'agentchat-limits-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

// Where there is a server, each command is ready sooner.
const env = testServerUrl === undefined ? {} : { DATABASE_URL: await createTestDatabase() };

const run = (command: 'limits' | 'keys', args: string[]) =>
  runCommand([join(import.meta.dir, `${command}.ts`), ...args], { cwd: folder, env });
const limits = (...args: string[]) => run('limits', args);

describe('wrong use is exit code 2, and says what is right', () => {
  test.each([
    [[], 'Usage: bun run limits COMMAND'],
    [['set'], 'Whose? Give --owner NAME'],
    [['set', '--owner', 'alice'], 'Which limit? Give at least one'],
    [['set', '--owner', 'alice', '--turns-per-day', '-1'], 'Usage: bun run limits set'],
    [['set', '--owner', 'alice', '--turns-per-day', 'many'], 'it must be a whole number, 0 or more.'],
    [['set', '--owner', 'alice', '--cost-per-month', '1,5'], 'it must be an amount such as 20 or 0.5.'],
    [['set', '--owner', 'alice', '--agents', ','], '--agents names none.'],
    [['set', '--owner', 'alice', '--key', 'ci', '--running-turns', '1'], 'ci is not the id of a key.'],
  ])('%j', async (args, sentence) => {
    const { code, err } = await limits(...args);
    expect(code).toBe(2);
    expect(err).toContain(sentence);
  });
});

test('limits are set for all, an owner and a key, told, replaced and taken back', async () => {
  expect((await limits('list')).err).toContain('There are no limits');
  await limits('set', '--owner', '*', '--requests-per-minute', '60');
  await limits('set', '--owner', 'alice', '--turns-per-day', '9', '--cost-per-month', '0.5');
  const replaced = await limits('set', '--owner', 'alice', '--running-turns', '2');
  expect(replaced).toMatchObject({ code: 0, out: expect.stringContaining('alice  running turns 2') });
  const agents = await limits('set', '--owner', 'carol', '--agents', 'assistant, another');
  expect(agents).toMatchObject({ code: 0, out: expect.stringContaining('carol  agents assistant, another') });
  expect((await limits('remove', '--owner', 'carol')).code).toBe(0);
  const made = await run('keys', ['create', '--owner', 'alice']);
  const id = made.err.match(/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/)?.[0] ?? '';
  await limits('set', '--owner', 'alice', '--key', id, '--tokens-per-day', '1000');
  const lines = (await limits('list')).out.trim().split('\n');
  expect(lines[0]).toBe('*  requests per minute 60');
  expect(lines.toSorted()).toEqual(
    [
      '*  requests per minute 60',
      'alice  running turns 2',
      `alice  key ${id}  tokens per day 1000`,
    ].toSorted(),
  );
  const another = await limits('set', '--owner', 'bob', '--key', id, '--running-turns', '1');
  expect(another).toMatchObject({ code: 1, err: expect.stringContaining('bun run keys list') });
  expect(await limits('remove', '--owner', 'nobody')).toMatchObject({
    code: 1,
    err: expect.stringContaining('no such owner'),
  });
  expect((await limits('remove', '--owner', 'alice')).code).toBe(0);
  expect((await limits('remove', '--owner', 'alice')).code).toBe(1);
  expect((await limits('list')).out).not.toContain('running turns');
});
