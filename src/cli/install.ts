/**
 * Puts the packages of bun.lock into node_modules when they are not there yet. Imports nothing that is not in
 * Bun, since it runs before there are packages. A stamp in node_modules says what was installed.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Bilingual } from '../words/bilingual.ts';
import {
  installFailed,
  installFault,
  installing,
  notChecked,
  otherTooLong,
  waitingForOther,
} from './install-texts.ts';
import { type InstallMode, installedStamp } from './installed-stamp.ts';
import { withProgress } from './progress-line.ts';
import { terminalLocale } from './terminal-locale.ts';

/** `installed`: packages were added to node_modules by this call. */
export type InstallResult = 'present' | 'installed';

export const repoRoot = join(import.meta.dir, '..', '..');

const nodeModules = join(repoRoot, 'node_modules');
const locale = terminalLocale(process.env);
const lockPath = join(nodeModules, '.agentchat-installing');

/**
 * Installs what bun.lock says unless the stamp says it is there (then nothing is run, and no network is used).
 * Ends the process with one sentence and exit code 1 when that is not possible.
 * A process that was started without node_modules cannot import from it afterwards (Bun remembers that it was
 * missing): after `installed` go on in a new process.
 */
export async function ensureInstalled(mode: InstallMode): Promise<InstallResult> {
  const stamp = installedStamp(repoRoot, mode);
  if (stamp.isThere()) return 'present';

  const release = await waitForLock();
  try {
    if (stamp.isThere()) return 'installed';
    const failure = await install(mode);
    if (failure === undefined) {
      stamp.write();
      return 'installed';
    }
    if (!stamp.packagesMatch()) fail(installFailed(failure));
    say(notChecked(failure));
    return 'present';
  } finally {
    release();
  }
}

/** Keeps two starts from installing at once; where no lock can be made, the installation itself says why. */
async function waitForLock(): Promise<() => void> {
  const { lockFile } = await import('./database/data-dir-lock.ts');
  try {
    mkdirSync(nodeModules, { recursive: true });
    const lock = lockFile(lockPath, 100) ?? lockFile(lockPath, otherInstallMs());
    if (lock) return () => lock.release();
  } catch {
    return () => {};
  }
  return fail(otherTooLong);
}

function otherInstallMs(): number {
  say(waitingForOther);
  return 10 * 60_000;
}

/** Undefined on success, else the reason. */
async function install(mode: InstallMode): Promise<Bilingual | undefined> {
  const child = Bun.spawn(
    [process.execPath, 'install', '--frozen-lockfile', ...(mode === 'production' ? ['--production'] : [])],
    { cwd: repoRoot, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' },
  );
  const [out, err, code] = await withProgress(
    (seconds) => installing(seconds)[locale],
    Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text(), child.exited]),
  );
  return code === 0 ? undefined : installFault(err + out, code);
}

function say(sentence: Bilingual): void {
  process.stderr.write(`${sentence[locale]}\n`);
}

function fail(sentence: Bilingual): never {
  say(sentence);
  process.exit(1);
}
