// Runs the benchmarks that are asked for, prints their tables and keeps what was measured.
import { mkdir, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { readArguments } from './arguments.ts';
import type { Benchmark, Outcome } from './benchmark.ts';
import { access } from './cases/access.ts';
import { embedded } from './cases/embedded.ts';
import { firstPiece } from './cases/first-piece.ts';
import { growth } from './cases/growth.ts';
import { history } from './cases/history.ts';
import { migration } from './cases/migration.ts';
import { owners } from './cases/owners.ts';
import { plans } from './cases/plans.ts';
import { sessions } from './cases/sessions.ts';
import { start } from './cases/start.ts';
import { steps } from './cases/steps.ts';
import { streams } from './cases/streams.ts';
import { turn } from './cases/turn.ts';
import { markdownOf, writeDocs } from './docs.ts';
import { describeMachine, machineLine } from './machine.ts';
import { createStand, type Stand } from './stand.ts';
import { goalsTable, plainTable } from './table.ts';

const benchmarks: Benchmark[] = [
  turn,
  access,
  owners,
  growth,
  firstPiece,
  streams,
  history,
  sessions,
  start,
  embedded,
  steps,
  plans,
  migration,
];
const resultsFolder = join(import.meta.dir, 'results');
const page = join(import.meta.dir, '..', 'docs', 'performance.md');

let stand: Stand | undefined;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // Once: a second one ends this process, and with it (--no-orphans) all others.
  process.once(signal, async () => {
    process.stderr.write(`\n${signal}: ending what was started…\n`);
    await stand?.close();
    process.exit(128 + constants.signals[signal]);
  });
}

process.exit(await main());

async function main(): Promise<number> {
  let given: ReturnType<typeof readArguments>;
  try {
    given = readArguments(process.argv.slice(2), benchmarks);
  } catch (error) {
    process.stderr.write(
      `${error instanceof Error ? error.message : error}\nbun run bench --help says more.\n`,
    );
    return 2;
  }
  if ('help' in given) {
    process.stdout.write(given.help);
    return 0;
  }
  const machine = describeMachine();
  const startedAt = new Date();
  const stamp = startedAt.toISOString().slice(0, 19).replace(/[:T]/g, '-');
  await mkdir(resultsFolder, { recursive: true });
  const { seconds, rounds, messages, profile } = given;
  const profiles = profile ? join(resultsFolder, `${stamp}-profiles`) : undefined;
  console.log(`${machineLine(machine)}\n${rounds} rounds of ${seconds} s\n`);

  const outcomes: Record<string, Outcome> = {};
  stand = await createStand({ seconds, rounds, messages, profiles }, (line) =>
    process.stderr.write(`${line}\n`),
  );
  try {
    for (const benchmark of given.benchmarks) outcomes[benchmark.name] = await runOne(stand, benchmark);
  } finally {
    await stand.close();
  }
  const file = join(resultsFolder, `${stamp}.json`);
  await writeFile(file, JSON.stringify({ startedAt, machine, seconds, rounds, outcomes }, null, 1));
  console.log(`Everything measured: ${file}`);
  if (given.writeDocs) {
    const measured = `Measured ${startedAt.toISOString().slice(0, 10)}, ${rounds} rounds of ${seconds} s, on ${machineLine(machine)}.`;
    const parts = Object.entries(outcomes).map(([name, outcome]) => [name, markdownOf(outcome, measured)]);
    await writeDocs(page, Object.fromEntries(parts));
  }
  return Object.values(outcomes).some(({ faults }) => faults.length > 0) ? 1 : 0;
}

async function runOne(on: Stand, benchmark: Benchmark): Promise<Outcome> {
  try {
    const outcome = await benchmark.run(on);
    const tables = [...outcome.tables, ...(outcome.goals.length > 0 ? [goalsTable(outcome.goals)] : [])];
    for (const table of tables) console.log(`${plainTable(table)}\n`);
    for (const { title, text } of outcome.texts ?? []) console.log(`${title}\n${text}\n`);
    for (const fault of outcome.faults) console.log(`FAULT ${fault}`);
    return outcome;
  } finally {
    await on.endOwn();
  }
}
