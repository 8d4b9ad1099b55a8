import { expect, test } from 'bun:test';
import { readMigrations } from '../cli/migrations/read-migrations.ts';
import { migrate } from '../db/migrations/migrate.ts';
import { normalizeDatabaseUrl } from '../db/postgres/normalize-database-url.ts';
import { openPostgres } from '../db/postgres/open-postgres.ts';
import { withClient } from '../testing/chaos/postgres-faults.ts';
import { expectProblem } from '../testing/expect-problem.ts';
import { findPostgresBinaries, startPostgres } from '../testing/postgres-server.ts';
import { eventually } from '../testing/processes.ts';
import { testApp } from '../testing/test-app.ts';

test.skipIf(findPostgresBinaries() === undefined)(
  'of two servers the primary is used, and the other as soon as it is the primary; meanwhile reads go on',
  async () => {
    const first = await startPostgres();
    const second = first && (await startPostgres({ standbyOf: first.url }));
    if (!second) throw new Error('PostgreSQL was found, but no account to run it as');
    // The standby is named first, and is none that could be written.
    const hosts = `127.0.0.1:${second.port},127.0.0.1:${first.port}`;
    const url = normalizeDatabaseUrl(`postgres://postgres@${hosts}/postgres?target_session_attrs=read-write`);
    const database = openPostgres({ url, poolMax: 3, prepare: true });
    try {
      await migrate(database, await readMigrations());
      const app = await testApp(database);
      const id = await app.newSession();
      const chat = () => app.send('POST', `/api/sessions/${id}/chat`, { content: 'hello' });
      expect((await chat()).status).toBe(200);
      const [copied] = await withClient(second.url, async (sql) => {
        const has = () => sql`select 1 from chat_messages having count(*) = 2`;
        // It has the tables a little later, too.
        await eventually(async () => (await has().catch(() => [])).length > 0);
        return has();
      });
      expect(copied).toBeDefined();

      await first.stopServer();
      // Whoever asks while connections break may be told that nobody is there.
      await eventually(async () => String((await (await chat()).json()).type).endsWith('database_read_only'));
      for (const response of [await chat(), await app.get('/readyz')]) {
        expect(await expectProblem(response, 503)).toMatchObject({
          type: 'urn:agentchat:problem:database_read_only',
        });
      }
      expect((await app.get(`/api/sessions/${id}/history`)).status).toBe(200);

      await withClient(second.url, (sql) => sql`select pg_promote()`);
      expect((await chat()).status).toBe(200);
      expect((await app.get('/readyz')).status).toBe(200);
    } finally {
      await database.close();
      await second.stop();
      await first.stop();
    }
  },
  120_000,
);
