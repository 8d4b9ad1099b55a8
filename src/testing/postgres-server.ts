/**
 * A private PostgreSQL for tests: its own data in a temporary folder, its own free port on the loopback, and
 * nothing of it left afterwards, also when the test process is killed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  chownSync,
  closeSync,
  constants,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
} from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { childrenOf } from './processes.ts';
import { freePort } from './server-process.ts';

export interface PostgresOptions {
  /** Keep fsync on, for tests that kill the server and look at what is left. Default false. */
  durable?: boolean;
  /** The URL of a private server that it follows, as its standby, until it is told `select pg_promote()`. */
  standbyOf?: string;
  /** Where it puts its socket: any account may write there. Default: none. */
  socketFolder?: string;
}

export interface PostgresServer {
  /** Maintenance URL of a superuser; the same after a restart. */
  url: string;
  port: number;
  /** Ends the server and keeps port and data. `fast` disconnects clients, `immediate` is a crash. */
  stopServer(how?: 'fast' | 'immediate'): Promise<void>;
  /** Starts it again on the same port and data. */
  startServer(): Promise<void>;
  restart(how?: 'fast' | 'immediate'): Promise<void>;
  /** Stands still from one moment to the next, all its processes, and keeps every connection. Linux and macOS. */
  freeze(): void;
  /** Goes on where it stood. */
  thaw(): void;
  /** Ends the server and removes all of it. */
  stop(): Promise<void>;
}

interface Account {
  uid: number;
  gid: number;
}

const START_MS = 90_000;
const STOP_MS = 90_000;

/** Starts a server, or gives undefined when this machine has no PostgreSQL (or, for root, no account for it). */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer | undefined> {
  const bin = findPostgresBinaries();
  const account: Partial<Account> | undefined = process.getuid?.() === 0 ? unprivilegedAccount() : {};
  if (!bin || !account) return undefined;

  const root = await mkdtemp(join(tmpdir(), 'agentchat-pg-'));
  chmodSync(root, 0o700);
  if (account.uid !== undefined && account.gid !== undefined) chownSync(root, account.uid, account.gid);
  const janitor = startJanitor(root);
  try {
    if (options.standbyOf === undefined) await initialize(bin, root, account, options.durable === true);
    else await copy(bin, root, account, options.standbyOf);
    return await serve(bin, root, account, options, janitor);
  } catch (error) {
    await janitor.finish();
    throw error;
  }
}

/** The folder of `initdb` and `postgres`: from the PATH, else Debian's newest, else where pg_config says. */
export function findPostgresBinaries(): string | undefined {
  const onPath = ['postgres', 'initdb'].map((name) => Bun.which(name)).filter((path) => path !== null);
  const candidates = [...onPath.map((path) => dirname(realpathSync(path))), ...debianFolders()];
  const found = candidates.find(hasBinaries);
  if (found || !Bun.which('pg_config')) return found;
  const said = Bun.spawnSync(['pg_config', '--bindir'], { stderr: 'ignore' }).stdout.toString().trim();
  return hasBinaries(said) ? said : undefined;
}

function debianFolders(): string[] {
  try {
    const versions = readdirSync('/usr/lib/postgresql').sort((a, b) => Number(b) - Number(a));
    return versions.map((version) => join('/usr/lib/postgresql', version, 'bin'));
  } catch {
    return [];
  }
}

function hasBinaries(folder: string): boolean {
  try {
    for (const name of ['initdb', 'postgres']) accessSync(join(folder, name), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** PostgreSQL refuses to run as root. */
function unprivilegedAccount(): Account | undefined {
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const entry = ['postgres', 'nobody'].map((name) => accounts.find(([own]) => own === name)).find(Boolean);
  return entry && { uid: Number(entry[2]), gid: Number(entry[3]) };
}

async function initialize(bin: string, root: string, account: Partial<Account>, durable: boolean) {
  const locale = process.platform === 'linux' ? '--locale=C.UTF-8' : '--no-locale';
  await run(bin, root, account, 'initdb', [
    ...['-D', join(root, 'data'), '-U', 'postgres', '--auth=trust', '-E', 'UTF8', locale],
    ...(durable ? [] : ['--no-sync']),
  ]);
}

async function copy(bin: string, root: string, account: Partial<Account>, url: string) {
  const standby = ['--write-recovery-conf', '--checkpoint=fast', '--no-sync'];
  await run(bin, root, account, 'pg_basebackup', ['-D', join(root, 'data'), '-d', url, ...standby]);
}

async function run(bin: string, root: string, account: Partial<Account>, program: string, args: string[]) {
  const child = spawn(join(bin, program), args, {
    ...account,
    cwd: root,
    env: serverEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk));
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new Error(`${program} failed (${code}): ${output.trim()}`);
}

/** Nothing of the caller's own PostgreSQL settings (PGHOST, PGDATA, …) reaches the private server. */
function serverEnvironment() {
  return { PATH: process.env.PATH ?? '', LC_ALL: 'C', TZ: 'UTC' };
}

async function serve(
  bin: string,
  root: string,
  account: Partial<Account>,
  { durable = false, socketFolder = '' }: PostgresOptions,
  janitor: Janitor,
): Promise<PostgresServer> {
  const port = await freePort();
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: socketFolder,
    max_connections: '200',
    ...(durable ? {} : { fsync: 'off', full_page_writes: 'off' }),
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const logFile = join(root, 'postgres.log');
  let server: ChildProcess | undefined;

  const startServer = async () => {
    if (server && isRunning(server)) return;
    const log = openSync(logFile, 'a');
    const child = spawn(join(bin, 'postgres'), ['-D', join(root, 'data'), ...args], {
      ...account,
      cwd: root,
      env: serverEnvironment(),
      stdio: ['ignore', log, log],
      detached: true,
    });
    closeSync(log);
    child.unref();
    server = child;
    await becomesReady(child, root, logFile);
  };
  const stopServer = async (how: 'fast' | 'immediate' = 'fast') => {
    if (server && isRunning(server)) await end(server, how === 'fast' ? 'SIGINT' : 'SIGQUIT');
  };

  await startServer();
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    port,
    startServer,
    stopServer,
    restart: async (how) => {
      await stopServer(how);
      await startServer();
    },
    freeze: () => signalAll(server, 'SIGSTOP'),
    thaw: () => signalAll(server, 'SIGCONT'),
    stop: async () => {
      signalAll(server, 'SIGCONT');
      await stopServer('fast');
      await janitor.finish();
    },
  };
}

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

/** The server's first process before its children: it must not miss what becomes of them. */
function signalAll(server: ChildProcess | undefined, signal: 'SIGSTOP' | 'SIGCONT'): void {
  if (server?.pid === undefined || !isRunning(server)) return;
  for (const pid of [server.pid, ...childrenOf(server.pid)]) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has just ended.
    }
  }
}

/** PostgreSQL writes `ready` into the eighth line of its pid file once it answers; pg_ctl looks there too. */
async function becomesReady(child: ChildProcess, root: string, logFile: string): Promise<void> {
  const deadline = Date.now() + START_MS;
  while (isRunning(child) && Date.now() < deadline) {
    const lines = await readFile(join(root, 'data', 'postmaster.pid'), 'utf8').then(
      (text) => text.split('\n'),
      () => [],
    );
    if (lines[0] === String(child.pid) && lines[7]?.trim() === 'ready') return;
    await Bun.sleep(20);
  }
  if (isRunning(child)) await end(child, 'SIGQUIT');
  const log = await readFile(logFile, 'utf8').catch(() => '');
  throw new Error(`PostgreSQL did not start:\n${log.split('\n').slice(-20).join('\n')}`);
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill(signal);
  const killer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await gone;
  clearTimeout(killer);
}

interface Janitor {
  /** Ends what still runs in the folder and removes it. */
  finish(): Promise<void>;
}

/**
 * A shell that waits for the end of its standard input, which is the end of this process however it comes, then
 * ends the server and removes the folder. In a session of its own, so that a terminal's Ctrl-C does not reach it.
 */
function startJanitor(root: string): Janitor {
  const script = `
    cat >/dev/null
    if read -r pid 2>/dev/null <"$0/data/postmaster.pid"; then
      kill -QUIT "$pid" 2>/dev/null
      for i in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$pid" 2>/dev/null || break; sleep 0.3; done
    fi
    rm -rf "$0"`;
  const shell = spawn('/bin/sh', ['-c', script, root], {
    // Where every Unix has the few commands of the script, whatever the caller's PATH leaves out.
    env: { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/bin:/bin` },
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  const gone = new Promise<void>((resolve) => {
    shell.once('exit', () => resolve()).once('error', () => resolve());
  });
  shell.unref();
  return {
    finish: async () => {
      shell.stdin?.end();
      await gone;
      await rm(root, { recursive: true, force: true });
    },
  };
}
