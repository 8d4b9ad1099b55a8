// The report of a run as plain text.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Report } from './finish.ts';
import type { SaidOf } from './record.ts';
import type { CallRow } from './stored-calls.ts';

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
    ...counted(report.calls, ({ name, status }) => `calls of ${name} ${status}`),
    ['calls that a person was asked about again', report.calls.filter(isAskedAgain).length],
    ['calls denied because nobody answered', report.calls.filter(isLeft).length],
    ['times a tool was called', report.effects.filter(({ what }) => what === 'called').length],
    ['effects', report.effects.filter(({ what }) => what === 'effect').length],
    ...counted(record.decisions, said),
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

const isAskedAgain = ({ id, approval_id }: CallRow): boolean => id !== approval_id;
const isLeft = ({ decision, decided_by }: CallRow): boolean => decision === 'deny' && decided_by === null;

const said = ({ decision, status = 0 }: SaidOf): string =>
  `said ${decision.decision}${'arguments' in decision ? ', changed' : ''}: ${status === 200 ? 'accepted' : status === 409 ? 'too late' : status}`;

function counted<T>(all: readonly T[], kindOf: (one: T) => string): [string, number][] {
  const kinds = [...Map.groupBy(all, kindOf)].map(([kind, those]): [string, number] => [kind, those.length]);
  return kinds.sort(([a], [b]) => a.localeCompare(b));
}

function aligned(rows: [string, number][]): string[] {
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, n]) => `  ${label.padEnd(width)}  ${String(n).padStart(7)}`);
}

/** Writes what each server said into a new folder, and gives its path. */
export async function keepLogs({ logs, findings, record, calls, effects }: Report): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'agentchat-chaos-'));
  for (const { name, output } of logs) await writeFile(join(folder, `server-${name}.log`), output());
  const cases = findings.flatMap(({ what, cases: all }) => all.map((one) => `${what}: ${one}`));
  await writeFile(join(folder, 'cases.txt'), `${cases.join('\n')}\n`);
  const lines = (all: readonly unknown[]) => all.map((one) => `${JSON.stringify(one)}\n`).join('');
  await writeFile(join(folder, 'calls.jsonl'), lines(calls));
  await writeFile(join(folder, 'effects.jsonl'), lines(effects));
  await writeFile(join(folder, 'decisions.jsonl'), lines(record.decisions));
  const faults = record.faults.map(
    ({ at, kind, server }) => `${new Date(at).toISOString()} ${kind} ${server ?? ''}`,
  );
  await writeFile(join(folder, 'faults.txt'), `${faults.join('\n')}\n`);
  return folder;
}
