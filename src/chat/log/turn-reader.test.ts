import { expect, test } from 'bun:test';
import { EventLog } from './event-log.ts';
import type { Mirrors, OpenLog } from './mirrors.ts';
import { contentPiece } from './turn-event.ts';
import { createTurnReader } from './turn-reader.ts';

const done = { event: 'done', data: { turn_id: 'turn', status: 'completed' } } as const;

const name = { owner: 1, session: 'session', turn: 'turn' };

test('a reader who leaves while a mirror is being opened for him leaves it closed', async () => {
  const opening = Promise.withResolvers<OpenLog>();
  let closed = 0;
  const mirrors: Mirrors = { open: () => opening.promise, leaveAll: () => {} };
  const woken = Promise.withResolvers<void>();
  const following = createTurnReader(() => undefined, mirrors)(name).follow(undefined, woken.resolve);
  expect(following.read()).toEqual([]);
  following.leave();
  const log = new EventLog(1);
  log.append(done);
  opening.resolve({ log, close: () => closed++ });
  await woken.promise;
  expect(following.read()).toBeUndefined();
  expect(closed).toBe(1);
});

test('what keeps a turn from being looked up is thrown to its reader, who was woken for it', async () => {
  const woken = Promise.withResolvers<void>();
  const mirrors: Mirrors = { open: () => Promise.reject(new Error('no such table')), leaveAll: () => {} };
  const following = createTurnReader(() => undefined, mirrors)(name).follow(undefined, woken.resolve);
  await woken.promise;
  expect(() => following.read()).toThrow('no such table');
});

test('a turn that goes on elsewhere is followed there, from what was seen', async () => {
  const here = new EventLog(1);
  const there = new EventLog(1);
  let closed = 0;
  const mirrors: Mirrors = { open: async () => ({ log: there, close: () => closed++ }), leaveAll: () => {} };
  let woken = 0;
  const following = createTurnReader(() => undefined, mirrors)(name, here).follow(undefined, () => woken++);
  here.append(contentPiece('a', 'one '));
  expect(following.read()).toHaveLength(1);
  here.leave();
  for (const text of ['one ', 'two']) there.append(contentPiece('a', text));
  there.append(done);
  expect(following.read()).toEqual([]);
  const before = woken;
  while (woken === before) await Bun.sleep(1);
  const events = following.read()?.map(({ event, data }) => [event, 'content' in data ? data.content : '']);
  expect(events).toEqual([
    ['ModelClientStreamingChunkEvent', 'two'],
    ['done', ''],
  ]);
  expect(following.read()).toBeUndefined();
  expect(closed).toBe(1);
});
