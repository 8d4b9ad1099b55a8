/**
 * Puts the packages of bun.lock into node_modules when they are not there yet. Imports nothing that is not in
 * Bun, since it runs before there are packages. A stamp in node_modules says what was installed.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** `production` leaves out what only development and tests need. */
export type InstallMode = 'production' | 'all';

/** `installed`: packages were added to node_modules by this call. */
export type InstallResult = 'present' | 'installed';

export const repoRoot = join(import.meta.dir, '..', '..');

const nodeModules = join(repoRoot, 'node_modules');
const stampFile = join(nodeModules, '.agentchat-installed');
const lockPath = join(nodeModules, '.agentchat-installing');

/**
 * Installs what bun.lock says unless the stamp says it is there (then nothing is run, and no network is used).
 * Ends the process with one sentence and exit code 1 when that is not possible.
 * A process that was started without node_modules cannot import from it afterwards (Bun remembers that it was
 * missing): after `installed` go on in a new process.
 */
export async function ensureInstalled(mode: InstallMode): Promise<InstallResult> {
  const wanted = fingerprint();
  if (stampSatisfies(mode, wanted)) return 'present';

  const release = await waitForLock();
  try {
    if (stampSatisfies(mode, wanted)) return 'installed';
    const failure = await install(mode);
    if (failure === undefined) {
      writeStamp(mode, wanted);
      return 'installed';
    }
    if (!packagesMatch(mode)) fail(`Installing the packages failed: ${failure}.`);
    say(
      `Packages not checked (${failure}); going on with the ones in node_modules, which match package.json.`,
    );
    return 'present';
  } finally {
    release();
  }
}

/** Keeps two starts from installing at once; where no lock can be made, the installation itself says why. */
async function waitForLock(): Promise<() => void> {
  const { lockFile } = await import('./data-dir-lock.ts');
  try {
    mkdirSync(nodeModules, { recursive: true });
    const lock = lockFile(lockPath, 100) ?? lockFile(lockPath, otherInstallMs());
    if (lock) return () => lock.release();
  } catch {
    return () => {};
  }
  return fail('Another start has been installing packages for ten minutes: stop it and try again.');
}

function otherInstallMs(): number {
  say('Waiting for another start that is installing packages…');
  return 10 * 60_000;
}

/** Undefined on success, else the reason as a part of a sentence. */
async function install(mode: InstallMode): Promise<string | undefined> {
  say('Installing packages…');
  const child = Bun.spawn(
    [process.execPath, 'install', '--frozen-lockfile', ...(mode === 'production' ? ['--production'] : [])],
    { cwd: repoRoot, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' },
  );
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return code === 0 ? undefined : explain(err + out, code);
}

function explain(output: string, code: number): string {
  if (/lockfile is frozen|lockfile had changes/i.test(output)) {
    return 'package.json and bun.lock do not match; run `bun install` and commit bun.lock';
  }
  if (/EACCES|EPERM|EROFS|permission denied|AccessDenied|ReadOnlyFileSystem/i.test(output)) {
    return 'node_modules is not writable';
  }
  if (/ENOSPC|NoSpaceLeft/i.test(output)) return 'the disk is full';
  if (
    /DNSResolveFailed|ConnectionRefused|ConnectionClosed|FailedToOpenSocket|ENOTFOUND|ENETUNREACH|ECONNRE|Timeout|certificate/i.test(
      output,
    )
  ) {
    return 'the package registry could not be reached (no network?)';
  }
  const reason = output.match(/^error: (.+)$/m)?.[1];
  return reason ? `bun install said "${reason}"` : `bun install ended with code ${code}`;
}

/** What a stamp must say for the packages of this checkout on this kind of machine. */
function fingerprint(): string {
  const hash = (file: string) => {
    try {
      return new Bun.CryptoHasher('sha256').update(readFileSync(join(repoRoot, file))).digest('hex');
    } catch {
      return 'missing';
    }
  };
  return `${hash('bun.lock')} ${hash('package.json')} ${process.platform}-${process.arch}`;
}

function stampSatisfies(mode: InstallMode, wanted: string): boolean {
  try {
    const stamp = readFileSync(stampFile, 'utf8').trim();
    return stamp === `all ${wanted}` || stamp === `${mode} ${wanted}`;
  } catch {
    return false;
  }
}

function writeStamp(mode: InstallMode, wanted: string): void {
  try {
    writeFileSync(stampFile, `${mode} ${wanted}\n`);
  } catch {
    // Without a stamp the next start asks `bun install` again, which is merely slower.
  }
}

/** True when every package that package.json names is in node_modules at the version it pins. */
function packagesMatch(mode: InstallMode): boolean {
  try {
    const own = readJson(join(repoRoot, 'package.json'));
    const pins = { ...own.dependencies, ...(mode === 'all' ? own.devDependencies : {}) };
    return Object.entries(pins).every(
      ([name, version]) => readJson(join(nodeModules, name, 'package.json')).version === version,
    );
  } catch {
    return false;
  }
}

interface PackageJson {
  version?: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

function readJson(path: string): PackageJson {
  return JSON.parse(readFileSync(path, 'utf8')) as PackageJson;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function fail(sentence: string): never {
  say(sentence);
  process.exit(1);
}
