import { afterAll, describe, expect, test } from 'bun:test';
import { openPostgres } from '../../db/postgres/open-postgres.ts';
import { createStore } from '../../db/store.ts';
import { createTestDatabase, testServerUrl } from '../../testing/databases.ts';
import { probe } from '../../testing/runtime-probes.ts';
import { runtimeFolder, runtimes } from '../../testing/runtimes.ts';
import { freePort, startServer } from '../../testing/server-process.ts';

probe(runtimes.workerd);

const isMissing = runtimes.workerd.missing !== undefined || testServerUrl === undefined;

describe.skipIf(isMissing)('on workerd', () => {
  const ends: (() => unknown)[] = [];
  afterAll(async () => {
    for (const end of ends.reverse()) await end();
  });

  async function start(env: Record<string, string>) {
    const { folder, remove } = await runtimeFolder();
    ends.push(remove);
    const all = { PORT: String(await freePort()), AUTH: 'keys', ...env };
    const { command } = await runtimes.workerd.prepare(folder, all);
    const server = await startServer({ command, cwd: folder, env: all });
    ends.push(() => server.kill('SIGKILL'));
    return server;
  }

  test('a caller’s address is what a header says that the settings name, and else not known', async () => {
    const url = await createTestDatabase();
    const [safe, believing] = [
      await start({ DATABASE_URL: url }),
      await start({ DATABASE_URL: url, ADDRESS_HEADER: 'CF-Connecting-IP' }),
    ];
    for (const server of [safe, believing]) {
      const headers = {
        'x-api-key': 'ack_wrong',
        'cf-connecting-ip': '192.0.2.7',
        'x-forwarded-for': '192.0.2.8',
      };
      expect((await fetch(`${server.url}/api/me`, { headers })).status).toBe(401);
    }
    const database = openPostgres({ url, poolMax: 1, prepare: true });
    ends.push(() => database.close());
    const refused = await createStore(database).audit.list({ limit: 10, action: 'access.refused' });
    expect(refused.map(({ address }) => address)).toEqual(['192.0.2.7', null]);
  }, 120_000);
});
