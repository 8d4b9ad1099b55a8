// One reader of a turn's stream: what it has seen, over as many connections as it took.
import { eachEvent, type ReceivedEvent } from '../event-stream.ts';
import { eventFault, isWhole, type StepText, stepIn } from './check-event.ts';
import type { Random } from './random.ts';
import { type Message, message } from './wire.ts';

export type Reader = {
  /** Who it is, for whoever debugs a run. */
  name: string;
  sessionId: string;
  turnId: string | undefined;
  /** All steps that are not void, from the first. */
  steps: StepText[];
  lastId: string | undefined;
  restarts: number;
  status: string | undefined;
  connections: number;
  /** What was wrong with the events themselves: repeated, going backwards, after the end. */
  faults: string[];
  /** Restarts that took back what was settled. */
  voided: string[];
  /** The last few events, for whoever debugs a run. */
  tail: string[];
  /** Some places it was at, to come back to after everything. */
  places: Place[];
};

export type Place = Pick<Reader, 'steps' | 'lastId'>;

export function createReader(name: string, sessionId: string, turnId?: string): Reader {
  return {
    name,
    sessionId,
    turnId,
    steps: [],
    lastId: undefined,
    restarts: 0,
    status: undefined,
    connections: 0,
    faults: [],
    voided: [],
    tail: [],
    places: [],
  };
}

/** The reply that a reader was told; what is settled before is none. */
export function replyOf({ status, steps }: Reader): Message | undefined {
  const said = steps.at(-1)?.said;
  if (status === 'completed') return said;
  return status === 'cancelled' && said && !isWhole(said) ? said : undefined;
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

/** Takes an event into what the reader has, and notes what is wrong with it. */
export function take(reader: Reader, received: ReceivedEvent): void {
  const { event, id, data } = received;
  const fault = eventFault(reader, received);
  if (fault) reader.faults.push(fault);
  reader.lastId = id;
  reader.tail = [...reader.tail.slice(-5), `${event} ${id}`];
  switch (event) {
    case 'turn':
      reader.turnId = data.turn_id;
      break;
    case 'restart':
      for (const { said } of reader.steps.splice(data.step - 1))
        if (said) reader.voided.push(`restart ${id} takes back ${said.source} ${said.id}`);
      reader.restarts++;
      break;
    case 'ThoughtStreamingChunkEvent':
    case 'ModelClientStreamingChunkEvent': {
      const step = openStep(reader, id);
      step.source ??= data.source;
      step[event === 'ThoughtStreamingChunkEvent' ? 'thought' : 'content'] += data.content;
      break;
    }
    case 'ApprovalRequestEvent':
      openStep(reader, id).asked.push(data.id);
      break;
    case 'TextMessage':
    case 'ToolCallRequestEvent':
    case 'ToolCallExecutionEvent':
      openStep(reader, id).said = message.parse(data);
      break;
    case 'done':
      reader.status = data.status;
      break;
  }
}

/** The step that an event belongs to. */
function openStep({ steps }: Reader, id: string): StepText {
  const index = stepIn(id) ?? 0;
  const step = steps[index] ?? { source: undefined, thought: '', content: '', asked: [] };
  steps[index] = step;
  return step;
}

const placeOf = ({ steps, lastId }: Reader): Place => ({ steps: structuredClone(steps), lastId });

/** A reader as it was at one of its places. */
export function readerAt(reader: Reader, { steps, lastId }: Place): Reader {
  return {
    ...createReader(`${reader.name}, again from ${lastId}`, reader.sessionId, reader.turnId),
    steps: structuredClone(steps),
    lastId,
  };
}
