import { afterAll, expect, test } from 'bun:test';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readReport } from './test-report.ts';

const folder = await mkdtemp(join(tmpdir(), 'agentchat-report-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

async function reportOf(source: string) {
  const [file, report] = [join(folder, 'some.test.ts'), join(folder, 'report.xml')];
  await rm(report, { force: true });
  await writeFile(file, source);
  const args = ['test', '--reporter=junit', `--reporter-outfile=${report}`, file];
  await Bun.spawn([process.execPath, ...args], { cwd: folder, stdio: ['ignore', 'ignore', 'ignore'] }).exited;
  return readReport(report);
}

test('what failed is named, with its file', async () => {
  const report = await reportOf(`
    import { describe, expect, test } from 'bun:test';
    test('well', () => {});
    describe('of a "page" & more', () => {
      test('is <b>not</b> well', () => expect(1).toBe(2));
      test.skip('is left out', () => {});
    });
    test('breaks', async () => { throw new Error('for a reason'); });
  `);
  expect(report).toEqual({
    passed: 1,
    failed: 2,
    skipped: 1,
    failures: [
      { file: expect.stringMatching(/some\.test\.ts$/), name: 'is <b>not</b> well' },
      { file: expect.stringMatching(/some\.test\.ts$/), name: 'breaks' },
    ],
  });
});

test('a run that did not end has no report', async () => {
  expect(
    await reportOf(`import { test } from 'bun:test'; test('ends all', () => process.exit(3));`),
  ).toBeUndefined();
});
