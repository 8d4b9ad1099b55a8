import { expect, test } from 'bun:test';
import {
  type Cursor,
  contentChunk,
  EventLog,
  formatCursor,
  parseCursor,
  replay,
  type TurnEvent,
  type TurnEventBody,
  thoughtChunk,
} from './event-log.ts';

const done: TurnEventBody = { event: 'done', data: { turn_id: 't', status: 'completed' } };
const pieces = [
  thoughtChunk('a', 'th'),
  contentChunk('a', 'Hel'),
  thoughtChunk('a', 'ink'),
  contentChunk('a', 'lo'),
  done,
];

function logOf(bodies: TurnEventBody[]): EventLog {
  const log = new EventLog(1);
  for (const body of bodies) log.append(body);
  return log;
}

/** Reads all that there is, again each time that it is called. */
function reader(log: EventLog, seen?: Cursor) {
  const reading = log.read(seen, () => {});
  const events: TurnEvent[] = [];
  return () => {
    for (let next = reading.next(); next.length > 0; next = reading.next()) events.push(...next);
    return events;
  };
}

const text = (events: TurnEvent[], event: string) =>
  events.flatMap((one) => (one.event === event && 'content' in one.data ? [one.data.content] : [])).join('');

test('a reader from the start, one who is late and one who is early see the same', () => {
  const log = new EventLog(1);
  const early = reader(log);
  for (const piece of pieces.slice(0, 2)) log.append(piece);
  early();
  const midway = reader(log);
  for (const piece of pieces.slice(2)) log.append(piece);
  const late = reader(log)();
  expect(early()).toEqual(late);
  expect(midway()).toEqual(late);
  expect(late).toHaveLength(5);
});

test('after any cursor, a live reader and a replay of the joined pieces both get exactly the rest', () => {
  const all = reader(logOf(pieces))();
  const joined = [thoughtChunk('a', 'think'), contentChunk('a', 'Hello'), done];
  for (const [index, event] of all.entries()) {
    const missed = all.slice(index + 1);
    for (const rest of [reader(logOf(pieces), event.cursor)(), [...replay(joined, 1, event.cursor)]]) {
      for (const kind of ['ThoughtStreamingChunkEvent', 'ModelClientStreamingChunkEvent']) {
        expect(text(rest, kind)).toBe(text(missed, kind));
      }
      expect(rest.filter((one) => one.event === 'done')).toHaveLength(index < 4 ? 1 : 0);
    }
  }
});

test('what is there comes together, a long log in parts', () => {
  const log = logOf(Array.from({ length: 1000 }, () => contentChunk('a', 'x')));
  const reading = log.read(undefined, () => {});
  const lengths = Array.from({ length: 5 }, () => reading.next().length);
  expect(lengths).toEqual([256, 256, 256, 232, 0]);
  for (const piece of pieces) log.append(piece);
  expect(reading.next()).toHaveLength(pieces.length);
});

test('a reader is woken for what comes and for the end, until he leaves', () => {
  const log = new EventLog(1);
  let woken = 0;
  const reading = log.read(undefined, () => woken++);
  log.append(contentChunk('a', 'x'));
  expect(woken).toBe(1);
  log.leave();
  expect(woken).toBe(2);
  expect(log.ended).toBe('elsewhere');
  reading.end();
  log.leave();
  expect(woken).toBe(2);
});

test('a cursor is read back as it was written, and nothing else is a cursor', () => {
  const cursor = { attempt: 2, thought: 3, content: 40, whole: 5 };
  expect(parseCursor(formatCursor(cursor))).toEqual(cursor);
  for (const text of ['', '1', '1.2.3', '1.2.3.4.5', 'a.b.c.d', '1.-2.3.4', '1.2.3.9999999999', ' 1.2.3.4']) {
    expect(parseCursor(text)).toBeUndefined();
  }
});
