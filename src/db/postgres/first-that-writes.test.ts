import { expect, test } from 'bun:test';
import { startFakePostgres } from '../../testing/fake-postgres.ts';
import { connector } from './connect.ts';
import { firstThatWrites } from './first-that-writes.ts';

/** A connection that comes after `ms`, and says of itself whether it can be written. */
async function opening(ms: number, readOnly: boolean) {
  const server = await startFakePostgres(() => ({ version: '17.0' }));
  const closed = Promise.withResolvers<void>();
  return {
    closed: closed.promise,
    stop: server.stop,
    open: async () => {
      await Bun.sleep(ms);
      const connect = connector(server.url, { prepare: false, lockMs: 0 });
      return Object.assign(await connect(() => closed.resolve()), { readOnly });
    },
  };
}

const refused = async (ms: number, message: string) => {
  await Bun.sleep(ms);
  throw new Error(message);
};

test('the one that can be written is given, however late, and those that were opened in vain are closed', async () => {
  const late = await opening(1500, false);
  const reads = await opening(0, true);
  const alsoReads = await opening(0, true);
  const found = await firstThatWrites([late.open, reads.open, alsoReads.open]);
  expect(found).toMatchObject({ index: 0, connection: { readOnly: false } });
  await Promise.all([reads.closed, alsoReads.closed]);
  found.connection.close();
  for (const { stop } of [late, reads, alsoReads]) stop();
});

test('what comes when one was given already is closed', async () => {
  const slow = await opening(1300, false);
  const quick = await opening(0, false);
  const found = await firstThatWrites([slow.open, quick.open]);
  expect(found.index).toBe(1);
  await slow.closed;
  found.connection.close();
  slow.stop();
  quick.stop();
});

test('where none can be written, the first that can be read is given; where none is there, the first one’s error', async () => {
  const reads = await opening(0, true);
  const found = await firstThatWrites([() => refused(1200, 'late'), reads.open, () => refused(0, 'soon')]);
  expect(found).toMatchObject({ index: 1, connection: { readOnly: true } });
  found.connection.close();
  reads.stop();
  expect(firstThatWrites([() => refused(50, 'first'), () => refused(0, 'second')])).rejects.toThrow('first');
});
