// Reaches the PostgreSQL server before the pool does: waits for one that is only starting, refuses one that is too
// old, and makes the database where it is missing.
import { z } from 'zod';
import { databaseErrorCode } from '../../db/errors.ts';
import { connector } from '../../db/postgres/connect.ts';
import { type Connection, noAnswer, run } from '../../db/postgres/connection.ts';
import { databaseName, withDatabaseName } from '../../db/postgres/database-url.ts';

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
      await once(withDatabaseName(url, maintenance), (connection) => create(connection, databaseName(url)));
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
async function create(connection: Connection, name: string): Promise<void> {
  const [row] = await rows(
    connection,
    `select pg_encoding_to_char(encoding) = 'UTF8' as utf8 from pg_database where datname = 'template1'`,
  );
  const utf8 = row?.utf8 === false ? ` template template0 encoding 'UTF8' locale 'C'` : '';
  await rows(connection, `create database "${name.replaceAll('"', '""')}"${utf8}`);
}

const oldestServer = 13;
const answerMs = 5000;

/** Uses one connection of its own. Throws an OldServerError, or an error with a code. */
async function once<T>(url: string, use: (connection: Connection) => Promise<T>): Promise<T> {
  // Asked once: there is nothing to gain by preparing, and a pooler would keep what was prepared.
  const connection = await connector(url, { prepare: false, lockMs: 0 })(() => {});
  const timer = setTimeout(() => connection.close(noAnswer()), answerMs);
  try {
    const [row] = await rows(connection, `select current_setting('server_version') as version`);
    refuseOldServer(String(row?.version));
    clearTimeout(timer);
    return await use(connection);
  } finally {
    clearTimeout(timer);
    connection.close();
  }
}

const found = z.array(z.record(z.string(), z.unknown()));

async function rows(connection: Connection, text: string): Promise<Record<string, unknown>[]> {
  return found.parse(await run(connection, { text, parameters: [], prepare: false, values: false }));
}

function refuseOldServer(version: string): void {
  if (Number.parseInt(version, 10) >= oldestServer) return;
  // A distribution's own version may follow it.
  throw new OldServerError(
    `The PostgreSQL server is version ${version.split(' ')[0]}; AgentChat needs ${oldestServer} or newer.`,
  );
}
