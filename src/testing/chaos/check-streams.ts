// Holds what readers joined from their streams against what is stored of the turn.
import { compared, type Finding, finding } from './findings.ts';
import { followToEnd } from './follow.ts';
import type { Random } from './random.ts';
import { createReader, type Reader, readerAt } from './reader.ts';
import type { StoredSession } from './stored.ts';
import type { Turn } from './wire.ts';
import type { World } from './world.ts';

const mostReadAgain = 300;

export async function checkStreams(
  world: World,
  stored: readonly StoredSession[],
  random: Random,
): Promise<Finding[]> {
  const { record } = world;
  const joined = finding('streams whose joined pieces are not the stored text');
  const events = finding('events repeated, going backwards or missing');
  const cancelled = finding('cancelled turns that lost what was seen');
  const turns = new Map(stored.flatMap((session) => session.turns.map((turn) => [turn.id, turn] as const)));
  const retried = new Set(
    record.sent.filter(({ retries }) => retries > 0).flatMap(({ turnIds }) => [...turnIds]),
  );
  const texts = storedTexts(world, random);

  const later = await readAgain(world, retried, random);
  record.count('positions read again afterwards', later.length);
  for (const reader of [...record.readers, ...later]) {
    for (const fault of reader.faults) events.add(`${named(reader)}: ${fault}`);
    const turn = turns.get(reader.turnId ?? '');
    if (!turn || reader.status === undefined) continue;
    // What an earlier run of the turn streamed is gone by now.
    if (retried.has(turn.id) && reader.status !== turn.status) continue;
    if (retried.has(turn.id) && reader.status === 'failed') continue;
    if (reader.status !== turn.status) {
      joined.add(`${named(reader)}: told ${reader.status}, stored ${turn.status}`);
      continue;
    }
    if (turn.status === 'completed' && !reader.reply) events.add(`${named(reader)}: no TextMessage`);
    const is = await texts(turn);
    if (reader.thought === is.thought && reader.content === is.content) continue;
    const kind = reader.thought === is.thought ? 'content' : 'thought';
    const how = `${named(reader)}: ${kind} ${compared(reader[kind], is[kind])}`;
    (turn.status === 'cancelled' && reader[kind].length > is[kind].length ? cancelled : joined).add(how);
  }
  return [joined, events, cancelled];
}

const named = (reader: Reader): string =>
  `${reader.name}, turn ${reader.turnId} of session ${reader.sessionId}, ` +
  `${reader.restarts} restarts, ${reader.connections} connections, last events ${reader.tail.join(', ')}`;

/** A turn's stored thought and content: its reply, and for a failed one what a fresh reader gets. */
function storedTexts(world: World, random: Random) {
  const failed = new Map<string, Reader>();
  return async (turn: Turn): Promise<{ thought: string; content: string }> => {
    if (turn.status !== 'failed')
      return { thought: turn.reply?.thought ?? '', content: turn.reply?.content ?? '' };
    const known = failed.get(turn.id);
    if (known) return known;
    const session = world.record.readers.find(({ turnId }) => turnId === turn.id)?.sessionId ?? '';
    const fresh = createReader('fresh', session, turn.id);
    await followToEnd(world, fresh, random);
    failed.set(turn.id, fresh);
    return fresh;
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
