import { afterAll, expect, test } from 'bun:test';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from './server-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'agentchat-entry-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A stand-in for the server, so that this file tells of the harness alone. */
function entry(name: string, source: string): string {
  const path = join(folder, `${name}.ts`);
  writeFileSync(path, source);
  return path;
}

const healthy = entry(
  'healthy',
  `Bun.serve({ port: Number(process.env.PORT), hostname: process.env.HOST, fetch: () => Response.json({ env: process.env, cwd: process.cwd() }) });
   console.log('up'); console.error('and ready');
   process.on('SIGTERM', () => process.exit(7));`,
);

test('runs with the given settings only, in an empty folder that is removed afterwards', async () => {
  const server = await startServer({ entry: healthy, env: { MODEL_CONFIG: 'none.yaml' } });
  const seen = await (await fetch(server.url)).json();
  expect(seen.env.MODEL_CONFIG).toBe('none.yaml');
  expect(Object.keys(seen.env).sort()).toEqual(['HOME', 'HOST', 'MODEL_CONFIG', 'PATH', 'PORT', 'TMPDIR']);
  expect(await server.kill()).toEqual({ code: 7, signal: null });
  expect(existsSync(seen.cwd)).toBe(false);
  expect(server.output()).toContain('up\n');
  expect(server.output()).toContain('and ready\n');
});

test('tells the signal that ended it', async () => {
  const server = await startServer({ entry: healthy });
  expect(await server.kill('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
  expect(await server.exited).toEqual({ code: null, signal: 'SIGKILL' });
});

test('a server that ends before it is healthy rejects with what it wrote', async () => {
  const broken = entry('broken', `console.error('PORT is wrong'); process.exit(2);`);
  await expect(startServer({ entry: broken })).rejects.toThrow(/ended with code 2.*\nPORT is wrong/);
});
