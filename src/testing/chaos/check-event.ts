// Whether an event may follow what a reader has: its cursor, its step, and that a step is told whole before the next.
import type { ReceivedEvent } from '../event-stream.ts';
import { type Message, message } from './wire.ts';

/** What a reader has of a step: the joined pieces, what a person was asked in it, and the message once it was told. */
export type StepText = {
  source: string | undefined;
  thought: string;
  content: string;
  said?: Message;
  asked: string[];
};

type Seen = { turnId: string | undefined; lastId: string | undefined; steps: StepText[] };

const pieces = ['ThoughtStreamingChunkEvent', 'ModelClientStreamingChunkEvent'];
/** What tells a step whole. */
export const wholes = ['TextMessage', 'ToolCallRequestEvent', 'ToolCallExecutionEvent'];

/** What is wrong with an event for a reader that has had none yet of what it tells; undefined: nothing. */
export function eventFault(reader: Seen, received: ReceivedEvent): string | undefined {
  const { event, id, data } = received;
  if (event === 'turn' && reader.turnId !== undefined && reader.turnId !== data.turn_id)
    return `turn ${data.turn_id} in the stream of ${reader.turnId}`;
  return cursorFault(reader.lastId, received) ?? stepFault(reader.steps, event, id, data);
}

/** The step, from 0, that an event with this id belongs to. */
export function stepIn(id: string): number | undefined {
  const step = numbers(id)?.[0];
  return step === undefined ? undefined : step - 1;
}

/** A step that was cancelled half-way is told as far as it is stored. */
export const isWhole = ({ metadata }: Message): boolean => metadata.cancelled !== 'true';

/**
 * A cursor is `step.attempt.thought.content.other`. No step goes back, and none is left out; within a step only a
 * `restart` goes on to another attempt, and to none but that.
 */
function cursorFault(lastId: string | undefined, { event, id, data }: ReceivedEvent): string | undefined {
  const after = numbers(id);
  if (!after) return `${event} with the id "${id}"`;
  const [step = 0, attempt = 0, ...places] = after;
  if (event === 'restart' && (data.step !== step || data.attempt !== attempt))
    return `restart ${id} of step ${data.step}, attempt ${data.attempt}`;
  if (lastId === undefined) return step === 1 ? undefined : `${event} ${id} first`;
  if (id === lastId) return `${event} ${id} twice`;
  const [stepBefore = 0, attemptBefore = 0, ...placesBefore] = numbers(lastId) ?? [];
  const isNext = step === stepBefore + 1 && event !== 'restart';
  const isAgain = step === stepBefore && attempt > attemptBefore && event === 'restart';
  const isOn =
    step === stepBefore &&
    attempt === attemptBefore &&
    event !== 'restart' &&
    places.every((place, index) => place >= (placesBefore[index] ?? 0));
  return isNext || isAgain || isOn ? undefined : `${event} ${id} does not follow ${lastId}`;
}

function stepFault(
  steps: StepText[],
  event: string,
  id: string,
  data: ReceivedEvent['data'],
): string | undefined {
  const isPiece = pieces.includes(event);
  const isRequest = event === 'ApprovalRequestEvent';
  if (!isPiece && !isRequest && !wholes.includes(event)) return undefined;
  const index = stepIn(id) ?? 0;
  const step = steps[index];
  if (index > 0 && !steps[index - 1]?.said) return `${event} ${id} before the step before it was whole`;
  if (step?.said) return `${event} ${id} after the message of its step`;
  if (step?.source !== undefined && step.source !== data.source)
    return `${event} ${id} of ${data.source} in the step of ${step.source}`;
  if (isRequest) return step?.asked.includes(data.id) ? `${event} ${id} asks ${data.id} twice` : undefined;
  if (isPiece) return undefined;
  const said = message.parse(data);
  const has = { thought: step?.thought ?? '', content: step?.content ?? '' };
  // Beside calls both are told as one thought, or neither.
  const isSame =
    said.type === 'TextMessage'
      ? has.thought === (said.thought ?? '') && has.content === said.content
      : (has.content || has.thought) === (said.thought ?? '');
  return isSame || !isWhole(said) ? undefined : `${event} ${id} is not what its pieces are`;
}

function numbers(id: string): number[] | undefined {
  return /^\d+(\.\d+){4}$/.test(id) ? id.split('.').map(Number) : undefined;
}
