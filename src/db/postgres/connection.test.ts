import { expect, test } from 'bun:test';
import { createTestDatabase, testServerUrl } from '../../testing/databases.ts';
import { openConnection } from './connection.ts';

test.skipIf(testServerUrl === undefined)(
  'a process that is busy as it connects connects all the same',
  async () => {
    const url = await createTestDatabase();
    // Before the driver begins to.
    queueMicrotask(() => Bun.sleepSync(200));
    const connection = await openConnection(url, undefined, {}, () => {});
    expect(connection.isOpen()).toBe(true);
    connection.close();
  },
);
