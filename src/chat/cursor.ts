// How much of a turn a reader has, and what is left for who has so much.
import type { TurnEventBody } from './turn-event.ts';

/** An event and the cursor of a reader who has it. */
export type TurnEvent = TurnEventBody & { cursor: Cursor };

/**
 * How much of a turn a reader has: the attempt, characters (UTF-16) of thought and of content, and events
 * that are not pieces. It counts characters and not pieces, so it stays true when pieces are joined.
 */
export type Cursor = { attempt: number; thought: number; content: number; whole: number };

export const formatCursor = (cursor: Cursor): string =>
  `${cursor.attempt}.${cursor.thought}.${cursor.content}.${cursor.whole}`;

/** The cursor in `text`, or undefined when it is none. */
export function parseCursor(text: string): Cursor | undefined {
  const parts = /^(\d{1,9})\.(\d{1,9})\.(\d{1,9})\.(\d{1,9})$/.exec(text)?.slice(1).map(Number);
  if (!parts) return undefined;
  const [attempt = 0, thought = 0, content = 0, whole = 0] = parts;
  return { attempt, thought, content, whole };
}

/** The cursor of who has `body`, and had all before it. */
export function cursorAfter(body: TurnEventBody, previous: Cursor): Cursor {
  switch (body.event) {
    case 'ThoughtStreamingChunkEvent':
      return { ...previous, thought: previous.thought + body.data.content.length };
    case 'ModelClientStreamingChunkEvent':
      return { ...previous, content: previous.content + body.data.content.length };
    default:
      return { ...previous, whole: previous.whole + 1 };
  }
}

/** Gives `body` the cursor that follows `previous`. */
export const withCursor = (body: TurnEventBody, previous: Cursor): TurnEvent => ({
  ...body,
  cursor: cursorAfter(body, previous),
});

/**
 * What is left of `event` for a reader who has `seen`: all, the end of a piece, or undefined. Who has seen
 * another attempt knows the turn already, and is told of the restart in its place.
 */
export function unseen(event: TurnEvent, seen: Cursor): TurnEvent | undefined {
  const { attempt } = event.cursor;
  if (seen.attempt !== attempt) {
    if (event.event !== 'turn') return event;
    return { event: 'restart', data: { turn_id: event.data.turn_id, attempt }, cursor: event.cursor };
  }
  const cursor = furthest(event.cursor, seen);
  switch (event.event) {
    case 'ThoughtStreamingChunkEvent': {
      const content = rest(event.data.content, event.cursor.thought - seen.thought);
      return content === '' ? undefined : { ...event, data: { ...event.data, content }, cursor };
    }
    case 'ModelClientStreamingChunkEvent': {
      const content = rest(event.data.content, event.cursor.content - seen.content);
      return content === '' ? undefined : { ...event, data: { ...event.data, content }, cursor };
    }
    default:
      return event.cursor.whole > seen.whole ? { ...event, cursor } : undefined;
  }
}

// A reply is told again with all thought before all content. Who followed it live may have content already, and is not
// to lose it by a cursor from the midst of the thought.
const furthest = (one: Cursor, other: Cursor): Cursor => ({
  attempt: one.attempt,
  thought: Math.max(one.thought, other.thought),
  content: Math.max(one.content, other.content),
  whole: Math.max(one.whole, other.whole),
});

const rest = (text: string, missing: number): string => (missing <= 0 ? '' : text.slice(-missing));

export const start = (attempt: number): Cursor => ({ attempt, thought: 0, content: 0, whole: 0 });

/** The log of a turn as its stored rows tell it. */
export function* replay(
  bodies: Iterable<TurnEventBody>,
  attempt: number,
  seen?: Cursor,
): Generator<TurnEvent> {
  let cursor = start(attempt);
  for (const body of bodies) {
    const event = withCursor(body, cursor);
    cursor = event.cursor;
    const left = seen ? unseen(event, seen) : event;
    if (left) yield left;
  }
}
