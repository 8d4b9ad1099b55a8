import { afterEach, expect, test } from 'bun:test';
import { createServer } from 'node:net';
import postgres from 'postgres';
import { createTestDatabase, testServerUrl } from '../../testing/databases.ts';
import { type FakeAnswer, startFakePostgres } from '../../testing/fake-postgres.ts';
import { pgbouncerPath, startPgBouncer } from '../../testing/pgbouncer.ts';
import { explain } from '../explain.ts';
import { databaseExists, makeIfMissing } from './reach-server.ts';

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

async function fake(answers: Record<string, FakeAnswer>) {
  const server = await startFakePostgres((database) => answers[database] ?? { code: '3D000' });
  stops.push(server.stop);
  return server;
}

const make = (url: string) => makeIfMissing(url, () => {});

/** What the person is told who wanted the database at `url`. */
async function told(url: string, use: (url: string) => Promise<unknown> = make): Promise<string> {
  return use(url).then(
    (made) => `made: ${made}`,
    (error) => explain(error, url),
  );
}

test('a server that is too old is refused, also where the database is missing, and is asked to make nothing', async () => {
  for (const database of ['chat', 'postgres']) {
    const server = await fake({ [database]: { version: '12.22 (Debian 12.22-1.pgdg120+1)' } });
    expect(await told(server.url)).toBe(
      'The PostgreSQL server is version 12.22; AgentChat needs 13 or newer.',
    );
    expect(server.queries.filter((query) => /create database/i.test(query))).toEqual([]);
  }
});

test.each(['3D000', '42501', '28000'])(
  'where postgres answers %s, template1 makes the database',
  async (code) => {
    const server = await fake({ postgres: { code }, template1: { version: '17.2' } });
    expect(await told(server.url)).toBe('made: true');
    expect(server.queries.at(-1)).toBe('template1: create database "chat"');
  },
);

test('what no maintenance database lets the user do is told', async () => {
  const server = await fake({ postgres: { code: '42501' }, template1: { code: '3D000' } });
  expect(await told(server.url)).toStartWith('This user may not do that at postgres://me@127.0.0.1');
});

test.each([
  [
    { code: '53300', message: 'too many connections for database "chat"' },
    /^There is no connection left to postgres:.*raise/,
  ],
  [
    { code: 'XX000', message: 'could not write init file: No space left on device' },
    /^The disk is full that holds postgres:/,
  ],
  [{ code: '25006' }, /^The database at postgres:.* is read-only: name the primary/],
] as const)('a connection that is refused: %j', async (answer, sentence) => {
  const server = await fake({ chat: answer });
  expect(await told(server.url)).toMatch(sentence);
});

test('a server that speaks no TLS, where TLS is asked for', async () => {
  const server = await fake({ chat: { version: '17.2' } });
  expect(await told(`${server.url}?sslmode=require`)).toMatch(
    /does not speak TLS: take sslmode out of DATABASE_URL/,
  );
});

test('what closes each connection, or speaks HTTP, is not waited for without end', async () => {
  const closing = createServer((socket) => socket.on('error', () => {}).end());
  await new Promise<void>((resolve) => closing.listen(0, '127.0.0.1', resolve));
  const address = closing.address();
  const web = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response('hello') });
  stops.push(
    () => closing.close(),
    () => web.stop(true),
  );
  const ports = [typeof address === 'object' ? address?.port : 0, web.port];
  const sentences = await Promise.all(
    ports.map((port) => told(`postgres://me@127.0.0.1:${port}/x`, databaseExists)),
  );
  for (const sentence of sentences)
    expect(sentence).toMatch(/closes every connection or is no PostgreSQL server/);
}, 180_000);

test.skipIf(testServerUrl === undefined || pgbouncerPath === undefined)(
  'a pooler is left without prepared statements',
  async () => {
    const pooler = await startPgBouncer(await createTestDatabase(), 1);
    stops.push(() => pooler.stop());
    expect(await databaseExists(pooler.url)).toBe(true);
    const client = postgres(pooler.url, { max: 1, prepare: false, fetch_types: false });
    expect([...(await client`select statement from pg_prepared_statements`)]).toEqual([]);
    await client.end();
  },
);
