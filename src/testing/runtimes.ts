// The runtimes that AgentChat runs on, as docs/runtimes.md says: how a server of each is started.
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from '../../runtimes/bundle.ts';
import { repoRoot } from '../cli/install.ts';
import { readMigrations } from '../cli/migrations/read-migrations.ts';
import { keptOrBuilt } from '../cli/serve/page-files.ts';
import { migrate } from '../db/migrations/migrate.ts';
import { openPostgres } from '../db/postgres/open-postgres.ts';
import { withEmptyDatabase } from './embedded-folder.ts';

export type Runtime = {
  name: string;
  /** What is to be installed for it; undefined where it is there. */
  missing?: string | undefined;
  /** Whether the embedded database runs on it. */
  hasEmbedded: boolean;
  /** Whether SIGTERM lets running turns end. */
  drains: boolean;
  /** Gives how a server is started that listens on `port`, in a folder that is its own. */
  prepare(
    folder: string,
    env: Record<string, string>,
  ): Promise<{ command: string[]; env?: Record<string, string> }>;
};

const entry = (file: string) => join(repoRoot, 'runtimes', file);

/** The first file of node_modules like this: packages that bring a program bring one for each platform. */
function program(pattern: string): string | undefined {
  const [found] = new Bun.Glob(pattern).scanSync({ cwd: join(repoRoot, 'node_modules') });
  return found && join(repoRoot, 'node_modules', found);
}

const deno = program('@deno/*/deno{,.exe}');
const workerd = program('@cloudflare/workerd-*/bin/workerd{,.exe}');
const node = Bun.which('node');

/** Where Node reads TypeScript by itself. */
function readsTypes(program: string): boolean {
  const version = Bun.spawnSync([program, '--version']).stdout.toString();
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 18);
}

/** As after `bun run build` in the folder of the project. */
async function linkPages(folder: string): Promise<string> {
  const { folder: pages } = await keptOrBuilt();
  await symlink(join(pages, '..'), join(folder, 'build'));
  return pages;
}

const denoFlags = ['--no-lock', '--unstable-no-legacy-abort', '--allow-net', '--allow-env', '--allow-read'];

export const runtimes = {
  bun: {
    name: 'Bun',
    hasEmbedded: true,
    drains: true,
    prepare: async (folder) => ({
      command: [process.execPath, '--no-env-file', join(repoRoot, 'src', 'main.ts')],
      env: { DATA_DIR: await withEmptyDatabase(join(folder, 'data')) },
    }),
  },
  node: {
    name: 'Node',
    missing: node === null ? 'there is no node' : undefined,
    hasEmbedded: true,
    drains: true,
    async prepare(folder) {
      await linkPages(folder);
      const program = node ?? 'node';
      if (readsTypes(program)) return { command: [program, entry('node.ts')] };
      await symlink(join(repoRoot, 'node_modules'), join(folder, 'node_modules'));
      return { command: [program, await bundle('node', join(folder, 'dist'))] };
    },
  },
  deno: {
    name: 'Deno',
    missing: deno === undefined ? 'the package deno has no program for this machine' : undefined,
    hasEmbedded: true,
    drains: true,
    async prepare(folder) {
      await linkPages(folder);
      const env = { DENO_NO_UPDATE_CHECK: '1', DENO_DIR: join(folder, 'deno') };
      return { command: [deno ?? 'deno', 'run', ...denoFlags, entry('deno.ts')], env };
    },
  },
  workerd: {
    name: 'workerd',
    missing: workerd === undefined ? 'the package workerd has no program for this machine' : undefined,
    hasEmbedded: false,
    drains: false,
    async prepare(folder, { DATABASE_URL: url = '', PORT: port, AUTH = 'none' }) {
      const pages = await linkPages(folder);
      await bundle('workerd', join(folder, 'dist'));
      const config = join(folder, 'runtimes', 'workerd.capnp');
      await cp(entry('workerd.capnp'), config);
      // As `bun run init-db` does: a Worker makes no tables.
      const database = openPostgres({ url, poolMax: 1, prepare: true });
      await migrate(database, await readMigrations());
      await database.close();
      const at = [`--socket-addr=http=127.0.0.1:${port}`, `--directory-path=pages=${pages}`];
      return { command: [workerd ?? 'workerd', 'serve', config, ...at], env: { AUTH } };
    },
  },
} satisfies Record<string, Runtime>;

/** A folder for a server, and what removes it. */
export async function runtimeFolder(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'agentchat-runtime-'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
