// The decoders of server-sent events that Python programs use, installed for the tests where that is possible.
import { existsSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

const packages = [
  'httpx-sse==0.4.3',
  'httpx==0.28.1',
  'sseclient-py==1.9.0',
  'aiohttp-sse-client==0.2.1',
  'aiohttp==3.14.5',
  'openai==3.57.0',
];

/** What is slower than this is as good as no network. */
const installMs = 120_000;

/** An event as a decoder gave it. */
export type Decoded = { event: string; id: string; data: string };

/** `read` has each decoder read `url` at once, by their names; or why they are not there. */
export type PythonDecoders =
  | { read: (url: string) => Promise<Record<string, Decoded[]>>; missing?: undefined }
  | { missing: string };

/** Finds or installs them. What was installed is kept in the system's temporary folder for the next run. */
export async function pythonDecoders(): Promise<PythonDecoders> {
  const python = Bun.which('python3');
  if (!python) return { missing: 'no python3' };
  const version = await output([python, '-c', 'import pip, sys; print(sys.version_info[:2], sys.platform)']);
  if (version === undefined) return { missing: 'no pip' };
  // A run has a temporary folder of its own, which goes with it.
  const temporary = basename(tmpdir()).startsWith('agentchat-test-') ? dirname(tmpdir()) : tmpdir();
  const folder = join(temporary, `agentchat-decoders-${Bun.hash(version + packages.join()).toString(36)}`);
  if (!existsSync(folder)) {
    const made = await mkdtemp(join(temporary, 'agentchat-decoders-'));
    // Wheels only: nothing that is installed runs a script.
    const pip = [python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
    const options = ['--retries', '1', '--timeout', '10', '--only-binary', ':all:', '--target', made];
    const isInstalled = (await output([...pip, ...options, ...packages])) !== undefined;
    // Somebody else may have been faster.
    if (isInstalled) await rename(made, folder).catch(() => {});
    await rm(made, { recursive: true, force: true });
    if (!isInstalled) return { missing: 'pip could not install the decoders, perhaps for want of a network' };
  }
  return {
    async read(url) {
      const printed = await output([python, join(import.meta.dir, 'decoders.py'), url], {
        PYTHONPATH: folder,
      });
      const read: Record<string, [string, string, string][]> = JSON.parse(printed ?? '{}');
      return Object.fromEntries(
        Object.entries(read).map(([name, events]) => [
          name,
          events.map(([event, id, data]) => ({ event, id, data })),
        ]),
      );
    },
  };
}

/** What a program printed, or undefined where it failed or took too long. */
async function output(command: string[], env: Record<string, string> = {}): Promise<string | undefined> {
  const child = Bun.spawn(command, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: installMs,
  });
  const text = await new Response(child.stdout).text();
  return (await child.exited) === 0 ? text : undefined;
}
