import { expect, test } from 'bun:test';
import type { TurnEvent } from '../chat/log/cursor.ts';
import { EventLog } from '../chat/log/event-log.ts';
import { contentPiece, type TurnEventBody } from '../chat/log/turn-event.ts';
import { createTurnReader } from '../chat/log/turn-reader.ts';
import { eventStream } from './event-stream.ts';

const place = { locale: 'en', instance: '/', requestId: 'r' } as const;
const done: TurnEventBody = { event: 'done', data: { turn_id: 't', status: 'completed' } };
const name = { owner: 1, session: 's', turn: 't' };
const longMs = 1_000_000;

/** A stream of a log, and how often its log was read and left. */
function streamOf(log: EventLog, everyMs = longMs) {
  const seen = { reads: 0, left: 0 };
  const never = () => Promise.reject(new Error('not asked for'));
  const turn = createTurnReader(() => undefined, { open: never, leaveAll: () => {} })(name, log);
  const follow = (wake: () => void) => {
    const { read, leave } = turn.follow(undefined, wake);
    return {
      read: () => {
        seen.reads++;
        return read();
      },
      leave: () => {
        seen.left++;
        leave();
      },
    };
  };
  const reader = eventStream(follow, place, { everyMs }).getReader();
  const text = async () => new TextDecoder().decode((await reader.read()).value);
  return { reader, text, seen };
}

const eventsIn = (text: string): number => text.split('\n\n').length - 1;

test('nothing is read before the reader asks, and what was appended together comes together', async () => {
  const log = new EventLog(1);
  const { text, seen } = streamOf(log);
  log.append(contentPiece('a', 'before'));
  await Bun.sleep(1);
  expect(seen.reads).toBe(0);
  expect(await text()).toContain('"before"');
  const next = text();
  for (const piece of ['one', 'two']) log.append(contentPiece('a', piece));
  expect(eventsIn(await next)).toBe(2);
  const { reads } = seen;
  log.append(contentPiece('a', 'unasked'));
  await Bun.sleep(1);
  expect(seen.reads).toBe(reads);
});

test('a long log arrives whole, and its end closes the stream and leaves the turn once', async () => {
  const log = new EventLog(1);
  for (let n = 0; n < 1000; n++) log.append(contentPiece('a', `${n} `));
  log.append(done);
  const { reader, seen } = streamOf(log);
  let all = '';
  for (let next = await reader.read(); !next.done; next = await reader.read())
    all += new TextDecoder().decode(next.value);
  const contents = [...all.matchAll(/"content":"([^"]*)"/g)].map(([, content]) => content);
  expect(contents.join('')).toBe(log.content);
  expect(all.split('\n\n').at(-2)).toStartWith('event: done');
  expect(seen.left).toBe(1);
});

test('who waits gets a line now and then, and who does not read gets none', async () => {
  const log = new EventLog(1);
  const { reader, text } = streamOf(log, 5);
  await Bun.sleep(50);
  log.append(contentPiece('a', 'first'));
  expect(await text()).toContain('"first"');
  expect(await text()).toBe(': still here\n');
  expect(await text()).toBe(': still here\n');
  await reader.cancel();
});

test('who leaves is read for no more, and what fails fails the stream', async () => {
  const log = new EventLog(1);
  const { reader, seen } = streamOf(log, 5);
  const waiting = reader.read();
  await reader.cancel();
  expect((await waiting).done).toBe(true);
  const { reads } = seen;
  log.append(contentPiece('a', 'late'));
  await Bun.sleep(20);
  expect(seen).toEqual({ reads, left: 1 });

  let left = 0;
  const read = (): TurnEvent[] => {
    throw new Error('no such table');
  };
  const broken = eventStream(() => ({ read, leave: () => left++ }), place, { everyMs: longMs }).getReader();
  await expect(broken.read()).rejects.toThrow('no such table');
  expect(left).toBe(1);
});
