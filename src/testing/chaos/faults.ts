// The faults of a run: a shuffled deck of kinds, dealt at random times until it is over.
import { killInEachStep } from './kill-in-each-step.ts';
import { type FaultParts, killAll, killAny, killAt, killTools, note, victim } from './kills.ts';
import { endConnections, endTransactions, restartPostgres } from './postgres-faults.ts';
import { type Step, steps } from './triggers.ts';

/** Past the lease, so that the others take its turns over while it still thinks they are its own. */
const freezeMs = 12_000;

/** How often each kind is in the deck. */
const deck: readonly (Step | keyof typeof others)[] = [
  ...steps,
  'sent',
  'any time',
  'any time',
  'all at once',
  'tools',
  'tools',
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
  tools: killTools,
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
