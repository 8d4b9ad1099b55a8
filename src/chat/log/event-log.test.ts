import { expect, test } from 'bun:test';
import { type Cursor, formatCursor, parseCursor, placed, type TurnEvent, unseen } from './cursor.ts';
import { EventLog } from './event-log.ts';
import { contentPiece, type TurnEventBody, thoughtPiece } from './turn-event.ts';

const done: TurnEventBody = { event: 'done', data: { turn_id: 't', status: 'completed' } };
const pieces = [
  thoughtPiece('a', 'th'),
  contentPiece('a', 'Hel'),
  thoughtPiece('a', 'ink'),
  contentPiece('a', 'lo'),
  done,
];

function logOf(bodies: TurnEventBody[], attempt = 1): EventLog {
  const log = new EventLog(attempt);
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

/** What who has `seen` is told of a log that is stored. */
const told = (bodies: TurnEventBody[], attempt: number, seen: Cursor | undefined): TurnEvent[] =>
  [...placed(bodies, attempt)].flatMap((event) => unseen(event, seen) ?? []);

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
  const joined = [thoughtPiece('a', 'think'), contentPiece('a', 'Hello'), done];
  for (const [index, event] of all.entries()) {
    const missed = all.slice(index + 1);
    for (const rest of [reader(logOf(pieces), event.cursor)(), told(joined, 1, event.cursor)]) {
      for (const kind of ['ThoughtStreamingChunkEvent', 'ModelClientStreamingChunkEvent']) {
        expect(text(rest, kind)).toBe(text(missed, kind));
      }
      expect(rest.filter((one) => one.event === 'done')).toHaveLength(index < 4 ? 1 : 0);
    }
  }
});

test('after any character of a long log, a reader gets exactly the rest', () => {
  const log = logOf(Array.from({ length: 100 }, (_, n) => contentPiece('a', `${n} `)));
  for (let content = 0; content <= log.content.length; content++) {
    const rest = reader(log, { step: 0, attempt: 1, thought: 0, content, whole: 0 })();
    expect(text(rest, 'ModelClientStreamingChunkEvent')).toBe(log.content.slice(content));
  }
});

test('what is there comes together, a long log in parts', () => {
  const log = logOf(Array.from({ length: 10_000 }, (_, n) => contentPiece('a', `${n} `)));
  const reading = log.read(undefined, () => {});
  const read: TurnEvent[][] = [];
  for (let next = reading.next(); next.length > 0; next = reading.next()) read.push(next);
  expect(read.map(({ length }) => length)).toEqual([256, 256, 128]);
  expect(text(read.flat(), 'ModelClientStreamingChunkEvent')).toBe(log.content);
  expect(log.content).toEndWith(' 9998 9999 ');
  for (const piece of pieces) log.append(piece);
  expect(reading.next()).toHaveLength(pieces.length);
});

test('who reads along gets each piece as it came, also of many at once', () => {
  const log = new EventLog(1);
  const read = reader(log);
  for (let batch = 0; batch < 50; batch++) {
    for (let n = 0; n < 16; n++) log.append(contentPiece('a', `${16 * batch + n} `));
    expect(read()).toHaveLength(16 * (batch + 1));
  }
});

test('who stores the pieces gets those of a kind that are new as one, and nothing twice', () => {
  const log = new EventLog(1);
  let woken = 0;
  const reading = log.readPieces(() => woken++);
  for (const piece of pieces.slice(0, 3)) log.append(piece);
  const thought = (content: string) => ({
    event: 'ThoughtStreamingChunkEvent' as const,
    source: 'a',
    content,
  });
  const content = (content: string) => ({
    event: 'ModelClientStreamingChunkEvent' as const,
    source: 'a',
    content,
  });
  expect(reading.next()).toEqual([thought('th'), content('Hel'), thought('ink')]);
  expect(reading.next()).toEqual([]);
  for (let n = 0; n < 100; n++) log.append(thoughtPiece('a', `${n} `));
  for (const piece of pieces.slice(3)) log.append(piece);
  const rest = Array.from({ length: 100 }, (_, n) => `${n} `).join('');
  expect(reading.next()).toEqual([thought(rest), content('lo')]);
  expect(woken).toBe(105);
  reading.end();
  log.leave();
  expect(woken).toBe(105);
});

test('a reader is woken for what comes and for the end, until he leaves', () => {
  const log = new EventLog(1);
  let woken = 0;
  const reading = log.read(undefined, () => woken++);
  log.append(contentPiece('a', 'x'));
  expect(woken).toBe(1);
  log.leave();
  expect(woken).toBe(2);
  expect(log.ended).toBe('elsewhere');
  reading.end();
  log.leave();
  expect(woken).toBe(2);
});

test('who had of a step what another attempt said is told where it begins again, and who had none of it is not', () => {
  const step = (step: number, attempt: number): TurnEventBody => ({
    event: 'step',
    data: { turn_id: 't', step, attempt },
  });
  const bodies = [step(0, 1), contentPiece('a', 'first'), step(1, 3), contentPiece('b', 'second'), done];
  const logs = (seen: Cursor | undefined) => [told(bodies, 3, seen), reader(logOf(bodies, 3), seen)()];
  const names = (events: TurnEvent[]) =>
    events.map(({ event, data }) => ('content' in data ? data.content : event));
  for (const [seen, rest] of [
    [undefined, ['first', 'second', 'done']],
    [{ step: 0, attempt: 1, thought: 0, content: 3, whole: 0 }, ['st', 'second', 'done']],
    [{ step: 0, attempt: 1, thought: 0, content: 5, whole: 0 }, ['second', 'done']],
    [{ step: 1, attempt: 2, thought: 0, content: 4, whole: 0 }, ['restart', 'second', 'done']],
    [{ step: 1, attempt: 3, thought: 0, content: 4, whole: 0 }, ['nd', 'done']],
  ] as const) {
    for (const events of logs(seen)) expect(names(events)).toEqual([...rest]);
  }
  expect(told(bodies, 3, { step: 1, attempt: 2, thought: 0, content: 4, whole: 0 })[0]).toEqual({
    event: 'restart',
    data: { turn_id: 't', attempt: 3, step: 2 },
    cursor: { step: 1, attempt: 3, thought: 0, content: 0, whole: 0 },
  });
});

test('a log takes what is missing of all steps, and its text and speaker are those of the open one', () => {
  const step = (step: number): TurnEventBody => ({ event: 'step', data: { turn_id: 't', step, attempt: 1 } });
  const all = [step(0), contentPiece('a', 'first'), step(1), contentPiece('b', 'second')];
  for (let known = 0; known <= all.length; known++) {
    const log = logOf(all.slice(0, known));
    log.appendRest(all);
    expect([log.step, log.content, log.source]).toEqual([1, 'second', 'b']);
    expect(text(reader(log)(), 'ModelClientStreamingChunkEvent')).toBe('firstsecond');
    log.append(step(2));
    expect([log.step, log.content, log.source]).toEqual([2, '', undefined]);
    expect(log.readPieces(() => {}).next()).toEqual([]);
  }
});

test('a cursor is read back as it was written, one without a step is of the first, and nothing else is a cursor', () => {
  const cursor = { step: 2, attempt: 2, thought: 3, content: 40, whole: 5 };
  expect(parseCursor(formatCursor(cursor))).toEqual(cursor);
  expect(formatCursor(cursor)).toBe('3.2.3.40.5');
  expect(parseCursor('2.3.40.5')).toEqual({ ...cursor, step: 0 });
  for (const text of ['', '1', '1.2.3', '1.2.3.4.5.6', '0.1.2.3.4', 'a.b.c.d', 'a.b.c.d.e', '1.-2.3.4']) {
    expect(parseCursor(text)).toBeUndefined();
  }
  for (const text of ['1.2.3.9999999999', ' 1.2.3.4', ' 1.1.2.3.4', '1.1.2.3.4.']) {
    expect(parseCursor(text)).toBeUndefined();
  }
});
