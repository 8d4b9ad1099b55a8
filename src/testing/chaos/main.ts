// `bun run chaos`: clients and faults for some minutes, then a table. Exit code 1 when anything was lost.
import { constants } from 'node:os';
import { type ChaosOptions, readOptions, usage } from './options.ts';
import { runChaos } from './run.ts';
import { isGood, keepLogs, table } from './table.ts';

const cleanUps: (() => unknown)[] = [];
let interrupted = false;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, async () => {
    interrupted = true;
    console.error(`Interrupted by ${signal}.`);
    while (cleanUps.length > 0) await cleanUps.pop()?.();
    process.exit(128 + constants.signals[signal]);
  });
}

const options = optionsOrExit();
console.log(`Seed ${options.seed}: ${options.seconds} s of faults begin.`);
const report = await runChaos(options, cleanUps).catch((error) => {
  // What is interrupted fails in many ways; the signal's handler ends this process.
  if (interrupted) return new Promise<undefined>(() => {});
  throw error;
});
if (!report) {
  console.error(
    'There is no PostgreSQL on this machine: install one, so that initdb and postgres are found.',
  );
  process.exit(1);
}
console.log(table(report));
if (isGood(report)) process.exit(0);
console.log(`\nWhat the servers wrote, all cases and all faults: ${await keepLogs(report)}`);
process.exit(1);

function optionsOrExit(): ChaosOptions {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    process.exit(2);
  }
}
