import { beforeAll, expect, test } from 'bun:test';
import type { Database } from '../db/database.ts';
import { onEachDatabase } from '../testing/databases.ts';
import { say, scriptedModel } from '../testing/scripted-model.ts';
import { testApp } from '../testing/test-app.ts';

onEachDatabase('the FastAPI application’s addresses', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  test('/history also has the metadata under its old name, of thoughts too', async () => {
    const app = await testApp(database, { model: scriptedModel(() => say(['ok'], ['hm'])) });
    await app.send('POST', '/chat', { content: 'x', metadata: { a: '1' } });
    const messages = await (await app.get('/history?include=events')).json();
    expect(messages.map(({ type }: { type: string }) => type)).toEqual([
      'TextMessage',
      'ThoughtEvent',
      'TextMessage',
    ]);
    expect(messages[0].meta_data).toEqual({ a: '1' });
    for (const { meta_data, metadata } of messages) expect(meta_data).toEqual(metadata);
  });

  test('the old page’s leads to the page, below a path too', async () => {
    const app = await testApp(database);
    const response = await app.get('/static/example/app_agent.html');
    expect(response.status).toBe(302);
    const location = response.headers.get('location') ?? '';
    for (const root of ['http://x/', 'http://x/below/'])
      expect(new URL(location, `${root}static/example/app_agent.html`).href).toBe(root);
  });
});
