import { beforeAll, expect, test } from 'bun:test';
import type { Database } from '../db/database.ts';
import { onEachDatabase } from '../testing/databases.ts';
import { testApp } from '../testing/test-app.ts';

onEachDatabase('below a path', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  /** Every address that a caller is told, by where it is told. */
  async function told(
    app: Awaited<ReturnType<typeof testApp>>,
    path = '',
    headers: Record<string, string> = {},
  ) {
    const made = await app.send('POST', `${path}/api/sessions`, {}, headers);
    await app.send('POST', `${path}/api/sessions`, {}, headers);
    const listed = await app.get(`${path}/api/sessions?limit=1&offset=0`, headers);
    const missing = await app.get(`${path}/api/sessions/none/history`, headers);
    const document = await app.get(`${path}/openapi.json`, headers);
    const link = listed.headers.get('link') ?? '';
    return {
      location: made.headers.get('location')?.replace(/[^/]*$/, ''),
      link: /^<([^?]*)\?limit=1&cursor=[^>]+>; rel="next"$/.exec(link)?.[1] ?? link,
      instance: (await missing.json()).instance,
      servers: (await document.json()).servers,
      vary: [made, listed, missing, document].map((one) => one.headers.get('vary')),
    };
  }

  const below = (base: string) => ({
    location: `${base}/api/sessions/`,
    link: `${base}/api/sessions`,
    instance: `${base}/api/sessions/none/history`,
    servers: [{ url: base || '/' }],
    vary: Array(4).fill('X-Forwarded-Prefix, Origin'),
  });

  test('the addresses that a caller is told have what its proxy took away', async () => {
    const app = await testApp(database);
    expect(await told(app)).toEqual(below(''));
    for (const [sent, base] of [
      ['/agentchat', '/agentchat'],
      ['/agentchat/', '/agentchat'],
      ['/tools/agent-chat_2.0~x', '/tools/agent-chat_2.0~x'],
      ['/outer, /inner', '/outer/inner'],
      ['/', ''],
    ] as const)
      expect([sent, await told(app, '', { 'x-forwarded-prefix': sent })]).toEqual([sent, below(base)]);
  });

  test('what could lead elsewhere is taken for no path', async () => {
    const app = await testApp(database, { settings: { basePath: '/ours' } });
    for (const sent of [
      '//evil.example',
      'evil',
      '/a b',
      '/a/../b',
      '/..',
      '/a"b',
      '/<x>',
      `/${'x'.repeat(600)}`,
    ])
      expect([sent, await told(app, '', { 'x-forwarded-prefix': sent })]).toEqual([sent, below('/ours')]);
  });

  test('BASE_PATH is understood whether the proxy takes it away or not', async () => {
    const app = await testApp(database, { settings: { basePath: '/agentchat' } });
    expect(await told(app, '/agentchat')).toEqual(below('/agentchat'));
    expect(await told(app)).toEqual(below('/agentchat'));
    expect((await app.get('/agentchat/readyz')).status).toBe(200);
    expect((await app.get('/agentchat/static/favicon.svg')).status).toBe(200);
    expect((await app.get('/agentchat/nothing')).status).toBe(404);
    expect((await app.get('/agentchatter/readyz')).status).toBe(404);
    expect((await app.send('PUT', '/agentchat/api/sessions', {})).headers.get('allow')).toBe(
      'GET, HEAD, POST',
    );
  });

  test('a page whose links are relative is at one address, with its slash or without', async () => {
    const app = await testApp(database, { settings: { basePath: '/agentchat' } });
    const goesTo = async (path: string) => {
      const response = await app.get(path);
      return [response.status, response.headers.get('location')];
    };
    expect(await goesTo('/agentchat')).toEqual([302, 'agentchat/']);
    expect(await goesTo('/agentchat?session=1')).toEqual([302, 'agentchat/?session=1']);
    expect(await goesTo('/agentchat/docs/')).toEqual([302, '../docs']);
    expect(await goesTo('/docs/')).toEqual([302, '../docs']);
    for (const path of ['/', '/agentchat/', '/docs', '/agentchat/docs'])
      expect(await goesTo(path)).toEqual([200, null]);
  });

  test('the page names its files by the path, which may be opened without its slash behind a proxy', async () => {
    const app = await testApp(database);
    const plain = await app.get('/');
    expect(await plain.text()).not.toMatch(/(src|href)="\//);
    const headers = { 'x-forwarded-prefix': '/agentchat' };
    const below = await app.get('/', headers);
    const names = [...(await below.text()).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, name = '']) => name);
    expect(names.length).toBeGreaterThan(2);
    for (const name of names) {
      expect(name).toStartWith('/agentchat/static/');
      expect((await app.get(name.slice('/agentchat'.length), headers)).status).toBe(200);
    }
    const tag = below.headers.get('etag') ?? '';
    expect(tag).not.toBe(plain.headers.get('etag'));
    expect((await app.get('/', { ...headers, 'if-none-match': tag })).status).toBe(304);
    expect((await app.get('/', { 'if-none-match': tag })).status).toBe(200);
  });
});
