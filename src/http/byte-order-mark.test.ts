import { beforeAll, expect, test } from 'bun:test';
import type { Database } from '../db/database.ts';
import { onEachDatabase } from '../testing/databases.ts';
import { joined, readEvents } from '../testing/event-stream.ts';
import { say, scriptedModel } from '../testing/scripted-model.ts';
import { testApp } from '../testing/test-app.ts';

onEachDatabase('U+FEFF at the beginning of a text', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  test('is kept, in what is sent, streamed and stored', async () => {
    const mark = '\uFEFF';
    const model = scriptedModel(() => say([`${mark}a`, `${mark}b`, mark]));
    const app = await testApp(database, { model });
    const id = await app.newSession({ name: `${mark}name`, metadata: { a: `${mark}b` } });
    const sent = { content: `${mark}hello`, metadata: { [`${mark}key`]: `${mark}value` } };
    const events = await readEvents(await app.send('POST', `/api/sessions/${id}/chat?stream=true`, sent));
    const pieces = joined(events, 'ModelClientStreamingChunkEvent');
    const history = await (await app.get(`/api/sessions/${id}/history`)).json();
    expect(history.map(({ content }: { content: string }) => content)).toEqual([sent.content, pieces]);
    expect(pieces).toBe(`${mark}a${mark}b${mark}`);
    expect(history[0].metadata).toEqual(sent.metadata);
    expect(await (await app.get(`/api/sessions/${id}`)).json()).toMatchObject({
      name: `${mark}name`,
      metadata: { a: `${mark}b` },
    });
  });
});
