// The faults of a run: a shuffled deck of kinds, dealt at random times until it is over.
import type { PostgresServer } from '../postgres-server.ts';
import type { TcpProxy } from '../tcp-proxy.ts';
import { killInEachStep } from './kill-in-each-step.ts';
import { endConnections, endTransactions, restartPostgres } from './postgres-faults.ts';
import type { Random } from './random.ts';
import type { ChaosRecord } from './record.ts';
import type { Fleet, Server } from './servers.ts';
import { type Step, steps, type Triggers } from './triggers.ts';

export type FaultParts = {
  fleet: Fleet;
  database: PostgresServer;
  /** What the servers reach it through. */
  network: TcpProxy;
  triggers: Triggers;
  record: ChaosRecord;
  random: Random;
  everyMs: number;
  going: () => boolean;
};

const aimWithinMs = 3000;
/** While one is frozen or starts, the others are spared for this long. */
const longestChoiceMs = 1500;
/** Past the lease, so that the others take its turns over while it still thinks they are its own. */
const freezeMs = 12_000;

/** How often each kind is in the deck. */
const deck: readonly (Step | keyof typeof others)[] = [
  ...steps,
  'sent',
  'any time',
  'any time',
  'all at once',
  'terminate',
  'freeze',
  'connections',
  'connections',
  'transactions',
  'transactions',
  'forget',
  'database fast',
  'database crash',
];

const others = {
  'any time': killAny,
  'all at once': killAll,
  terminate,
  freeze,
  connections,
  transactions,
  forget,
  'database fast': (parts: FaultParts) => database(parts, 'fast'),
  'database crash': (parts: FaultParts) => database(parts, 'immediate'),
};

/** Deals until it is over, and hunts one turn after another; resolves when nothing is frozen or down by its hand. */
export async function runFaults(parts: FaultParts): Promise<void> {
  const { random, everyMs, going } = parts;
  const lasting: Promise<void>[] = [killInEachStep(parts)];
  let hand: typeof deck = [];
  while (going()) {
    await Bun.sleep(random.int(everyMs * 0.4, everyMs * 1.6));
    if (!going()) break;
    if (hand.length === 0) hand = random.shuffled(deck);
    const [kind, ...rest] = hand;
    hand = rest;
    if (kind === undefined) continue;
    if (kind === 'freeze') lasting.push(freeze(parts));
    else if (isStep(kind)) await killAt(parts, kind);
    else await others[kind](parts);
  }
  await Promise.all(lasting);
}

const isStep = (kind: string): kind is Step => steps.some((step) => step === kind);

function note({ record }: FaultParts, kind: string, server?: Server): void {
  const at = Date.now();
  record.faults.push({ kind, at, until: at, ...(server ? { server: server.name } : {}) });
}

/** One that may be hit: another one stays up. */
async function victim({ fleet, random, going }: FaultParts): Promise<Server | undefined> {
  for (let waited = 0; waited < longestChoiceMs && going(); waited += 20) {
    const up = fleet.up();
    if (up.length > 1 || (up.length === 1 && fleet.servers.length === 1)) return random.pick(up);
    await Bun.sleep(20);
  }
  const [left] = fleet.up();
  return left;
}

async function killAt(parts: FaultParts, step: Step): Promise<void> {
  const { fleet, triggers, random } = parts;
  await victim(parts);
  const fire = (name: string): boolean => {
    const server = fleet.up().find((one) => one.name === name);
    if (!server) return false;
    const kill = () => {
      if (server.name !== name || server.state !== 'up') return;
      note(parts, `kill -9: ${label[step]}`, server);
      fleet.kill(server);
    };
    // At once, or when the server has had the time to read what it was sent.
    if (random.chance(0.4)) kill();
    else setTimeout(kill, random.int(1, 30));
    return true;
  };
  await triggers.arm(step, fire, aimWithinMs);
}

const label: { [step in Step]: string } = {
  sent: 'a message was just sent',
  request: 'the model was just asked',
  'first piece': 'after the first piece',
  middle: 'in the middle of a reply',
  'last piece': 'after the last piece',
  end: 'after the model’s end',
};

async function killAny(parts: FaultParts): Promise<void> {
  const server = await victim(parts);
  if (!server) return;
  note(parts, 'kill -9: any time', server);
  parts.fleet.kill(server);
}

async function killAll(parts: FaultParts): Promise<void> {
  for (const server of parts.fleet.up()) {
    note(parts, 'kill -9: all at once', server);
    parts.fleet.kill(server);
  }
}

async function terminate(parts: FaultParts): Promise<void> {
  const server = await victim(parts);
  if (!server) return;
  note(parts, 'SIGTERM', server);
  parts.fleet.terminate(server);
}

async function freeze(parts: FaultParts): Promise<void> {
  const { fleet, record } = parts;
  const server = await victim(parts);
  if (!server) return;
  const at = Date.now();
  const until = at + freezeMs;
  record.faults.push({ kind: 'frozen past its lease', at, until: until + 2000, server: server.name });
  fleet.freeze(server);
  while (Date.now() < until && parts.going()) await Bun.sleep(50);
  fleet.thaw(server);
}

async function connections(parts: FaultParts): Promise<void> {
  note(parts, 'database connections ended');
  parts.record.count('database connections ended', await endConnections(parts.database, parts.random));
}

async function transactions(parts: FaultParts): Promise<void> {
  note(parts, 'database transactions broken');
  parts.record.count('database transactions broken', await endTransactions(parts.database));
}

/** Nobody is told, and none is closed: new connections are as good as ever. */
async function forget(parts: FaultParts): Promise<void> {
  note(parts, 'database connections forgotten');
  parts.network.forget(parts.random.chance(0.5) ? 1 : Number.POSITIVE_INFINITY);
}

async function database(parts: FaultParts, how: 'fast' | 'immediate'): Promise<void> {
  note(parts, how === 'fast' ? 'PostgreSQL restarted' : 'PostgreSQL crashed');
  await restartPostgres(parts.database, how, parts.random);
}
