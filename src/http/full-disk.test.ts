import { afterAll, expect, test } from 'bun:test';
import { readMigrations } from '../cli/migrations/read-migrations.ts';
import type { Database } from '../db/database.ts';
import { migrate } from '../db/migrations/migrate.ts';
import { openPglite } from '../db/open-pglite.ts';
import { databaseName } from '../db/postgres/database-url.ts';
import { openPostgres } from '../db/postgres/open-postgres.ts';
import { createTestDatabase, onServer, testServerUrl } from '../testing/databases.ts';
import { withEmptyDatabase } from '../testing/embedded-folder.ts';
import { expectProblem } from '../testing/expect-problem.ts';
import { mountSmallDisk } from '../testing/small-disk.ts';
import { testApp } from '../testing/test-app.ts';

const disk = mountSmallDisk(200);
afterAll(() => disk?.remove());

/** On the small disk as well, though the rest of the server's files are not. */
async function openOnServer(folder: string): Promise<Database> {
  const url = await createTestDatabase();
  const space = `agentchat_space_${crypto.randomUUID().slice(0, 8)}`;
  await onServer(async (client) => {
    // Made by the server, which must own it.
    await client.unsafe(`copy (select) to program 'mkdir ${folder}/${space}'`);
    await client.unsafe(`create tablespace ${space} location '${folder}/${space}'`);
    await client.unsafe(`alter database "${databaseName(url)}" set tablespace ${space}`);
  });
  const database = openPostgres({ url, poolMax: 2, prepare: true });
  const close = async () => {
    await database.close();
    await onServer(async (client) => {
      await client.unsafe(`drop database "${databaseName(url)}" with (force)`);
      await client.unsafe(`drop tablespace ${space}`);
    });
  };
  return { ...database, close };
}

const openEmbedded = async (folder: string) => openPglite(`${await withEmptyDatabase(folder)}/pglite`);

for (const [name, open, there] of [
  ['embedded', openEmbedded, true],
  ['postgres', openOnServer, testServerUrl !== undefined],
] as const) {
  test.skipIf(!disk || !there)(
    `a full disk is told of and not ready, and all goes on when there is room, on ${name}`,
    async () => {
      if (!disk) return;
      const database = await open(disk.folder);
      try {
        await migrate(database, await readMigrations());
        const app = await testApp(database);
        const id = await app.newSession();
        disk.fill();
        // More than fits into what is allocated already.
        const content = Array.from({ length: 20_000 }, () => Math.random().toString(36)).join('');
        const chat = () => app.send('POST', `/api/sessions/${id}/chat`, { content });
        for (const response of [
          await chat(),
          await app.get('/readyz'),
          await chat(),
          await app.get('/readyz'),
        ]) {
          const problem = await expectProblem(response, 503);
          expect(problem).toMatchObject({ type: 'urn:agentchat:problem:database_full' });
          expect(problem.detail).toContain('disk');
        }
        expect((await app.get(`/api/sessions/${id}/history`)).status).toBe(200);
        disk.makeRoom();
        expect((await app.get('/readyz')).status).toBe(200);
        expect((await chat()).status).toBe(200);
      } finally {
        disk.makeRoom();
        await database.close();
      }
    },
    60_000,
  );
}
