import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, testServerUrl } from '../testing/databases.ts';
import { withMigratedDatabase } from '../testing/embedded-folder.ts';
import { makeKey } from '../testing/keys.ts';
import { runCommand } from '../testing/run-command.ts';
import { readLifetime } from './access/lifetime.ts';
import { openDatabase } from './database/open-database.ts';

const folder = await mkdtemp(join(tmpdir(), 'agentchat-keys-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

// Where there is a server, each command is ready sooner.
const databaseUrl = testServerUrl && (await createTestDatabase());
const database = databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl };

const keys = (args: string[], env: Record<string, string> = {}) =>
  runCommand([join(import.meta.dir, 'keys.ts'), ...args], { cwd: folder, env: { ...database, ...env } });

describe('wrong use is exit code 2, and says what is right', () => {
  test.each([
    [[], 'Usage: bun run keys COMMAND'],
    [['make'], 'There is no command make.'],
    [['create'], 'Whose key is it? Give --owner NAME.'],
    [['create', '--owner', ' '], '--owner begins with a space'],
    [['create', '--owner', 'x'.repeat(201)], '--owner must have 1 to 200 characters'],
    [['create', '--owner', 'a', '--role', 'root'], 'it must be viewer, member, admin, service.'],
    [['create', '--owner', 'a', '--expires', 'soon'], 'it must be like 90d, 2w, 12h or 2027-01-31.'],
    [['create', '--owner', 'a', '--expires', '0d'], 'which is over.'],
    [['create', '--owner', 'a', '--agents', ','], '--agents names none.'],
    [['create', '--owner', 'a', '--agents', 'b\u001b[31m'], '--agents must have no control characters.'],
    [['create', '--owner', 'a', '--name', 'b\u001b[31m'], 'and no control characters.'],
    [['revoke'], 'Which key? Give its id.'],
    [['revoke', 'ack_x'], 'ack_x is not the id of a key.'],
    [['list', 'all'], 'all is too much.'],
  ])('%j', async (args, sentence) => {
    const { code, err } = await keys(args);
    expect(code).toBe(2);
    expect(err).toContain(sentence);
  });
});

test('how long a key is good', () => {
  const now = new Date('2026-11-29T00:00:00Z');
  const written = {
    '90d': '2027-02-27',
    '2w': '2026-12-13',
    '36h': '2026-11-30',
    '2027-01-31': '2027-01-31',
  };
  for (const [text, day] of Object.entries(written))
    expect(readLifetime(text, now).toISOString()).toStartWith(day);
});

test('a day that no calendar has, and what is too far away, is refused', () => {
  const now = new Date('2026-11-29T00:00:00Z');
  for (const text of ['2027-02-31', '2027-02-29', '2027-13-01', '2027-02-31T10:00:00Z', '2027-00-10'])
    expect(() => readLifetime(text, now)).toThrow('it must be like');
  for (const text of ['99999w', '2036-11-30', '9999-12-31'])
    expect(() => readLifetime(text, now)).toThrow('more than 10 years');
  for (const text of ['2028-02-29', '2036-11-29', '520w', '2027-01-31T12:00:00+08:00'])
    expect(readLifetime(text, now) > now).toBe(true);
});

describe('on a database with nothing in it', () => {
  let key = '';
  let id = '';
  beforeAll(async () => {
    const made = await keys([
      'create',
      '--owner',
      'alice',
      '--name',
      'ci',
      '--role',
      'admin',
      '--expires',
      '9d',
    ]);
    expect(made.code).toBe(0);
    key = made.out.trim();
    id = made.err.match(/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/)?.[0] ?? '';
  });

  test('a key is made, alone on standard output, and is never told again', async () => {
    expect(key).toMatch(/^ack_[\w-]{43}$/);
    const { out } = await keys(['list']);
    expect(out).toContain(`${id}  ${key.slice(0, 12)}…  admin  alice  ci  made `);
    expect(out).not.toContain(key);
  });

  test('it is for whom, and for what, it was made', async () => {
    const options = ['--role', 'viewer', '--agents', 'assistant, other'];
    const { err } = await keys(['create', '--owner', 'carol', ...options]);
    expect(err).toContain('viewer  carol  agents assistant, other  made ');
    expect((await keys(['list'])).out).toContain('viewer  carol  agents assistant, other  made ');
  });

  test('without AUTH=keys it says that nothing is opened yet', async () => {
    const open = await keys(['create', '--owner', 'bob']);
    expect(open.err).toContain('AUTH=keys');
    const closed = await keys(['create', '--owner', 'bob'], { AUTH: 'keys' });
    expect(closed.err).not.toContain('AUTH=keys');
  });

  test('it is revoked once, and one that is not there is no key', async () => {
    const first = await keys(['revoke', id]);
    expect(first.out).toMatch(/ revoked \d{4}-/);
    expect(await keys(['revoke', id.toUpperCase()])).toEqual(first);
    const unknown = await keys(['revoke', '0198b0c8-1c2d-7e3f-8a4b-5c6d7e8f9a0b']);
    expect(unknown).toMatchObject({ code: 1, out: '' });
    expect(unknown.err).toContain('bun run keys list');
  });

  test('what a name would do to a terminal is written out', async () => {
    const settings = { databaseUrl, dataDir: join(folder, 'data'), poolMax: 1, prepare: true };
    const { database } = await openDatabase(settings);
    await makeKey(database, { owner: 'right \u202eleft', name: 'red \u001b[31m' });
    await database.close();
    const { out } = await keys(['list']);
    expect(out).toContain('right \\u202eleft  red \\u001b[31m');
    expect(out.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});

test('while a server has the embedded database it says where else', async () => {
  const dataDir = await withMigratedDatabase(join(folder, 'taken'));
  const settings = { databaseUrl: undefined, dataDir, poolMax: 1, prepare: true };
  const { database } = await openDatabase(settings);
  try {
    const { code, err } = await keys(['list'], { DATABASE_URL: '', DATA_DIR: dataDir });
    expect(code).toBe(1);
    expect(err).toContain('/api/admin');
  } finally {
    await database.close();
  }
}, 180_000);
