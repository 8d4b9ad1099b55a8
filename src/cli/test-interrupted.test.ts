import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { repoRoot } from './install.ts';

test('a test run that is interrupted ends with a line that is no result', async () => {
  const run = Bun.spawn([process.execPath, join(import.meta.dir, 'test.ts'), 'src/db/adopt/copy.test.ts'], {
    cwd: repoRoot,
    env: { ...process.env, TEST_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const errors = run.stderr.getReader();
  const decoder = new TextDecoder();
  let told = '';
  // Its tests have begun.
  while (!told.includes('copy.test.ts')) {
    const { value, done } = await errors.read();
    if (done) break;
    told += decoder.decode(value, { stream: true });
  }
  run.kill('SIGINT');
  errors.releaseLock();
  const [output, code] = await Promise.all([new Response(run.stdout).text(), run.exited]);
  expect(code).toBe(130);
  expect(output.trim().split('\n').at(-1)).toMatch(/^Interrupted by SIGINT: .*no result/);
  expect(output).not.toMatch(/\d+ passed/);
}, 60_000);
