// Reaches the PostgreSQL server before the pool does: waits for one that is only starting, refuses one that is too
// old, and makes the database where it is missing.
import postgres from 'postgres';
import { databaseName, withDatabaseName } from '../db/database-url.ts';
import { databaseErrorCode } from '../db/errors.ts';

/** The server is older than what the statements need. The message is one sentence. */
export class OldServerError extends Error {
  override name = 'OldServerError';
}

/** True when the database was missing and this call made it. `beforeWaiting` is called once if the server is waited for. */
export async function makeIfMissing(url: string, beforeWaiting: () => void): Promise<boolean> {
  return waitForServer(async () => !(await databaseExists(url)) && (await make(url)), beforeWaiting);
}

export async function databaseExists(url: string): Promise<boolean> {
  try {
    await once(url, async () => {});
    return true;
  } catch (error) {
    if (databaseErrorCode(error) === missingDatabase) return false;
    throw error;
  }
}

const missingDatabase = '3D000';

// A server that is only just starting is worth a few seconds; one that says no is not. 55006: another process is
// making a database from the same template.
const patienceMs = 10_000;
const notYet = new Set([
  'ECONNREFUSED',
  '57P03',
  'CONNECT_TIMEOUT',
  'CONNECTION_CLOSED',
  'NO_ANSWER',
  '55006',
]);

async function waitForServer<T>(attempt: () => Promise<T>, beforeWaiting: () => void): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (let waited = false; ; waited = true) {
    try {
      return await attempt();
    } catch (error) {
      if (!notYet.has(databaseErrorCode(error) ?? '') || performance.now() > deadline) throw error;
      if (!waited) beforeWaiting();
      await Bun.sleep(500);
    }
  }
}

/** Through a maintenance database; either may be missing, or closed to this user. False: another process was faster. */
async function make(url: string): Promise<boolean> {
  const failures: unknown[] = [];
  for (const maintenance of ['postgres', 'template1']) {
    try {
      await once(withDatabaseName(url, maintenance), (client) => create(client, databaseName(url)));
      return true;
    } catch (error) {
      const code = databaseErrorCode(error) ?? '';
      if (['42P04', '23505'].includes(code)) return false;
      if (![missingDatabase, '42501', '28000'].includes(code)) throw error;
      failures.push(error);
    }
  }
  throw failures.find((error) => databaseErrorCode(error) !== missingDatabase) ?? failures[0];
}

/** In UTF8, also where the server's own databases are not. */
async function create(client: postgres.Sql, name: string): Promise<void> {
  const [row] = await client<{ utf8: boolean }[]>`
    select pg_encoding_to_char(encoding) = 'UTF8' as utf8 from pg_database where datname = 'template1'`;
  const utf8 = row?.utf8 === false ? ` template template0 encoding 'UTF8' locale 'C'` : '';
  await client.unsafe(`create database "${name.replaceAll('"', '""')}"${utf8}`);
}

const oldestServer = 13;
const answerMs = 5000;

/** Uses one connection of its own. Throws an OldServerError, or an error with a code. */
async function once<T>(url: string, use: (client: postgres.Sql) => Promise<T>): Promise<T> {
  const client = postgres(url, {
    database: databaseName(url),
    max: 1,
    // Asked once: there is nothing to gain by it, and a pooler would keep what was prepared.
    prepare: false,
    fetch_types: false,
    connect_timeout: answerMs / 1000,
    onnotice: () => {},
  });
  try {
    refuseOldServer(await inTime(readVersion(client)));
    return await use(client);
  } finally {
    await client.end({ timeout: 1 });
  }
}

async function readVersion(client: postgres.Sql): Promise<string> {
  const [row] = await client<{ version: string }[]>`select current_setting('server_version') as version`;
  return row?.version ?? '';
}

function refuseOldServer(version: string): void {
  if (Number.parseInt(version, 10) >= oldestServer) return;
  // A distribution's own version may follow it.
  throw new OldServerError(
    `The PostgreSQL server is version ${version.split(' ')[0]}; AgentChat needs ${oldestServer} or newer.`,
  );
}

/** The driver connects again, for ever, where connections are closed before they are ready. */
async function inTime<T>(answer: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const error = Object.assign(new Error('no answer that PostgreSQL would give'), { code: 'NO_ANSWER' });
  const timer = setTimeout(() => late.reject(error), answerMs + 1000);
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
