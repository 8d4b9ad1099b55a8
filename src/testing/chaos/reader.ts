// One reader of a turn's stream: what it has seen, over as many connections as it took.
import { eachEvent, type ReceivedEvent } from '../event-stream.ts';
import type { Random } from './random.ts';
import { type Message, message } from './wire.ts';

export type Reader = {
  /** Who it is, for whoever debugs a run. */
  name: string;
  sessionId: string;
  turnId: string | undefined;
  /** The joined pieces since the last `restart`. */
  thought: string;
  content: string;
  lastId: string | undefined;
  restarts: number;
  status: string | undefined;
  reply: Message | undefined;
  connections: number;
  /** What was wrong with the events themselves: repeated, going backwards, after the end. */
  faults: string[];
  /** The last few events, for whoever debugs a run. */
  tail: string[];
  /** Some places it was at, to come back to after everything. */
  places: Place[];
};

export type Place = Pick<Reader, 'thought' | 'content' | 'lastId' | 'reply'>;

export function createReader(name: string, sessionId: string, turnId?: string): Reader {
  return {
    name,
    sessionId,
    turnId,
    thought: '',
    content: '',
    lastId: undefined,
    restarts: 0,
    status: undefined,
    reply: undefined,
    connections: 0,
    faults: [],
    tail: [],
    places: [],
  };
}

/** Reads a response to `done`, or until the connection breaks or `leaves` says so. */
export async function read(
  reader: Reader,
  response: Response,
  random: Random,
  leaves: () => boolean = () => false,
): Promise<'done' | 'broken' | 'left'> {
  reader.connections++;
  try {
    for await (const event of eachEvent(response)) {
      take(reader, event);
      if (reader.status !== undefined) return 'done';
      if (reader.places.length < 3 && random.chance(0.05)) reader.places.push(placeOf(reader));
      if (leaves()) return 'left';
    }
  } catch {
    // Killed, frozen or cut off: all the same to whoever reads.
  }
  return 'broken';
}

function take(reader: Reader, { event, id, data }: ReceivedEvent): void {
  checkId(reader, event, id);
  reader.lastId = id;
  reader.tail = [...reader.tail.slice(-5), `${event} ${id}`];
  switch (event) {
    case 'turn':
      if (reader.turnId !== undefined && reader.turnId !== data.turn_id)
        reader.faults.push(`turn ${data.turn_id} in the stream of ${reader.turnId}`);
      reader.turnId = data.turn_id;
      break;
    case 'restart':
      reader.thought = '';
      reader.content = '';
      reader.restarts++;
      break;
    case 'ThoughtStreamingChunkEvent':
      reader.thought += data.content;
      break;
    case 'ModelClientStreamingChunkEvent':
      reader.content += data.content;
      break;
    case 'TextMessage':
      reader.reply = message.parse(data);
      break;
    case 'done':
      reader.status = data.status;
      break;
  }
}

/** A cursor is `attempt.thought.content.other`: none goes back, but by a `restart` within an attempt. */
function checkId(reader: Reader, event: string, id: string): void {
  const after = numbers(id);
  const before = numbers(reader.lastId ?? '');
  if (!after) return void reader.faults.push(`${event} with the id "${id}"`);
  if (!before) return;
  const [attempt = 0, ...places] = after;
  const [attemptBefore = 0, ...placesBefore] = before;
  const back = event !== 'restart' && places.some((place, index) => place < (placesBefore[index] ?? 0));
  if (attempt < attemptBefore || (attempt === attemptBefore && back))
    reader.faults.push(`${event} ${id} goes back after ${reader.lastId}`);
  else if (id === reader.lastId) reader.faults.push(`${event} ${id} twice`);
}

function numbers(id: string): number[] | undefined {
  return /^\d+(\.\d+)*$/.test(id) ? id.split('.').map(Number) : undefined;
}

const placeOf = ({ thought, content, lastId, reply }: Reader): Place => ({ thought, content, lastId, reply });

/** A reader as it was at one of its places. */
export function readerAt(reader: Reader, place: Place): Reader {
  return {
    ...createReader(`${reader.name}, again from ${place.lastId}`, reader.sessionId, reader.turnId),
    ...place,
  };
}
