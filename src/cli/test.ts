/**
 * `bun run test`: lint, types and all tests; `bun run test <file or flag…>`: only those tests.
 * Ends with one line, `N passed, N failed` (and `, N skipped`), in which lint and types count as one test each; when
 * it is interrupted, with one that says so. Up to three that fail are run once more, alone, and named.
 */
import { chmodSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PostgresServer } from '../testing/postgres-server.ts';
import { ensureInstalled, repoRoot } from './install.ts';
import { type Report, readReport } from './test-report.ts';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/**
 * What tests may see of the caller's environment. The rest, and any `.env`, stays out, so that neither a
 * developer's database nor his model or its key is ever used by a test.
 */
const passedOn =
  /^(PATH|HOME|USER|LOGNAME|SHELL|TERM|COLORTERM|NO_COLOR|FORCE_COLOR|LANG|LC_\w+|TZ|CI|DISPLAY|SYSTEMROOT|TEST_\w+|AGENTCHAT_\w+|CHROM\w+)$/i;

/** More than so many that fail are no matter of chance. */
const mostUnsteady = 3;

const filters = process.argv.slice(2);
const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
let child: Bun.Subprocess | undefined;
let temporary: string | undefined;
let database: PostgresServer | undefined;

let interrupted: 'SIGINT' | 'SIGTERM' | 'SIGHUP' | undefined;
let interruptedAt = 0;

// The first signal ends the child and lets the run clean up after itself, and a later one ends this process at
// once. One Ctrl-C may arrive twice: from the terminal, and passed on by npx.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (interrupted && Date.now() - interruptedAt > 1000) process.exit(128 + constants.signals[signal]);
    if (interrupted) return;
    interrupted = signal;
    interruptedAt = Date.now();
    child?.kill('SIGTERM');
  });
}

await ensureInstalled('all');
try {
  temporary = await mkdtemp(join(tmpdir(), 'agentchat-test-'));
  // PostgreSQL runs as another user when this one is root, and must be able to reach its folder in here.
  chmodSync(temporary, 0o711);
  if (filters.length === 0) {
    await check('lint', ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.']);
    await check('types', ['node_modules/typescript/bin/tsc', '--noEmit']);
    await check('types of the page', ['node_modules/typescript/bin/tsc', '--noEmit', '-p', 'static']);
  }
  await runTests(temporary);
} catch (error) {
  counts.failed++;
  if (!interrupted) console.error(error);
} finally {
  await cleanUp();
}
// Not a line with counts, which would look like a result.
if (interrupted) {
  console.log(`Interrupted by ${interrupted}: not all tests were run, and this is no result.`);
  process.exit(128 + constants.signals[interrupted]);
}
const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`);
process.exit(counts.failed > 0 || counts.passed === 0 ? 1 : 0);

async function cleanUp(): Promise<void> {
  await database?.stop();
  // What the tests started may need a moment to end, and writes until then.
  if (temporary) await rm(temporary, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

async function check(name: string, command: string[]): Promise<void> {
  const code = await run(command, cleanEnvironment());
  counts[code === 0 ? 'passed' : 'failed']++;
  console.log(`(${code === 0 ? 'pass' : 'fail'}) ${name}`);
}

async function runTests(folder: string): Promise<void> {
  const shared = { TMPDIR: folder, TEST_TEMPLATES: join(folder, 'templates') };
  const env = { ...cleanEnvironment(), ...(await databaseEnvironment()), ...shared };
  // Most tests wait for a browser or a process; the files of one worker share their databases. What takes longest begins
  // first, so that nobody waits for it in the end.
  const together = ['--parallel=4', '--no-isolate', '--timings=src/testing/timings.json'];
  const how = filters.length === 0 ? together : filters;
  const { code, seen } = await runFiles(how, env);
  if (!seen) {
    counts.failed++;
    console.log(`bun test ended with code ${code} before all tests had run, or ran none.`);
    return;
  }
  const steady = filters.length === 0 && (await passAlone(seen, env));
  counts.passed += seen.passed + (steady ? seen.failed : 0);
  counts.skipped += seen.skipped;
  // A file that cannot be loaded is in no report, but in the exit code.
  if (!steady) counts.failed += seen.failed || (code === 0 && seen.passed > 0 ? 0 : 1);
}

async function runFiles(
  how: string[],
  env: Record<string, string>,
): Promise<{ code: number; seen: Report | undefined }> {
  const report = join(env.TMPDIR ?? tmpdir(), 'report.xml');
  await rm(report, { force: true });
  // Whatever a test starts ends with the tests, however they end.
  const always = ['--no-orphans', 'test', '--no-env-file', '--timeout=180000'];
  const code = await run([...always, '--reporter=junit', `--reporter-outfile=${report}`, ...how], env);
  return { code, seen: await readReport(report) };
}

/**
 * Whether the few tests that failed beside all others pass with nothing beside them: a browser that starves is no bug.
 * They are named all the same, since one that does so again and again is.
 */
async function passAlone({ failed, failures }: Report, env: Record<string, string>): Promise<boolean> {
  if (failed === 0 || failed > mostUnsteady || failures.length !== failed) return false;
  const names = failures.map(({ name }) => name);
  console.log(`Failed beside all others, and run again alone: ${names.join('; ')}`);
  const files = [...new Set(failures.map(({ file }) => file))];
  const { code, seen } = await runFiles(files, env);
  if (code !== 0 || !seen?.passed || seen.failed > 0) return false;
  console.log(`Unsteady, passed alone: ${names.join('; ')}`);
  return true;
}

/** TEST_DATABASE_URL: the caller's, or that of a private server; without either, tests run on PGlite alone. */
async function databaseEnvironment(): Promise<Record<string, string>> {
  if (process.env.TEST_DATABASE_URL) return {};
  const { startPostgres } = await import('../testing/postgres-server.ts');
  database = await startPostgres();
  if (database) return { TEST_DATABASE_URL: database.url };
  console.log('No PostgreSQL on this machine and no TEST_DATABASE_URL: the tests run on PGlite only.');
  if (process.env.AGENTCHAT_REQUIRE_POSTGRES === '1') {
    counts.failed++;
    console.log('(fail) AGENTCHAT_REQUIRE_POSTGRES=1, and there is no PostgreSQL');
  }
  return {};
}

function cleanEnvironment(): Record<string, string> {
  const names = Object.entries(process.env).filter(([name]) => passedOn.test(name));
  // The variable keeps `.env` from the Bun processes that tests start.
  return {
    ...Object.fromEntries(names.map(([name, value]) => [name, value ?? ''])),
    BUN_OPTIONS: '--no-env-file',
  };
}

/** Runs Bun in the repository with the terminal as its own; gives the exit code, not 0 after a signal. */
async function run(args: string[], env: Record<string, string>): Promise<number> {
  if (interrupted) throw new Error(interrupted);
  child = Bun.spawn([process.execPath, ...args], {
    cwd: repoRoot,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const code = await child.exited;
  child = undefined;
  if (interrupted) throw new Error(interrupted);
  return code;
}
