// Two servers on one database: who is let in no more at one of them is let in no more at the other.
import { describe, expect, test } from 'bun:test';
import { openPostgres } from '../../db/postgres/open-postgres.ts';
import { migratedTestDatabase, testServerUrl } from '../../testing/databases.ts';
import { makeKey } from '../../testing/keys.ts';
import { json, testServers } from '../../testing/servers.ts';

const { start, database } = testServers();

test('a server that lets everybody in from everywhere says so, and one of this machine alone does not', async () => {
  const open = await start({ HOST: '0.0.0.0', AUTH: 'none', ...(await database()) });
  expect(await (await fetch(new URL('/api/me', open.url))).json()).toMatchObject({ owner: 'local' });
  expect(open.output()).toMatch(/AUTH lets everybody in.*0\.0\.0\.0/);
  const here = await start({ AUTH: 'none', ...(await database()) });
  expect(here.output()).not.toContain('AUTH lets everybody in');
}, 60_000);

describe.skipIf(testServerUrl === undefined)('two servers', () => {
  /** What somebody still gets five seconds later. */
  const later = () => Bun.sleep(5000);

  test('refuse within five seconds a key that is revoked, and a cookie that is signed out, at one of them', async () => {
    const url = await migratedTestDatabase();
    const env = { DATABASE_URL: url, AUTH: 'keys' };
    const [one, two] = [await start(env), await start(env)];
    const database = openPostgres({ url, poolMax: 1, prepare: true });
    const admin = await makeKey(database, { role: 'admin' });
    const member = await makeKey(database);
    const other = await makeKey(database);
    await database.close();

    const statusAt = async (server: typeof one, path: string, headers: Record<string, string>) =>
      (await fetch(new URL(path, server.url), { headers })).status;
    const bearing = ({ key }: { key: string }) => ({ authorization: `Bearer ${key}` });
    const signIn = async ({ key }: { key: string }) => {
      const body = JSON.stringify({ key });
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(new URL('/api/sign-in', one.url), { method: 'POST', headers, body });
      return { cookie: (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '' };
    };
    const [byMember, byOther] = [await signIn(member), await signIn(other)];
    const all = [bearing(member), byMember, byOther];
    for (const server of [one, two])
      for (const who of all) expect(await statusAt(server, '/api/me', who)).toBe(200);

    const revoked = new URL(`/api/admin/keys/${member.id}`, one.url);
    const answer = json(fetch(revoked, { method: 'DELETE', headers: bearing(admin) }));
    expect(await answer).toMatchObject({ id: member.id, revoked_at: expect.any(String) });
    expect(
      (await fetch(new URL('/api/sign-out', one.url), { method: 'POST', headers: byOther })).status,
    ).toBe(200);
    expect(await statusAt(one, '/api/me', byOther)).toBe(401);
    await later();
    for (const server of [one, two])
      for (const who of all) expect(await statusAt(server, '/api/me', who)).toBe(401);
    expect(await statusAt(two, '/api/me', bearing(other))).toBe(200);
  });
});
