import { describe, expect, test } from 'bun:test';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { testServerUrl } from '../../testing/databases.ts';
import { startPostgres } from '../../testing/postgres-server.ts';
import { databaseErrorCode } from '../errors.ts';
import { normalizeDatabaseUrl } from './normalize-database-url.ts';
import { openPostgres } from './open-postgres.ts';

describe.skipIf(testServerUrl === undefined)('a PostgreSQL connection', () => {
  test('that was ended in the middle of an answer leaves nothing of it to the next ones', async () => {
    const { db, close } = openPostgres({ url: testServerUrl ?? '', poolMax: 1, prepare: true });
    const numbers = () => db.select({ n: sql<number>`n` }).from(sql`generate_series(1, 3) as n`).execute();
    // Thousands of rows have been sent by then.
    const ended = db
      .select({
        n: sql`case n when 100000 then pg_terminate_backend(pg_backend_pid())::text else n::text end`,
      })
      .from(sql`generate_series(1, 200000) as n`);
    expect(await ended.execute().catch(databaseErrorCode)).toMatch(/^(57P01|CONNECTION_CLOSED)$/);
    for (let again = 0; again < 3; again++) expect(await numbers()).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    await close();
  });
});

describe.skipIf(testServerUrl === undefined)('SQLAlchemy’s addresses', () => {
  test('lead to the server’s socket, and to hosts that are named as parameters', async () => {
    const socketFolder = await mkdtemp(join(tmpdir(), 'ac-'));
    await chmod(socketFolder, 0o777);
    const server = await startPostgres({ socketFolder });
    if (!server) return;
    try {
      const { port } = server;
      for (const [address, viaSocket] of [
        [`/postgres?host=${socketFolder}&port=${port}`, true],
        [`/postgres?host=${encodeURIComponent(socketFolder)}:${port}`, true],
        [`:${port}/postgres?host=${socketFolder}`, true],
        [`/postgres?host=127.0.0.1&port=${port}`, false],
        [`/postgres?host=127.0.0.1:1&host=127.0.0.1:${port}`, false],
      ] as const) {
        const url = normalizeDatabaseUrl(`postgresql+asyncpg://postgres:p@${address}`);
        const { db, close } = openPostgres({ url, poolMax: 1, prepare: true });
        const [row] = await db
          .select({ viaSocket: sql<boolean>`inet_server_addr() is null` })
          .from(sql`(values (1)) as once`);
        expect([address, row?.viaSocket]).toEqual([address, viaSocket]);
        await close();
      }
    } finally {
      await server.stop();
      await rm(socketFolder, { recursive: true, force: true });
    }
  }, 180_000);
});
