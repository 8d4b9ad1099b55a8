// A private PgBouncer in transaction mode in front of a PostgreSQL server.
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './server-process.ts';

/** Where it is installed; undefined where it is not. Debian has it in a folder that is not on everybody's PATH. */
export const pgbouncerPath: string | undefined =
  Bun.which('pgbouncer') ?? Bun.which('pgbouncer', { PATH: '/usr/sbin:/usr/local/sbin' }) ?? undefined;

export type PgBouncer = {
  /** The database of the server's URL, through the pooler. */
  url: string;
  stop(): Promise<void>;
};

/** Pools `size` connections to the database that `serverUrl` names; each transaction may get any of them. */
export async function startPgBouncer(serverUrl: string, size: number): Promise<PgBouncer> {
  if (pgbouncerPath === undefined) throw new Error('pgbouncer is not installed');
  const server = new URL(serverUrl);
  const folder = await mkdtemp(join(tmpdir(), 'agentchat-pgbouncer-'));
  const port = await freePort();
  const config = join(folder, 'pgbouncer.ini');
  const user = decodeURIComponent(server.username) || 'postgres';
  const password = server.password ? ` password=${decodeURIComponent(server.password)}` : '';
  await writeFile(
    config,
    `[databases]
* = host=${server.hostname} port=${server.port || 5432} user=${user}${password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = ${size}
max_client_conn = 200
`,
  );
  // It refuses to run as root, and takes over nobody's place that need not exist.
  const asRoot = process.getuid?.() === 0;
  if (asRoot) {
    await chmod(folder, 0o755);
    await chmod(config, 0o644);
  }
  const command = [pgbouncerPath, ...(asRoot ? ['-u', 'nobody'] : []), config];
  const child = Bun.spawn(command, { stdio: ['ignore', 'ignore', 'pipe'] });
  const said = new Response(child.stderr).text();
  for (let tries = 0; !(await accepts(port)); tries++) {
    if (child.exitCode !== null || tries > 200) throw new Error(`pgbouncer does not run: ${await said}`);
    await Bun.sleep(25);
  }
  return {
    url: `postgres://${user}@127.0.0.1:${port}${server.pathname}`,
    stop: async () => {
      child.kill('SIGKILL');
      await child.exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
