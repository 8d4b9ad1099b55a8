// Sending one message until its turn is known to be over: blocking or streaming, under one key, at any server.
import { connectionMs, followToEnd, turnPath } from './follow.ts';
import type { Random } from './random.ts';
import { createReader, type Reader, read, replyOf } from './reader.ts';
import type { Sent } from './record.ts';
import { tagIn, textOf } from './scripted-reply.ts';
import { message, turn } from './wire.ts';
import type { World } from './world.ts';

/** How a turn ended for its sender; `later`: he left, and comes back when everything is over. */
export type Outcome = 'completed' | 'cancelled' | 'failed' | 'later';

export type Way = 'blocking' | 'streaming';

const blockingMs = 15_000;

export function say(world: World, sent: Sent, way: Way, random: Random): Promise<Outcome> {
  world.record.count(`messages sent ${way}`);
  return way === 'blocking' ? sayBlocking(world, sent, random) : sayStreaming(world, sent, random);
}

function post(world: World, sent: Sent, headers: { [name: string]: string }, timeoutMs: number) {
  const call = { body: { content: textOf(sent.tag) }, headers: { ...headers, 'idempotency-key': sent.key } };
  return world.api.once('POST', `/api/sessions/${sent.sessionId}/chat`, { ...call, timeoutMs });
}

async function sayBlocking(world: World, sent: Sent, random: Random): Promise<Outcome> {
  for (;;) {
    const impatient = world.options.faults && random.chance(0.15);
    const response = await post(world, sent, {}, impatient ? random.int(20, 1500) : blockingMs);
    if (!response) continue;
    if (response.ok) {
      const body: unknown = await response.json().catch(() => undefined);
      if (body === undefined) continue;
      const told = message.parse(body);
      sent.accepted = true;
      sent.told.push(told);
      return told.metadata.cancelled === 'true' ? 'cancelled' : 'completed';
    }
    const refused = await world.api.refusal(`chat ${sent.tag}`, response);
    if (refused === 'again') continue;
    sent.accepted = true;
    return refused;
  }
}

async function sayStreaming(world: World, sent: Sent, random: Random): Promise<Outcome> {
  const reader = newReader(world, sent, 'sender');
  const leaves = leaving(world, random);
  const cancelling =
    world.options.faults && random.chance(0.08) ? cancelSoon(world, sent, reader, random) : undefined;
  try {
    while (reader.turnId === undefined) {
      const headers = { accept: 'text/event-stream' };
      const response = await post(world, sent, headers, connectionMs(world, random));
      if (response?.ok) {
        const end = await read(reader, response, random, leaves);
        if (end === 'left') return await leave(world, sent, reader, random);
      } else if (response) {
        const refused = await world.api.refusal(`chat ${sent.tag}`, response);
        if (refused === 'again') continue;
        sent.accepted = true;
        return refused;
      }
    }
    heard(sent, reader);
    if (!(await followToEnd(world, reader, random, leaves))) return await leave(world, sent, reader, random);
    return heard(sent, reader);
  } finally {
    await cancelling;
  }
}

/** A client that closes its stream after some events: it comes back at once, soon or much later. */
function leaving(world: World, random: Random): () => boolean {
  let left = world.options.faults && random.chance(0.15) ? random.int(1, 30) : Number.POSITIVE_INFINITY;
  return () => --left === 0;
}

async function leave(world: World, sent: Sent, reader: Reader, random: Random): Promise<Outcome> {
  heard(sent, reader);
  world.record.count('clients that left in the middle');
  if (random.chance(0.3)) {
    world.leftForLater.push({ reader, sent });
    return 'later';
  }
  await Bun.sleep(random.int(0, 3000));
  await followToEnd(world, reader, random);
  return heard(sent, reader);
}

/** Takes what the reader knows over into what the client knows. */
export function heard(sent: Sent, reader: Reader): Outcome {
  if (reader.turnId !== undefined) {
    sent.accepted = true;
    sent.turnIds.add(reader.turnId);
  }
  const reply = replyOf(reader);
  if (reply && !sent.told.includes(reply)) sent.told.push(reply);
  const { status } = reader;
  return status === 'completed' || status === 'cancelled' || status === 'failed' ? status : 'later';
}

function newReader(world: World, sent: Sent, role: string, turnId?: string): Reader {
  const reader = createReader(`${sent.client} ${role} of ${sent.tag}`, sent.sessionId, turnId);
  world.record.readers.push(reader);
  return reader;
}

async function cancelSoon(world: World, sent: Sent, reader: Reader, random: Random): Promise<void> {
  const wait = random.int(0, 1500);
  for (let waited = 0; reader.turnId === undefined && waited < 20_000; waited += 50) await Bun.sleep(50);
  if (reader.turnId === undefined) return;
  await Bun.sleep(wait);
  world.record.count('cancels asked for');
  await world.api.patient(turn, 'POST', `${turnPath(sent.sessionId, reader.turnId)}/cancel`);
}

/** Runs the failed turn of this message again, and reads it to its end. */
export async function retry(world: World, sent: Sent, random: Random): Promise<Outcome> {
  const turnId = [...sent.turnIds][0] ?? (await findTurn(world, sent));
  sent.retries++;
  sent.turnIds.add(turnId);
  world.record.count('retries asked for');
  const reader = newReader(world, sent, `retry ${sent.retries}`, turnId);
  const path = `${turnPath(sent.sessionId, turnId)}/retry`;
  const headers = { accept: 'text/event-stream' };
  for (let again = true; again; ) {
    const response = await world.api.once('POST', path, { headers, timeoutMs: connectionMs(world, random) });
    if (response?.ok) await read(reader, response, random);
    // A try whose answer was lost may have begun: then it is not failed any more.
    again =
      response !== undefined &&
      !response.ok &&
      response.status !== 409 &&
      (await refused(world, path, response));
  }
  await followToEnd(world, reader, random);
  return heard(sent, reader);
}

async function refused(world: World, path: string, response: Response): Promise<boolean> {
  return (await world.api.refusal(path, response)) === 'again';
}

/** A blocking caller learns no turn id; the session's list of turns has it. */
async function findTurn(world: World, sent: Sent): Promise<string> {
  for (;;) {
    const turns = await world.api.pages(turn, `/api/sessions/${sent.sessionId}/turns?limit=100`);
    const found = turns.find(({ user_message }) => tagIn(user_message.content) === sent.tag);
    if (found) return found.id;
    // Lost, then: the end of the run will say so.
    world.clock.throwIfLate();
    await Bun.sleep(500);
  }
}
