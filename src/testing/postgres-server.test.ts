import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { findPostgresBinaries, type PostgresServer, startPostgres } from './postgres-server.ts';

const binaries = findPostgresBinaries();
const title = binaries ? 'a private PostgreSQL' : 'a private PostgreSQL (skipped: no initdb on this machine)';

describe.skipIf(!binaries)(title, () => {
  let server: PostgresServer;
  beforeAll(async () => {
    const started = await startPostgres();
    if (!started) throw new Error('PostgreSQL binaries were found, but no account to run them as');
    server = started;
  }, 180_000);
  afterAll(() => server?.stop());

  /** One short-lived connection. */
  async function query(text: string): Promise<Record<string, unknown>[]> {
    const sql = postgres(server.url, { max: 1, onnotice: () => {} });
    try {
      return await sql.unsafe(text);
    } finally {
      await sql.end();
    }
  }

  test('answers, may create databases, and takes many connections', async () => {
    await query('CREATE DATABASE made_by_a_test');
    expect(await query('SHOW max_connections')).toEqual([{ max_connections: '200' }]);
    expect(await query('SHOW server_encoding')).toEqual([{ server_encoding: 'UTF8' }]);
    expect(await query('SHOW fsync')).toEqual([{ fsync: 'off' }]);
  });

  test('refuses connections while stopped, and has its data and port after a start', async () => {
    await query('CREATE TABLE kept AS SELECT 42 AS answer');
    await server.stopServer();
    await expect(query('SELECT 1')).rejects.toThrow();
    await server.startServer();
    expect(await query('SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    await server.restart('immediate');
    expect(await query('SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  }, 180_000);

  test('leaves neither a process nor a folder when the process that started it is killed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pg-owner-'));
    // The server's own account must be able to reach the folder.
    chmodSync(folder, 0o711);
    const script = `import { startPostgres } from ${JSON.stringify(join(import.meta.dir, 'postgres-server.ts'))};
      console.log((await startPostgres({ durable: true })).port); setInterval(() => {}, 1000);`;
    const owner = Bun.spawn([process.execPath, '-e', script], {
      // Not the test run's own environment: with it, Bun would end the server's janitor too.
      env: { PATH: process.env.PATH ?? '', TMPDIR: folder },
      stdout: 'pipe',
      stderr: 'inherit',
    });
    let said = '';
    for await (const chunk of owner.stdout) {
      said += new TextDecoder().decode(chunk);
      if (said.includes('\n')) break;
    }
    expect(Number(said)).toBeGreaterThan(0);
    owner.kill('SIGKILL');
    await owner.exited;
    const deadline = Date.now() + 15_000;
    while (readdirSync(folder).length > 0 && Date.now() < deadline) await Bun.sleep(50);
    expect(readdirSync(folder)).toEqual([]);
    expect(await portAnswers(Number(said))).toBe(false);
    rmSync(folder, { recursive: true });
    expect(existsSync(folder)).toBe(false);
  }, 180_000);
});

async function portAnswers(port: number): Promise<boolean> {
  try {
    const socket = await Bun.connect({ hostname: '127.0.0.1', port, socket: { data() {} } });
    socket.end();
    return true;
  } catch {
    return false;
  }
}
