import { expect, test } from 'bun:test';
import { EventLog } from './event-log.ts';
import type { Mirror, Mirrors } from './mirrors.ts';
import { createTurnReader } from './turn-reader.ts';

test('a reader who leaves while a mirror is being opened for him leaves it closed', async () => {
  const opening = Promise.withResolvers<Mirror>();
  let closed = 0;
  const mirrors: Mirrors = { open: () => opening.promise, leaveAll: () => {} };
  const left = new AbortController();
  const events = createTurnReader(() => undefined, mirrors)('session', 'turn').follow(undefined, left.signal);
  const next = events.next();
  left.abort();
  await events.return?.();
  const log = new EventLog(1);
  log.append({ event: 'done', data: { turn_id: 'turn', status: 'completed' } });
  opening.resolve({ log, close: () => closed++ });
  expect((await next).done).toBe(true);
  expect(closed).toBe(1);
});
