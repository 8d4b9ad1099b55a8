// Holds what readers joined from their streams, step by step, against what is stored of the turn.
import type { StepText } from './check-event.ts';
import { compared, type Finding, finding } from './findings.ts';
import { followToEnd } from './follow.ts';
import type { Random } from './random.ts';
import { createReader, type Reader, readerAt } from './reader.ts';
import { type MessageRow, type StoredSession, stepsOf } from './stored.ts';
import { contentOf, type Turn } from './wire.ts';
import type { World } from './world.ts';

const mostReadAgain = 300;
const nothing = { thought: '', content: '' };

export async function checkStreams(
  world: World,
  stored: readonly StoredSession[],
  random: Random,
): Promise<Finding[]> {
  const { record } = world;
  const retried = new Set(
    record.sent.filter(({ retries }) => retries > 0).flatMap(({ turnIds }) => [...turnIds]),
  );
  const later = await readAgain(world, retried, random);
  record.count('positions read again afterwards', later.length);
  const ends = freshEnds(world, random);
  return checkReaders([...record.readers, ...later], stored, retried, ends);
}

/** `failedEnd` gives what somebody who only comes now gets of a failed turn. */
export async function checkReaders(
  readers: readonly Reader[],
  stored: readonly StoredSession[],
  retried: ReadonlySet<string>,
  failedEnd: (session: StoredSession, turn: Turn) => Promise<readonly StepText[]>,
): Promise<Finding[]> {
  const joined = finding('streams whose joined pieces are not the stored text');
  const events = finding('events repeated, going backwards or missing');
  const cancelled = finding('cancelled turns that lost what was seen');
  const settled = finding('settled steps lost, changed or taken back');
  const turns = new Map(
    stored.flatMap((session) => session.turns.map((turn) => [turn.id, { session, turn }] as const)),
  );
  for (const reader of readers) {
    for (const fault of reader.faults) events.add(`${named(reader)}: ${fault}`);
    for (const fault of reader.voided) settled.add(`${named(reader)}: ${fault}`);
    const { session, turn } = turns.get(reader.turnId ?? '') ?? {};
    if (!session || !turn) continue;
    const rows = stepsOf(session, rowOf(session, turn));
    const seen = { steps: withoutStopped(reader.steps, rows, turn) };
    // Whatever became of the turn: what was told whole stays.
    for (const fault of changedSteps(seen, rows)) settled.add(`${named(reader)}: ${fault}`);
    if (reader.status === undefined) continue;
    // What an earlier run of the turn streamed is gone by now.
    if (retried.has(turn.id) && (reader.status !== turn.status || reader.status === 'failed')) continue;
    if (reader.status !== turn.status) {
      joined.add(`${named(reader)}: told ${reader.status}, stored ${turn.status}`);
      continue;
    }
    const isWhole = reader.steps.every(({ said }) => said) && reader.steps.length === rows.length;
    if (turn.status === 'completed' && !isWhole) events.add(`${named(reader)}: a TextMessage is missing`);
    for (const fault of askedOtherwise(seen, rows)) events.add(`${named(reader)}: ${fault}`);
    const is = turn.status === 'failed' ? await failedEnd(session, turn) : rows;
    for (const { step, kind, how } of differences(seen.steps, is)) {
      const lost =
        turn.status === 'cancelled' &&
        (seen.steps[step]?.[kind].length ?? 0) > (is[step]?.[kind]?.length ?? 0);
      (lost ? cancelled : joined).add(`${named(reader)}: ${how}`);
    }
  }
  return [joined, events, cancelled, settled];
}

const rowOf = ({ turnRows }: StoredSession, turn: Turn) => turnRows.find(({ id }) => id === turn.id);

const named = (reader: Reader): string =>
  `${reader.name}, turn ${reader.turnId} of session ${reader.sessionId}, ` +
  `${reader.restarts} restarts, ${reader.connections} connections, last events ${reader.tail.join(', ')}`;

/** Results of calls that were stopped with their turn are told of the ledger, under an id of their step, and are no row. */
function withoutStopped(
  steps: readonly StepText[],
  rows: readonly MessageRow[],
  turn: Turn,
): readonly StepText[] {
  const asks = rows.at(-1)?.id ?? '';
  const told = steps.length > rows.length ? steps.at(-1)?.said?.id : undefined;
  const isStopped = turn.status === 'cancelled' && told === `${asks.slice(0, 14)}6${asks.slice(15)}`;
  return isStopped ? steps.slice(0, -1) : steps;
}

/** What was told as the message of a step is the stored one, to its id. */
const changedSteps = ({ steps }: { steps: readonly StepText[] }, rows: readonly MessageRow[]): string[] =>
  steps.flatMap(({ said }, step) => {
    const row = rows[step];
    const stored = row && contentOf(row);
    if (!said || (row?.id === said.id && stored === said.content)) return [];
    return [
      `step ${step + 1} was told as ${said.id}, and ${row?.id ?? 'none'} is stored: ` +
        compared(said.content, stored ?? ''),
    ];
  });

/** Whoever saw a step saw all that a person was asked in it, as its last attempt asked. */
const askedOtherwise = ({ steps }: { steps: readonly StepText[] }, rows: readonly MessageRow[]): string[] =>
  steps.flatMap(({ said, asked }, step) => {
    const stored = rows[step]?.data?.requests?.map(({ id }) => id) ?? [];
    if (!said || asked.join() === stored.join()) return [];
    return [`step ${step + 1} asked a person ${asked.join() || 'nothing'}, and ${stored.join()} is stored`];
  });

/** The first difference of each step. */
function differences(
  seen: readonly StepText[],
  stored: readonly { thought: string | null; content: string }[],
): { step: number; kind: 'thought' | 'content'; how: string }[] {
  return Array.from({ length: Math.max(seen.length, stored.length) }, (_, step) => {
    const has = seen[step] ?? nothing;
    const is = stored[step] ?? nothing;
    const kind = has.thought === (is.thought ?? '') ? ('content' as const) : ('thought' as const);
    if (has[kind] === (is[kind] ?? '')) return [];
    return [{ step, kind, how: `${kind} of step ${step + 1}: ${compared(has[kind], is[kind] ?? '')}` }];
  }).flat();
}

/** A failed turn's texts: what a fresh reader gets of it. */
function freshEnds(world: World, random: Random) {
  const known = new Map<string, readonly StepText[]>();
  return async ({ id: session }: StoredSession, turn: Turn): Promise<readonly StepText[]> => {
    const before = known.get(turn.id);
    if (before) return before;
    const fresh = createReader('fresh', session, turn.id);
    await followToEnd(world, fresh, random);
    known.set(turn.id, fresh.steps);
    return fresh.steps;
  };
}

/** Goes back to some places that readers once were at, and reads the rest of those turns. */
async function readAgain(world: World, retried: ReadonlySet<string>, random: Random): Promise<Reader[]> {
  const places = world.record.readers
    .filter(({ turnId }) => turnId !== undefined && !retried.has(turnId))
    .flatMap((reader) => reader.places.map((place) => ({ reader, place })));
  const again: Reader[] = [];
  for (const { reader, place } of random.shuffled(places).slice(0, mostReadAgain)) {
    const copy = readerAt(reader, place);
    await followToEnd(world, copy, random);
    again.push(copy);
  }
  return again;
}
