// The room runs where the app runs: on Node, Deno and workerd too.
import { afterAll, describe, expect, test } from 'bun:test';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHostileHttp } from '../../testing/hostile-mcp-http.ts';
import { eventually } from '../../testing/processes.ts';
import { runtimes } from '../../testing/runtimes.ts';
import { freePort } from '../../testing/server-process.ts';

const sources = join(import.meta.dir, '..', '..', 'testing');
const server = startHostileHttp();
const folder = await mkdtemp(join(tmpdir(), 'agentchat-tools-'));
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const lost = 'The connection to the MCP server was lost before it answered.';
const seen = { listed: true, said: ['grüß', expect.stringContaining(lost), 'on'] };

async function build(name: 'as-process' | 'as-worker', options: Partial<Bun.BuildConfig>): Promise<string> {
  const entrypoints = [join(sources, 'tools-probe', `${name}.ts`)];
  await Bun.build({ ...options, entrypoints, format: 'esm', outdir: folder, throw: true });
  return join(folder, `${name}.js`);
}

async function run(command: string[]): Promise<unknown> {
  const process_ = [process.execPath, '--no-env-file', join(sources, 'hostile-mcp.ts'), 'plain'];
  const child = Bun.spawn([...command, server.url, ...process_], {
    env: { PATH: process.env.PATH ?? '', HOME: folder, DENO_NO_UPDATE_CHECK: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 30_000,
  });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if (out === '') throw new Error(err);
  return JSON.parse(out);
}

const { node, deno, workerd } = runtimes;

/** A program that a package brings for each platform. */
function program(pattern: string): string {
  const modules = join(import.meta.dir, '..', '..', '..', 'node_modules');
  const [found = ''] = new Bun.Glob(pattern).scanSync({ cwd: modules });
  return join(modules, found);
}

describe.skipIf(node.missing !== undefined)('on Node', () => {
  test('over HTTP and with a process', async () => {
    const file = await build('as-process', { target: 'node' });
    expect(await run(['node', file])).toEqual([seen, seen]);
  }, 60_000);
});

describe.skipIf(deno.missing !== undefined)('on Deno', () => {
  test('over HTTP and with a process', async () => {
    const flags = ['--no-lock', '--allow-net', '--allow-env', '--allow-read', '--allow-run', '--allow-sys'];
    const entry = join(sources, 'tools-probe', 'as-process.ts');
    expect(await run([program('@deno/*/deno{,.exe}'), 'run', ...flags, entry])).toEqual([seen, seen]);
  }, 60_000);
});

describe.skipIf(workerd.missing !== undefined)('on workerd', () => {
  test('over HTTP', async () => {
    await build('as-worker', {
      target: 'browser',
      conditions: ['workerd'],
      external: ['node:*', 'cloudflare:*'],
    });
    const port = await freePort();
    const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "probe", worker = (
      modules = [(name = "probe", esModule = embed "as-worker.js")],
      compatibilityDate = "2026-11-01",
      globalOutbound = "network",
    )),
    (name = "network", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "probe")],
);
`;
    await writeFile(join(folder, 'probe.capnp'), config);
    const child = Bun.spawn(
      [program('@cloudflare/workerd-*/bin/workerd{,.exe}'), 'serve', join(folder, 'probe.capnp')],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    try {
      const url = `http://127.0.0.1:${port}/?server=${encodeURIComponent(server.url)}`;
      let answer: unknown;
      const answers = async () => {
        const response = await fetch(url).catch(() => undefined);
        answer = await response?.json().catch(() => undefined);
        return response !== undefined;
      };
      expect(await eventually(answers, 20_000)).toBe(true);
      expect(answer).toEqual(seen);
    } finally {
      child.kill('SIGKILL');
      await child.exited;
    }
  }, 60_000);
});
