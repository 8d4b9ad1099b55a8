import { afterAll, describe, expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 as newId } from 'uuid';
import { createStore } from '../db/store.ts';
import { createTestDatabase, testServerUrl } from '../testing/databases.ts';
import { nobody } from '../testing/new-turns.ts';
import { runCommand } from '../testing/run-command.ts';
import { openDatabase } from './database/open-database.ts';

const folder = await mkdtemp(join(tmpdir(), 'agentchat-sign-ins-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

// Where there is a server, each command is ready sooner.
const databaseUrl = testServerUrl && (await createTestDatabase());

const signIns = (...args: string[]) =>
  runCommand([join(import.meta.dir, 'sign-ins.ts'), ...args], {
    cwd: folder,
    env: databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl },
  });

describe('wrong use is exit code 2, and says what is right', () => {
  test.each([
    [[], 'Usage: bun run sign-ins COMMAND'],
    [['end'], 'Whose? Give --owner NAME.'],
    [['end', '--owner', ' '], '--owner begins with a space'],
    [['end', 'alice'], 'alice is too much.'],
  ])('%j', async (args, sentence) => {
    const { code, err } = await signIns(...args);
    expect(code).toBe(2);
    expect(err).toContain(sentence);
  });
});

test('who is signed in is listed, and an owner’s sign-ins are ended', async () => {
  expect((await signIns('list')).err).toContain('Nobody is signed in.');
  const settings = { databaseUrl, dataDir: join(folder, 'data'), poolMax: 1, prepare: true };
  const { database } = await openDatabase(settings);
  const { owners, signIns: made } = createStore(database);
  for (const name of ['alice', 'alice', 'bob']) {
    const id = newId();
    const row = {
      id,
      owner: await owners.named(name),
      hash: id,
      way: 'oidc',
      role: 'viewer',
      key: null,
    } as const;
    const expiresAt = new Date(Date.now() + 60_000);
    await made.create({ ...row, expiresAt }, { ...nobody, action: 'sign_in.granted', target: id });
  }
  await database.close();

  const listed = await signIns('list');
  expect([listed.err, ...listed.out.split('\n')]).toEqual([
    '',
    expect.stringContaining('bob  viewer  oidc  since '),
    expect.stringContaining('alice  viewer  oidc'),
    expect.stringContaining('alice  viewer  oidc'),
  ]);
  expect(await signIns('end', '--owner', 'alice')).toMatchObject({ code: 0, out: '2 ended' });
  expect(await signIns('end', '--owner', 'alice')).toMatchObject({ code: 0, out: '0 ended' });
  expect((await signIns('list', '--owner', 'alice')).out).toBe('');
  expect((await signIns('list')).out).toContain('bob');
});
