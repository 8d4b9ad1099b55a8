import { expect, test } from 'bun:test';
import { sql } from 'drizzle-orm';
import { chatSearchParts } from '../../db/schema.ts';
import { createIndexing } from '../../db/search/search-index.ts';
import { silentLog } from '../../log.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { newOwner } from '../../testing/owners.ts';
import { testApp } from '../../testing/test-app.ts';
import { keepIndexing, restAfter } from './keep-indexing.ts';

onEachDatabase('the index of the search', (open) => {
  test('follows what is said, in the background, until it is stopped', async () => {
    const database = await open();
    const owner = await newOwner(database);
    const app = await testApp(database, { owner });
    const id = await app.newSession();
    const stop = keepIndexing({ takeIn: createIndexing(database, { owner, quiet: 0 }) }, silentLog);
    const parts = () => database.db.$count(chatSearchParts, sql`session_id = ${id}`);
    const say = (content: string) => app.send('POST', `/api/sessions/${id}/chat`, { content });
    await say('one');
    // The name, the message and the reply.
    while ((await parts()) < 3) await Bun.sleep(20);
    await say('two');
    while ((await parts()) < 5) await Bun.sleep(20);
    await stop();
    await say('three');
    expect(await parts()).toBe(5);
  }, 60_000);

  test('rests the longer the more else the process has to do, and never for long on a quiet one', () => {
    expect(restAfter(10, 0)).toBe(20);
    expect(restAfter(100, 0)).toBe(150);
    expect(restAfter(100, 0.9)).toBeGreaterThan(20 * restAfter(100, 0));
  });

  test('goes on after a database that failed, and tells the log once', async () => {
    const told: string[] = [];
    const log = { ...silentLog, warn: (message: string) => void told.push(message) };
    const over = Promise.withResolvers<void>();
    const answers = [new Error('x'), Object.assign(new Error('away'), { code: 'NO_ANSWER' }), true, false];
    const takeIn = async () => {
      const answer = answers.shift();
      if (answers.length === 0) over.resolve();
      if (answer instanceof Error) throw answer;
      return answer ?? false;
    };
    const stop = keepIndexing({ takeIn }, log);
    await over.promise;
    await stop();
    expect(told).toEqual(['the index of the search is behind']);
  }, 60_000);
});
