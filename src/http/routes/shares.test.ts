import { beforeAll, expect, test } from 'bun:test';
import type { Database } from '../../db/database.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { newOwner } from '../../testing/owners.ts';
import { say, scriptedModel } from '../../testing/scripted-model.ts';
import { testApp } from '../../testing/test-app.ts';

onEachDatabase('a shared link', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  const app = (settings = {}) =>
    testApp(database, {
      model: scriptedModel((messages) =>
        say([`re: ${String(messages.at(-1)?.content).split('\n').at(-1)}`], ['<b>hm</b>']),
      ),
      settings,
    });
  type App = Awaited<ReturnType<typeof app>>;

  async function shared(on: App, id: string) {
    const response = await on.send('POST', `/api/sessions/${id}/shares`, undefined);
    expect(response.status).toBe(201);
    return (await response.json()) as { id: string; url: string; created_at: string };
  }
  const shows = async (on: App, share: string) => {
    const response = await on.get(`/shared/${share}?format=json`);
    const { messages } = (await response.json()) as { messages: { role?: string; content: string }[] };
    return messages.filter(({ role }) => role).map(({ content }) => content);
  };
  const chat = async (on: App, id: string, content: string, more = {}) => {
    const response = await on.send('POST', `/api/sessions/${id}/chat`, { content, ...more });
    expect(response.status).toBe(200);
  };

  test('shows the session as it was, whatever is said, renamed or shown later', async () => {
    const on = await app();
    const id = await on.newSession({ name: 'Before' });
    await chat(on, id, 'one');
    const first = await shared(on, id);
    await chat(on, id, 'two');
    await chat(on, id, 'otherwise', { parent_id: null });
    await on.send('PATCH', `/api/sessions/${id}`, { name: 'After' });
    const second = await shared(on, id);
    expect(await shows(on, first.id)).toEqual(['one', 're: one']);
    expect(await shows(on, second.id)).toEqual(['otherwise', 're: otherwise']);
    const page = await on.get(`/shared/${first.id}`);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toContain('sandbox');
    expect(page.headers.get('cache-control')).toBe('no-store');
    const html = await page.text();
    expect(html).toContain('<title>Before</title>');
    expect(html).not.toContain('After');
    expect(html).not.toContain('<b>hm');
    expect(first.url).toEndWith(`/shared/${first.id}`);
    const listed = await on.get(`/api/sessions/${id}/shares`);
    expect(await listed.json()).toEqual([second, first]);
  });

  test('shows a long session and what was imported, each message once', async () => {
    const on = await app();
    const messages = Array.from({ length: 3 }, (_, n) => ({
      type: 'UserMessage',
      content: `before ${n}`,
      source: 'user',
    }));
    const id = await on.newSession({
      agent_state: { type: 'AssistantAgentState', version: '1.0.0', llm_context: { messages } },
    });
    for (let n = 0; n < 12; n++) await chat(on, id, String(n));
    const expected = Array.from({ length: 12 }, (_, n) => [String(n), `re: ${n}`]).flat();
    expect(await shows(on, (await shared(on, id)).id)).toEqual([
      'before 0',
      'before 1',
      'before 2',
      ...expected,
    ]);
  });

  test('leads nowhere once it is taken back, or its session is gone', async () => {
    const on = await app();
    const id = await on.newSession();
    const [kept, taken] = [await shared(on, id), await shared(on, id)];
    const back = () => on.send('DELETE', `/api/sessions/${id}/shares/${taken.id}`, undefined);
    expect((await back()).status).toBe(200);
    expect((await (await back()).json()).type).toEndWith('share_not_found');
    expect((await on.get(`/shared/${taken.id}`)).status).toBe(404);
    expect((await on.get(`/shared/${kept.id}`)).status).toBe(200);
    await on.send('DELETE', `/api/sessions/${id}`, undefined);
    expect((await on.get(`/shared/${kept.id}`)).status).toBe(404);
    for (const strange of ['x', '%00', "'", '..%2f..', 'x'.repeat(200)])
      expect([404, 422]).toContain((await on.get(`/shared/${strange}`)).status);
  });

  test('is made and taken back by its owner alone, who may write, and read by anybody', async () => {
    const on = await app();
    const id = await on.newSession();
    await chat(on, id, 'mine');
    const { id: share } = await shared(on, id);
    const other = on.calledBy(await newOwner(database));
    const reader = on.calledBy(on.owner, 'viewer');
    for (const [who, status] of [
      [other, 404],
      [reader, 403],
    ] as const) {
      expect((await who.send('POST', `/api/sessions/${id}/shares`, undefined)).status).toBe(status);
      expect((await who.send('DELETE', `/api/sessions/${id}/shares/${share}`, undefined)).status).toBe(
        status,
      );
    }
    expect((await other.get(`/api/sessions/${id}/shares`)).status).toBe(404);
    // Whoever has the link need not sign in.
    const locked = await app({ ways: ['keys'] });
    expect((await locked.get(`/api/sessions/${id}`)).status).toBe(401);
    expect(await (await locked.get(`/shared/${share}`)).text()).toContain('re: mine');
  });

  test('is not to be had where links are off', async () => {
    const on = await app();
    const id = await on.newSession();
    const { id: share } = await shared(on, id);
    const off = await testApp(database, { owner: on.owner, settings: { sharedLinks: false } });
    const refused = await off.send('POST', `/api/sessions/${id}/shares`, undefined);
    expect([refused.status, (await refused.json()).detail]).toEqual([
      403,
      expect.stringContaining('SHARED_LINKS'),
    ]);
    expect((await off.get(`/shared/${share}`)).status).toBe(404);
  });
});
