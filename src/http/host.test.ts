// The names under which the server answers: whose name merely leads here gets nothing.
import { beforeAll, expect, test } from 'bun:test';
import type { Database } from '../db/database.ts';
import { onEachDatabase } from '../testing/databases.ts';
import { expectProblem } from '../testing/expect-problem.ts';
import { testApp } from '../testing/test-app.ts';

onEachDatabase('a request that names', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  const named = ['chat.example.com', '*.lan'];

  for (const host of [
    'localhost',
    'localhost:8001',
    'LocalHost:8001',
    'localhost.',
    'app.localhost:8001',
    '127.0.0.1:8001',
    '192.168.1.20',
    '[::1]:8001',
    '[fe80::1]',
    'chat.example.com',
    'Chat.Example.com:443',
    'chat.example.com.',
    'box.lan:8001',
    '',
  ]) {
    test(`${host || 'no host'} is answered`, async () => {
      const app = await testApp(database, { settings: { allowedHosts: named } });
      expect((await app.get('/api/sessions', { host })).status).toBe(200);
      expect((await app.get('/', { host })).status).toBe(200);
    });
  }

  for (const host of [
    'evil.example',
    'evil.example:8001',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'notlocalhost',
    'evilchat.example.com',
    'sub.chat.example.com',
    'lan',
    'evillan',
    'agentchat',
  ]) {
    test(`${host} is misdirected, wherever it goes`, async () => {
      const app = await testApp(database, { settings: { allowedHosts: named } });
      for (const path of ['/', '/docs', '/api/sessions', '/history', '/healthz', '/nope']) {
        const { detail } = await expectProblem(await app.get(path, { host }), 421);
        expect(detail).toContain('ALLOWED_HOSTS');
        expect(detail).toContain(host.split(':')[0] ?? '');
      }
      const headers = { host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' };
      await expectProblem(await app.send('POST', '/chat', { content: 'x' }, headers), 421);
      // What a proxy adds, anybody may add.
      await expectProblem(await app.get('/history', { host, 'x-forwarded-host': 'localhost' }), 421);
      expect(await (await app.get('/api/sessions')).json()).toEqual([]);
    });
  }

  test('any at all is answered where the settings say *', async () => {
    const app = await testApp(database, { settings: { allowedHosts: ['*'] } });
    expect((await app.get('/api/sessions', { host: 'evil.example' })).status).toBe(200);
  });

  test('both are to be known where the address that is asked for names another than the header', async () => {
    const { app } = await testApp(database);
    const get = (url: string, headers: Record<string, string> = {}) =>
      app.fetch(new Request(url, { headers }));
    await expectProblem(await get('http://evil.example/api/sessions', { host: 'localhost' }), 421);
    await expectProblem(await get('http://localhost/api/sessions', { host: 'evil.example' }), 421);
    await expectProblem(await get('http://evil.example:8001/api/sessions'), 421);
    expect((await get('http://localhost:8001/api/sessions', { host: '127.0.0.1:8001' })).status).toBe(200);
  });

  test('what is no host is told so', async () => {
    const app = await testApp(database);
    for (const host of ['evil@localhost', 'localhost/x', 'a b', '[::1'])
      await expectProblem(await app.get('/api/sessions', { host }), 400);
  });
});
