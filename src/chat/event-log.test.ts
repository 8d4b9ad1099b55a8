import { expect, test } from 'bun:test';
import {
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

const collect = async (events: AsyncIterable<TurnEvent[]>): Promise<TurnEvent[]> =>
  (await Array.fromAsync(events)).flat();

const text = (events: TurnEvent[], event: string) =>
  events.flatMap((one) => (one.event === event && 'content' in one.data ? [one.data.content] : [])).join('');

test('a reader from the start, one who is late and one who is early see the same', async () => {
  const log = new EventLog(1);
  const early = collect(log.follow());
  for (const piece of pieces.slice(0, 2)) log.append(piece);
  await Promise.resolve();
  const midway = collect(log.follow());
  for (const piece of pieces.slice(2)) log.append(piece);
  const late = await collect(log.follow());
  expect(await early).toEqual(late);
  expect(await midway).toEqual(late);
  expect(late).toHaveLength(5);
});

test('after any cursor, a live reader and a replay of the joined pieces both get exactly the rest', async () => {
  const all = await collect(logOf(pieces).follow());
  const joined = [thoughtChunk('a', 'think'), contentChunk('a', 'Hello'), done];
  for (const [index, event] of all.entries()) {
    const missed = all.slice(index + 1);
    for (const rest of [
      await collect(logOf(pieces).follow(event.cursor)),
      [...replay(joined, 1, event.cursor)],
    ]) {
      for (const kind of ['ThoughtStreamingChunkEvent', 'ModelClientStreamingChunkEvent']) {
        expect(text(rest, kind)).toBe(text(missed, kind));
      }
      expect(rest.filter((one) => one.event === 'done')).toHaveLength(index < 4 ? 1 : 0);
    }
  }
});

test('what is there comes together, a long log in parts', async () => {
  const log = logOf(Array.from({ length: 1000 }, () => contentChunk('a', 'x')));
  const reader = log.follow();
  const lengths: number[] = [];
  for (let seen = 0; seen < 1000; seen += lengths.at(-1) ?? 0)
    lengths.push((await reader.next()).value?.length ?? 0);
  expect(lengths).toEqual([256, 256, 256, 232]);
  const next = reader.next();
  for (const piece of pieces) log.append(piece);
  expect((await next).value).toHaveLength(pieces.length);
});

test('a reader who leaves holds nobody up', async () => {
  const log = new EventLog(1);
  const reader = log.follow();
  log.append(contentChunk('a', 'x'));
  await reader.next();
  await reader.return?.();
  log.append(done);
  expect(await collect(log.follow())).toHaveLength(2);
});

test('a reader who leaves while he waits is told that it is over', async () => {
  const reader = new EventLog(1).follow();
  const next = reader.next();
  await reader.return?.();
  expect((await next).done).toBe(true);
});

test('a cursor is read back as it was written, and nothing else is a cursor', () => {
  const cursor = { attempt: 2, thought: 3, content: 40, whole: 5 };
  expect(parseCursor(formatCursor(cursor))).toEqual(cursor);
  for (const text of ['', '1', '1.2.3', '1.2.3.4.5', 'a.b.c.d', '1.-2.3.4', '1.2.3.9999999999', ' 1.2.3.4']) {
    expect(parseCursor(text)).toBeUndefined();
  }
});
