// The FastAPI application's database after an adoption and the way back: byte for byte what it was.
import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { openPostgres } from '../db/postgres/open-postgres.ts';
import { createTestDatabase, testServerUrl } from '../testing/databases.ts';
import { dump } from '../testing/describe-schema.ts';
import { addTurns } from '../testing/fastapi-database.ts';
import { runCommand } from '../testing/run-command.ts';
import { testServers } from '../testing/servers.ts';

const { tempFolder } = testServers();

test.skipIf(testServerUrl === undefined)(
  'an adopted database goes back as it was dumped before',
  async () => {
    const url = await createTestDatabase();
    const { db, close } = openPostgres({ url, poolMax: 1, prepare: true });
    await addTurns(db);
    await close();
    // The ledger of our migrations stays, and is empty.
    const dumped = () => dump(url, ['--exclude-schema=drizzle']);
    const before = await dumped();
    if (before === undefined) return;
    expect(before).toContain('COPY public.chat_messages');

    const folder = await tempFolder();
    const run = (...command: [string, ...string[]]) =>
      runCommand([join(import.meta.dir, command[0]), ...command.slice(1)], {
        cwd: folder,
        env: { DATABASE_URL: url.replace('postgres:', 'postgresql+asyncpg:') },
      });
    expect(await run('init-db.ts')).toMatchObject({ code: 0, out: expect.stringContaining('62 messages') });
    expect(await dumped()).not.toBe(before);
    expect(await run('db.ts', 'rollback', 'base', '--yes')).toMatchObject({ code: 0 });
    expect(await dumped()).toBe(before);
  },
  120_000,
);
