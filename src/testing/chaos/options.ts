// What a run is asked to do.
import { parseArgs } from 'node:util';

export type ChaosOptions = {
  /** How long clients send and faults happen. */
  seconds: number;
  servers: number;
  clients: number;
  seed: number;
  /** Off: nothing is killed, cut or dropped, to see that the harness counts right. */
  faults: boolean;
  /** Whether a message may be sent several times with its one key. */
  sameKey: boolean;
  /** The mean time between two faults. */
  faultEveryMs: number;
};

export const usage = `bun run chaos [--minutes N] [--servers N] [--clients N] [--seed N] [--no-faults] [--no-same-key]`;

export const defaultOptions: ChaosOptions = {
  seconds: 120,
  servers: 2,
  clients: 50,
  seed: 1,
  faults: true,
  sameKey: true,
  faultEveryMs: 2200,
};

/** Throws an Error that says what is wrong. */
export function readOptions(args: string[]): ChaosOptions {
  const { values } = parseArgs({
    args,
    options: {
      minutes: { type: 'string', default: '2' },
      servers: { type: 'string', default: String(defaultOptions.servers) },
      clients: { type: 'string', default: String(defaultOptions.clients) },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
      'no-faults': { type: 'boolean', default: false },
      'no-same-key': { type: 'boolean', default: false },
    },
  });
  return {
    ...defaultOptions,
    seconds: Math.round(60 * number('minutes', values.minutes, 0.1)),
    servers: Math.floor(number('servers', values.servers, 1)),
    clients: Math.floor(number('clients', values.clients, 1)),
    seed: Math.floor(number('seed', values.seed, 0)),
    faults: !values['no-faults'],
    sameKey: !values['no-same-key'],
  };
}

function number(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= least) return value;
  throw new Error(`--${name} is ${text}: it must be a number from ${least} on`);
}
