import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from '../../testing/server-process.ts';
import { heapGrowthOptions } from './heap-growth.ts';

/** What a process has in its environment of JavaScriptCore's options. */
function optionsOf(pid: number): Record<string, string> {
  const entries = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  return Object.fromEntries(
    entries.filter((entry) => entry.startsWith('BUN_JSC_')).map((entry) => entry.split('=')),
  );
}

const own = (file: string) => JSON.stringify(join(import.meta.dir, file));

describe.skipIf(process.platform !== 'linux' || !process.execve)(
  'a server whose heap is to grow less',
  () => {
    let folder: string;
    let entry: string;

    // `start` would also look after the packages of this checkout.
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'agentchat-heap-'));
      entry = join(folder, 'entry.ts');
      const text = `import { limitHeapGrowth } from ${own('heap-growth.ts')};
      limitHeapGrowth();
      await import(${own('../../main.ts')});`;
      await writeFile(entry, text);
    });
    afterAll(() => rm(folder, { recursive: true }));

    test('is the same process, and stops as ever', async () => {
      const server = await startServer({ entry });
      expect(optionsOf(server.pid)).toEqual(heapGrowthOptions);
      expect(await server.kill()).toEqual({ code: 0, signal: null });
    });

    test('starts as its environment says', async () => {
      const said = { BUN_JSC_heapGrowthMaxIncrease: '1' };
      const server = await startServer({ entry, env: said });
      expect(optionsOf(server.pid)).toEqual(said);
      await server.kill();
    });

    test('leaves out what this Bun does not know, and keeps its arguments', async () => {
      const script = `
      const { limitHeapGrowth } = await import(${own('heap-growth.ts')});
      limitHeapGrowth({ BUN_JSC_noSuchOption: '1' });
      limitHeapGrowth({ BUN_JSC_heapGrowthMaxIncrease: '0.4' });
      console.log(process.argv.at(-1), process.env.BUN_JSC_noSuchOption, process.env.BUN_JSC_heapGrowthMaxIncrease);`;
      expect(await said(script)).toBe('an argument undefined 0.4\n');
    });

    test.each(['BUN_OPTIONS', 'BUN_INSPECT'])('leaves a process with %s as it is', async (name) => {
      const script = `
      const { limitHeapGrowth } = await import(${own('heap-growth.ts')});
      process.env.${name} = '--inspect-wait';
      limitHeapGrowth();
      console.log(process.env.BUN_JSC_heapGrowthMaxIncrease);`;
      expect(await said(script)).toBe('undefined\n');
    });
  },
);

async function said(script: string): Promise<string> {
  const env = { PATH: process.env.PATH ?? '' };
  const run = Bun.spawn([process.execPath, '-e', script, 'an argument'], { env, stderr: 'inherit' });
  return new Response(run.stdout).text();
}
