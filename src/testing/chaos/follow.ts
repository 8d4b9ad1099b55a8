// Following a turn to its end over whichever server, with Last-Event-ID after every break.
import type { Random } from './random.ts';
import { type Reader, read } from './reader.ts';
import type { World } from './world.ts';

const eventStream = { accept: 'text/event-stream' };
/** Longer silence is met by connecting again, wherever. */
const longestConnectionMs = 12_000;

/** `turnPath` of the turn a reader reads. */
export const turnPath = (sessionId: string, turnId: string): string =>
  `/api/sessions/${sessionId}/turns/${turnId}`;

/** How long this connection may last: sometimes cut short by the reader itself. */
export function connectionMs(world: World, random: Random): number {
  return world.options.faults && random.chance(0.2) ? random.int(50, 1500) : longestConnectionMs;
}

/** Connects again and again until `done`; false when the reader left, to come back later. */
export async function followToEnd(
  world: World,
  reader: Reader,
  random: Random,
  leaves?: () => boolean,
): Promise<boolean> {
  const { turnId } = reader;
  if (turnId === undefined) throw new Error(`${reader.name} knows no turn yet`);
  const path = turnPath(reader.sessionId, turnId);
  while (reader.status === undefined) {
    const headers =
      reader.lastId === undefined ? eventStream : { ...eventStream, 'last-event-id': reader.lastId };
    const response = await world.api.once('GET', path, { headers, timeoutMs: connectionMs(world, random) });
    if (response?.ok) {
      const end = await read(reader, response, random, leaves);
      if (end === 'left') return false;
      if (end === 'broken') world.record.count('streams broken off');
    } else if (response) await world.api.refusal(path, response);
  }
  return true;
}
