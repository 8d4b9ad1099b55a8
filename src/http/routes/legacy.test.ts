import { beforeAll, expect, test } from 'bun:test';
import type { Database } from '../../db/database.ts';
import { setLimits } from '../../testing/allowances.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { expectProblem } from '../../testing/expect-problem.ts';
import { say, scriptedModel } from '../../testing/scripted-model.ts';
import { testApp } from '../../testing/test-app.ts';

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

  test('a first message that a limit refuses leaves no session, however many come at once', async () => {
    const app = await testApp(database);
    const sessions = async () => (await app.get('/api/sessions')).json();
    const first = () => app.send('POST', '/chat', { content: 'hi' });
    const asked = async (count: number) => {
      const answers = await Promise.all(Array.from({ length: count }, first));
      return [...new Set(answers.map(({ status }) => status))].sort();
    };
    await setLimits(database, app.owner, { turns_per_day: 0 });
    await expectProblem(await first(), 429);
    expect(await sessions()).toEqual([]);
    expect(await asked(20)).toEqual([429]);
    expect(await sessions()).toEqual([]);
    await setLimits(database, app.owner, { agents: ['another'] });
    await expectProblem(await first(), 403);
    expect(await sessions()).toEqual([]);
    await setLimits(database, app.owner, { turns_per_day: 1 });
    expect(await asked(20)).toEqual([200, 429]);
    expect(await sessions()).toMatchObject([{ message_count: 2 }]);
  });

  test('a session that was there stays, empty as it is', async () => {
    const app = await testApp(database);
    await setLimits(database, app.owner, { turns_per_day: 0 });
    const id = await app.newSession();
    await expectProblem(await app.send('POST', '/chat', { content: 'hi' }), 429);
    expect(await (await app.get('/api/sessions')).json()).toMatchObject([{ id }]);
  });
});
