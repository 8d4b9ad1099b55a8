// Packages of Python's, installed for the tests where that is possible.
import { existsSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** What is slower than this is as good as no network. */
const installMs = 120_000;

export type PythonPackages = { python: string; folder: string; missing?: undefined } | { missing: string };

/**
 * Finds or installs them, for a PYTHONPATH. What was installed is kept in the system's temporary folder for the next run,
 * under `name`.
 */
export async function pythonPackages(name: string, packages: readonly string[]): Promise<PythonPackages> {
  const python = Bun.which('python3');
  if (!python) return { missing: 'no python3' };
  const version = await output([python, '-c', 'import pip, sys; print(sys.version_info[:2], sys.platform)']);
  if (version === undefined) return { missing: 'no pip' };
  // A run has a temporary folder of its own, which goes with it.
  const temporary = basename(tmpdir()).startsWith('agentchat-test-') ? dirname(tmpdir()) : tmpdir();
  const folder = join(temporary, `agentchat-${name}-${Bun.hash(version + packages.join()).toString(36)}`);
  if (!existsSync(folder)) {
    const made = await mkdtemp(join(temporary, `agentchat-${name}-`));
    // Wheels only: nothing that is installed runs a script.
    const pip = [python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
    const options = ['--retries', '1', '--timeout', '10', '--only-binary', ':all:', '--target', made];
    const isInstalled = (await output([...pip, ...options, ...packages])) !== undefined;
    // Somebody else may have been faster.
    if (isInstalled) await rename(made, folder).catch(() => {});
    await rm(made, { recursive: true, force: true });
    if (!isInstalled) return { missing: 'pip could not install them, perhaps for want of a network' };
  }
  return { python, folder };
}

/** What a program printed, or undefined where it failed or took too long. */
export async function output(
  command: string[],
  env: Record<string, string> = {},
): Promise<string | undefined> {
  const child = Bun.spawn(command, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: installMs,
  });
  const text = await new Response(child.stdout).text();
  return (await child.exited) === 0 ? text : undefined;
}
