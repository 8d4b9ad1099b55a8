import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startServer } from '../testing/server-process.ts';
import { collectorOptions } from './collect-sooner.ts';

/** What a process has in its environment of the collector's options. */
function optionsOf(pid: number): Record<string, string> {
  const entries = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  return Object.fromEntries(
    entries.filter((entry) => entry.startsWith('BUN_JSC_')).map((entry) => entry.split('=')),
  );
}

describe.skipIf(process.platform !== 'linux')('the server that `bun run start` starts', () => {
  const entry = join(import.meta.dir, 'start.ts');

  test('is the same process, collects sooner, and stops as ever', async () => {
    const server = await startServer({ entry });
    expect(optionsOf(server.pid)).toEqual(collectorOptions);
    expect(await server.kill()).toEqual({ code: 0, signal: null });
  });

  test('collects as its environment says', async () => {
    const own = { BUN_JSC_heapGrowthMaxIncrease: '1' };
    const server = await startServer({ entry, env: own });
    expect(optionsOf(server.pid)).toEqual(own);
    await server.kill();
  });
});

test('options that this Bun does not know are left out, and arguments stay', async () => {
  const script = `
    const { collectSooner } = await import(${JSON.stringify(join(import.meta.dir, 'collect-sooner.ts'))});
    await collectSooner({ BUN_JSC_noSuchOption: '1' });
    await collectSooner({ BUN_JSC_heapGrowthMaxIncrease: '0.4' });
    console.log(process.argv.at(-1), process.env.BUN_JSC_noSuchOption, process.env.BUN_JSC_heapGrowthMaxIncrease);`;
  const { BUN_JSC_heapGrowthMaxIncrease: _, ...env } = process.env;
  const run = Bun.spawn([process.execPath, '-e', script, 'an argument'], { env, stderr: 'inherit' });
  expect(await new Response(run.stdout).text()).toBe('an argument undefined 0.4\n');
});
