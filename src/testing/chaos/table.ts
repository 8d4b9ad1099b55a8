// The report of a run as plain text.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Report } from './run.ts';

const casesShown = 5;

/** What happened, what must be 0, and the first cases of what is not. */
export function table(report: Report): string {
  const { options, findings } = report;
  const head =
    `${options.servers} servers, ${options.clients} clients, ${options.seconds} s of faults, ` +
    `${report.tookSeconds.toFixed(0)} s in all, seed ${options.seed}`;
  const bad = findings.filter(({ cases }) => cases.length > 0);
  return [
    head,
    '',
    ...aligned(happened(report)),
    '',
    'Must be 0:',
    ...aligned(findings.map(({ what, cases }) => [what, cases.length])),
    ...bad.flatMap(({ what, cases }) => [
      '',
      `${what}:`,
      ...cases.slice(0, casesShown).map((one) => `  - ${one}`),
    ]),
  ].join('\n');
}

export const isGood = ({ findings }: Report): boolean => findings.every(({ cases }) => cases.length === 0);

/** How many faults of a kind there were, by kind. */
export function faultsByKind({ record }: Report): Map<string, number> {
  const kinds = new Map<string, number>();
  for (const { kind } of record.faults) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  return kinds;
}

export function killCount(report: Report): number {
  return [...faultsByKind(report)].reduce((sum, [kind, n]) => sum + (kind.startsWith('kill') ? n : 0), 0);
}

function happened(report: Report): [string, number][] {
  const { record, timing } = report;
  const readers = record.readers;
  return [
    ['messages of clients', record.sent.length],
    ['accepted', record.sent.filter(({ accepted }) => accepted).length],
    ['turns begun', Object.values(timing.statuses).reduce((sum, n) => sum + n, 0)],
    ...Object.entries(timing.statuses).map(([status, n]): [string, number] => [`turns ${status}`, n]),
    ['turns with more than one attempt', timing.taken_over],
    ['slowest turn, seconds', Math.round(timing.slowest_s)],
    ['turns of three steps', timing.of_three],
    ['turns killed once in each step', record.killedInEachStep.length],
    ...Object.entries(timing.of_killed).map(([status, n]): [string, number] => [`of these ${status}`, n]),
    ['model calls', record.modelCalls.length],
    ['model streams cut', record.modelCalls.filter(({ cut }) => cut).length],
    ['readers of streams', readers.length],
    ['their connections', readers.reduce((sum, { connections }) => sum + connections, 0)],
    ['restarts they were told of', readers.reduce((sum, { restarts }) => sum + restarts, 0)],
    ...[...record.counts].sort(([a], [b]) => a.localeCompare(b)),
    ['kill -9, all', killCount(report)],
    ...[...faultsByKind(report)].sort(([a], [b]) => a.localeCompare(b)),
  ];
}

function aligned(rows: [string, number][]): string[] {
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, n]) => `  ${label.padEnd(width)}  ${String(n).padStart(7)}`);
}

/** Writes what each server said into a new folder, and gives its path. */
export async function keepLogs({ logs, findings, record }: Report): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'agentchat-chaos-'));
  for (const { name, output } of logs) await writeFile(join(folder, `server-${name}.log`), output());
  const cases = findings.flatMap(({ what, cases: all }) => all.map((one) => `${what}: ${one}`));
  await writeFile(join(folder, 'cases.txt'), `${cases.join('\n')}\n`);
  const faults = record.faults.map(
    ({ at, kind, server }) => `${new Date(at).toISOString()} ${kind} ${server ?? ''}`,
  );
  await writeFile(join(folder, 'faults.txt'), `${faults.join('\n')}\n`);
  return folder;
}
