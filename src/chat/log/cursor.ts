// How much of a turn a reader has, and what is left for who has so much.
import type { TurnEventBody } from './turn-event.ts';

/** What is told: an event and the cursor of a reader who has it. That a step opens is told only as a `restart`. */
export type TurnEvent = Placed<Exclude<TurnEventBody, { event: 'step' }>>;

/** What a log keeps, placed. */
export type PlacedEvent = Placed<TurnEventBody>;

type Placed<Body> = Body extends unknown ? Body & { cursor: Cursor } : never;

/**
 * How much of a turn a reader has: all steps before `step` (from 0), and of that one, as this attempt said it, characters
 * (UTF-16) of thought and of content, and events that are not pieces. It counts characters and not pieces, so it stays
 * true when pieces are joined.
 */
export type Cursor = { step: number; attempt: number; thought: number; content: number; whole: number };

/** A cursor counts steps from 1. */
export const formatCursor = ({ step, attempt, thought, content, whole }: Cursor): string =>
  `${step + 1}.${attempt}.${thought}.${content}.${whole}`;

/** The cursor in `text`, or undefined when it is none. Four numbers are from when a turn had one step. */
export function parseCursor(text: string): Cursor | undefined {
  if (!/^\d{1,9}(\.\d{1,9}){3,4}$/.test(text)) return undefined;
  const numbers = text.split('.').map(Number);
  const [step = 0, attempt = 0, thought = 0, content = 0, whole = 0] =
    numbers.length === 4 ? [1, ...numbers] : numbers;
  return step === 0 ? undefined : { step: step - 1, attempt, thought, content, whole };
}

/** The cursor of who has `body`, and had all before it. */
export function cursorAfter(body: TurnEventBody, previous: Cursor): Cursor {
  switch (body.event) {
    case 'step':
      return start(body.data.attempt, body.data.step);
    case 'ThoughtStreamingChunkEvent':
      return { ...previous, thought: previous.thought + body.data.content.length };
    case 'ModelClientStreamingChunkEvent':
      return { ...previous, content: previous.content + body.data.content.length };
    // A settled step tells only the last of it, so it is not counted.
    case 'ToolProgressEvent':
      return previous;
    default:
      return { ...previous, whole: previous.whole + 1 };
  }
}

/** Gives `body` the cursor that follows `previous`. */
export const withCursor = (body: TurnEventBody, previous: Cursor): PlacedEvent => ({
  ...body,
  cursor: cursorAfter(body, previous),
});

/**
 * What is left of `event` for a reader who has `seen` (nothing, without it): all, the end of a piece, or undefined. Who
 * has seen a step in another attempt has seen what is void, and is told of the restart where that step begins.
 */
export function unseen(event: PlacedEvent, seen: Cursor | undefined): TurnEvent | undefined {
  const { step, attempt } = event.cursor;
  if (!seen || seen.step < step) return event.event === 'step' ? undefined : event;
  if (seen.step > step) return undefined;
  if (seen.attempt !== attempt) {
    // The turn stands in its first step: who had a part of that knows it already.
    if (event.event === 'turn' || (event.event === 'step' && step > 0)) return restart(event);
    return event.event === 'step' ? undefined : event;
  }
  const cursor = furthest(event.cursor, seen);
  switch (event.event) {
    case 'step':
      return undefined;
    case 'ThoughtStreamingChunkEvent': {
      const content = rest(event.data.content, event.cursor.thought - seen.thought);
      return content === '' ? undefined : { ...event, data: { ...event.data, content }, cursor };
    }
    case 'ModelClientStreamingChunkEvent': {
      const content = rest(event.data.content, event.cursor.content - seen.content);
      return content === '' ? undefined : { ...event, data: { ...event.data, content }, cursor };
    }
    case 'ToolProgressEvent':
      return event.cursor.whole >= seen.whole ? { ...event, cursor } : undefined;
    default:
      return event.cursor.whole > seen.whole ? { ...event, cursor } : undefined;
  }
}

// A step is told again with all thought before all content. Who followed it live may have content already, and is not to
// lose it by a cursor from the midst of the thought.
const furthest = (one: Cursor, other: Cursor): Cursor => ({
  ...one,
  thought: Math.max(one.thought, other.thought),
  content: Math.max(one.content, other.content),
  whole: Math.max(one.whole, other.whole),
});

const restart = ({
  data: { turn_id },
  cursor,
}: Extract<PlacedEvent, { event: 'turn' | 'step' }>): TurnEvent => ({
  event: 'restart',
  data: { turn_id, attempt: cursor.attempt, step: cursor.step + 1 },
  cursor,
});

const rest = (text: string, missing: number): string => (missing <= 0 ? '' : text.slice(-missing));

/** Of who has nothing of a step, but all before it. */
export const start = (attempt: number, step = 0): Cursor => ({
  step,
  attempt,
  thought: 0,
  content: 0,
  whole: 0,
});

/** Of who has nothing that there is: a part of the first step, in no attempt. */
export const ofNothing = start(0);

/** The events of a log that begins with `attempt`, placed. */
export function* placed(bodies: Iterable<TurnEventBody>, attempt: number): Generator<PlacedEvent> {
  let cursor = start(attempt);
  for (const body of bodies) {
    const event = withCursor(body, cursor);
    cursor = event.cursor;
    yield event;
  }
}
