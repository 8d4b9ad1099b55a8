// A short run of `bun run chaos`: servers die at every step of a turn, and nothing is lost.
import { expect, test } from 'bun:test';
import { defaultOptions } from '../testing/chaos/options.ts';
import { runChaos } from '../testing/chaos/run.ts';
import { faultsByKind, isGood, keepLogs, killCount, table } from '../testing/chaos/table.ts';
import { findPostgresBinaries } from '../testing/postgres-server.ts';

const postgres = findPostgresBinaries() !== undefined;
const title = 'turns survive servers that are killed and frozen, and a database that goes away';

test.skipIf(!postgres)(
  postgres ? title : `${title} (skipped: no PostgreSQL on this machine)`,
  async () => {
    const report = await runChaos({
      ...defaultOptions,
      seconds: 25,
      clients: 10,
      seed: 7,
      faultEveryMs: 400,
    });
    if (!report) throw new Error('PostgreSQL was found, but no account to run it as');
    if (!isGood(report)) console.log(`${table(report)}\nLogs: ${await keepLogs(report)}`);
    const cases = report.findings.flatMap(({ what, cases: all }) => all.map((one) => `${what}: ${one}`));
    expect(cases).toEqual([]);

    // Something was at stake; how much, the machine and what runs beside say.
    const kinds = faultsByKind(report);
    expect(killCount(report)).toBeGreaterThanOrEqual(2);
    expect(kinds.size).toBeGreaterThanOrEqual(3);
    expect(report.record.sent.length).toBeGreaterThan(10);
    expect(report.timing.of_three).toBeGreaterThan(0);
    expect(report.calls.filter(({ status }) => status === 'finished').length).toBeGreaterThan(0);
    expect(report.timing.taken_over).toBeGreaterThan(0);
  },
  240_000,
);
