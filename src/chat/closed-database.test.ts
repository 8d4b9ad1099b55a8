// A database that was closed here comes back to nobody: what waits for it ends.
import { expect, test } from 'bun:test';
import { readMigrations } from '../cli/migrations/read-migrations.ts';
import type { Database } from '../db/database.ts';
import { migrate } from '../db/migrations/migrate.ts';
import { openPglite } from '../db/open-pglite.ts';
import { openPostgres } from '../db/postgres/open-postgres.ts';
import { type Log, silentLog } from '../log.ts';
import { createTestDatabase, testServerUrl } from '../testing/databases.ts';
import { eachEvent } from '../testing/event-stream.ts';
import { newOwner } from '../testing/owners.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import { testApp } from '../testing/test-app.ts';

const stream = { accept: 'text/event-stream' };
const forever = () => new Promise<void>(() => {});

/** Opens one and the same database each time that it is called. */
const kinds: [string, () => Promise<() => Database>][] = [
  [
    'embedded',
    async () => {
      const database = await openPglite();
      return () => database;
    },
  ],
];
if (testServerUrl !== undefined) {
  kinds.push([
    'postgres',
    async () => {
      const url = await createTestDatabase();
      return () => openPostgres({ url, poolMax: 2, prepare: true });
    },
  ]);
}

for (const [kind, make] of kinds) {
  test(`a stream that follows a turn elsewhere ends when its ${kind} database is closed`, async () => {
    const open = await make();
    const [here, elsewhere] = [open(), open()];
    await migrate(here, await readMigrations());
    const told: string[] = [];
    const log: Log = { ...silentLog, error: (message) => told.push(message) };
    const owner = await newOwner(here);
    const model = scriptedModel(() => [{ type: 'content', text: 'x' }, forever()]);
    const runs = await testApp(elsewhere, { model, owner });
    const follows = await testApp(here, { owner, log });
    const chat = `/api/sessions/${await runs.newSession()}/chat`;
    let path = '';
    for await (const { event, data } of eachEvent(await runs.send('POST', chat, { content: 'hi' }, stream))) {
      path = `/api/sessions/${data.session_id}/turns/${data.turn_id}`;
      if (event === 'turn') break;
    }
    const events: string[] = [];
    for await (const { event } of eachEvent(await follows.get(path, stream))) {
      events.push(event);
      if (event === 'turn') await here.close();
    }
    expect(events).not.toContain('done');
    await Bun.sleep(300);
    expect(told).toEqual([]);
    if (elsewhere !== here) await elsewhere.close();
  }, 60_000);
}
