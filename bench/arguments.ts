// The command line of `bun run bench`.
import { parseArgs } from 'node:util';
import type { Benchmark } from './benchmark.ts';

export type Arguments = {
  benchmarks: Benchmark[];
  seconds: number;
  rounds: number;
  /** Of the database that is migrated. */
  messages: number;
  profile: boolean;
  writeDocs: boolean;
};

/** Reads the arguments; a text to print instead, where help was asked for. Throws an Error that says what is wrong. */
export function readArguments(given: string[], all: readonly Benchmark[]): Arguments | { help: string } {
  const { values, positionals } = parseArgs({
    args: given,
    allowPositionals: true,
    options: {
      seconds: { type: 'string', default: '5' },
      rounds: { type: 'string', default: '5' },
      messages: { type: 'string', default: '1000000' },
      profile: { type: 'boolean', default: false },
      'write-docs': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return { help: helpText(all) };
  const unknown = positionals.find((name) => !all.some((one) => one.name === name));
  if (unknown !== undefined)
    throw new Error(
      `There is no benchmark "${unknown}". There are: ${all.map(({ name }) => name).join(', ')}.`,
    );
  return {
    benchmarks: positionals.length === 0 ? [...all] : all.filter(({ name }) => positionals.includes(name)),
    seconds: number('--seconds', values.seconds, 1, 600),
    rounds: number('--rounds', values.rounds, 1, 99),
    messages: number('--messages', values.messages, 10, 100_000_000),
    profile: values.profile,
    writeDocs: values['write-docs'],
  };
}

function number(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (
    text.trim() !== '' &&
    value >= least &&
    value <= most &&
    (name === '--seconds' || Number.isInteger(value))
  )
    return value;
  throw new Error(`${name} is "${text}"; it must be a number from ${least} to ${most}.`);
}

const helpText = (all: readonly Benchmark[]) => `bun run bench [NAME…] [options]

Measures AgentChat beside the limit of this machine: a bare handler, pgbench, or the model server itself. It starts
its own PostgreSQL (with fsync), model server, AgentChat and load generator, each a process of its own, and leaves
nothing behind. Every answer is checked, and the stored conversations afterwards.

Without NAME all of them run, which takes about half an hour:
${all.map(({ name, about }) => `  ${name.padEnd(12)} ${about}`).join('\n')}

Options:
  --seconds N   how long each measurement takes (5)
  --rounds N    how often each is repeated, in turn with its limit; medians are shown (5)
  --messages N  of the database that is migrated (1000000)
  --profile     also write processor profiles of AgentChat and the bare handler (to look at in Chrome's developer
                tools): slower, so not for figures
  --write-docs  put the tables into docs/performance.md
  -h, --help    this text

Tables go to the terminal, everything measured to bench/results/ as JSON. Nothing else should run meanwhile.
`;
