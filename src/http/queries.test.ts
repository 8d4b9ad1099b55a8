import { beforeAll, expect, test } from 'bun:test';
import type { Database } from '../db/database.ts';
import { onEachDatabase } from '../testing/databases.ts';
import { expectInvalid, expectProblem } from '../testing/expect-problem.ts';
import { testApp } from '../testing/test-app.ts';

const unknown = '0198b0c8-1c2d-7e3f-8a4b-5c6d7e8f9a0b';

onEachDatabase('a path, query or header', (open) => {
  let database: Database;
  let app: Awaited<ReturnType<typeof testApp>>;
  let id: string;
  beforeAll(async () => {
    database = await open();
    app = await testApp(database);
    id = await app.newSession();
  });

  const below = ['', '/chat', '/history', '/turns', `/turns/${unknown}`];
  const ask = (session: string, rest: string) =>
    rest === '/chat'
      ? app.send('POST', `/api/sessions/${session}/chat`, { content: 'x' })
      : app.get(`/api/sessions/${session}${rest}`);

  for (const bad of [
    'x',
    '42',
    'null',
    '%zz',
    '%00',
    '%C3%28',
    '..%2f',
    "'%20or%201=1",
    unknown.slice(1),
    `${unknown}0`,
    `%7B${unknown}%7D`,
    unknown.replaceAll('-', ''),
    `${unknown}%2fchat`,
    unknown.replace('0', '٠'),
  ]) {
    test(`the id ${bad} is 422 everywhere`, async () => {
      for (const rest of below) {
        expect(await expectInvalid(await ask(bad, rest), ['path', 'id'])).toContain('must be a UUID');
      }
      const turn = await app.get(`/api/sessions/${id}/turns/${bad}`);
      expect(await expectInvalid(turn, ['path', 'turn'])).toContain('must be a UUID');
    });
  }

  for (const [title, uuid] of [
    ['version 1', 'c232ab00-9414-11ec-b3c8-9f6bdeced846'],
    ['version 4', '919108f7-52d1-4320-9bac-f847db4148a8'],
    ['version 7', unknown],
    ['nil', '00000000-0000-0000-0000-000000000000'],
    ['max', 'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF'],
  ] as const) {
    test(`an unknown UUID (${title}) is 404 everywhere`, async () => {
      for (const rest of below) await expectProblem(await ask(uuid, rest), 404);
      await expectProblem(await app.send('PATCH', `/api/sessions/${uuid}`, { name: 'x' }), 404);
      await expectProblem(await app.send('DELETE', `/api/sessions/${uuid}`, ''), 404);
      await expectProblem(await app.get(`/api/sessions/${id}/turns/${uuid}`), 404);
      await expectProblem(await app.get(`/api/sessions/${id}/history?before=${uuid}`), 404);
    });
  }

  test('an id in upper case is the same id, on every route', async () => {
    const id = await app.newSession();
    const upper = id.toUpperCase();
    for (const rest of ['', '/history', '/turns']) expect((await ask(upper, rest)).status).toBe(200);
    expect(await (await ask(upper, '/chat')).json()).toMatchObject({ session_id: id });
    const [turn] = await (await app.get(`/api/sessions/${id}/turns`)).json();
    const found = await (await app.get(`/api/sessions/${upper}/turns/${turn.id.toUpperCase()}`)).json();
    expect(found).toEqual(turn);
    const before = await app.get(`/api/sessions/${upper}/history?before=${turn.reply.id.toUpperCase()}`);
    expect(await before.json()).toEqual([{ ...turn.user_message, parent_id: null }]);
  });

  test('another session’s turn or message is not found here', async () => {
    const other = await app.newSession();
    await app.send('POST', `/api/sessions/${other}/chat`, { content: 'x' });
    const [turn] = await (await app.get(`/api/sessions/${other}/turns`)).json();
    await expectProblem(await app.get(`/api/sessions/${id}/turns/${turn.id}`), 404);
    await expectProblem(await app.get(`/api/sessions/${id}/history?before=${turn.reply.id}`), 404);
  });

  const wrongNumbers = [
    '-1',
    '1.5',
    'abc',
    '',
    '1e1',
    '0x1',
    '+1',
    '%201',
    '99999999999999999999',
    '%00',
    '١',
    'NaN',
  ];
  for (const [path, maximum] of [
    ['/api/sessions', 100],
    ['/api/sessions/ID/history', 1000],
    ['/api/sessions/ID/turns', 100],
    ['/history', 1000],
  ] as const) {
    test(`limit of ${path} is a whole number from 1 to ${maximum}`, async () => {
      const at = (limit: string | number) => app.get(`${path.replace('ID', id)}?limit=${limit}`);
      for (const right of [1, maximum, '007']) expect((await at(right)).status).toBe(200);
      for (const wrong of [...wrongNumbers, 0, maximum + 1]) {
        expect(await expectInvalid(await at(wrong), ['query', 'limit'])).toContain(`from 1 to ${maximum}`);
      }
    });
  }

  for (const path of ['/api/sessions', '/api/sessions/ID/history', '/history']) {
    test(`offset of ${path} is a whole number that a database can count`, async () => {
      const at = (offset: string | number) => app.get(`${path.replace('ID', id)}?offset=${offset}`);
      expect(await (await at(2_147_483_647)).json()).toEqual([]);
      for (const wrong of [...wrongNumbers, 2_147_483_648]) {
        expect(await expectInvalid(await at(wrong), ['query', 'offset'])).toContain('from 0 to 2147483647');
      }
    });
  }

  for (const query of ['limit=1&limit=2', 'offset=0&offset=0', 'q=a&q=b', 'cursor=a&cursor=b']) {
    test(`${query} is 422: once is enough`, async () => {
      const name = query.slice(0, query.indexOf('='));
      const msg = await expectInvalid(await app.get(`/api/sessions?${query}`), ['query', name]);
      expect(msg).toBe('may be given only once');
    });
  }

  for (const cursor of [
    'x',
    '',
    '1',
    '1_2',
    `x_${unknown}`,
    `-1_${unknown}`,
    `1_${unknown}0`,
    `1_${unknown}%00`,
    '%F0%9F%98%80',
  ]) {
    test(`the cursor ${cursor || 'of no characters'} is 422`, async () => {
      await expectInvalid(await app.get(`/api/sessions?cursor=${cursor}`), ['query', 'cursor']);
    });
  }

  test('a cursor at the end of time, or of another kind of list, breaks nothing', async () => {
    expect((await app.get(`/api/sessions?cursor=9999999999999999_${unknown}`)).status).toBe(200);
    expect(await (await app.get(`/api/sessions?cursor=0_${unknown}`)).json()).toEqual([]);
    await expectInvalid(await app.get(`/api/sessions/${id}/turns?cursor=1_${unknown}`), ['query', 'cursor']);
    expect((await app.get(`/api/sessions/${id}/turns?cursor=999999999`)).status).toBe(200);
    await expectInvalid(await app.get(`/api/sessions/${id}/turns?cursor=9999999999`), ['query', 'cursor']);
  });

  for (const [path, name, wrong] of [
    ['/api/sessions', 'q', ['%00', 'x'.repeat(201)]],
    ['/api/sessions/ID/history', 'before', ['', 'x', '1', '%00', `${unknown}0`]],
    ['/api/sessions/ID/history', 'include', ['', 'thoughts', 'Events', 'events,thoughts', '%00']],
    ['/api/sessions/ID/turns', 'status', ['', 'done', 'Running', 'running,failed', '%00', '__proto__']],
    ['/history', 'include', ['true']],
  ] as const) {
    test(`${name} of ${path} is 422 when it is wrong`, async () => {
      for (const value of wrong) {
        await expectInvalid(await app.get(`${path.replace('ID', id)}?${name}=${value}`), ['query', name]);
      }
    });
  }

  test('an empty q asks for all sessions, as no q does', async () => {
    const all = await (await app.get('/api/sessions?limit=100')).json();
    expect(all.length).toBeGreaterThan(0);
    expect(await (await app.get('/api/sessions?limit=100&q=')).json()).toEqual(all);
  });

  test('stream is true or false; anything else is 422 and starts no turn', async () => {
    const fresh = await app.newSession();
    const path = `/api/sessions/${fresh}/chat`;
    for (const wrong of ['maybe', '', '2', 'yes', 'true,false', '%00']) {
      for (const at of [path, '/chat']) {
        const response = await app.send('POST', `${at}?stream=${wrong}`, { content: 'x' });
        expect(await expectInvalid(response, ['query', 'stream'])).toBe('must be true or false');
      }
    }
    expect(await (await app.get(`/api/sessions/${fresh}/turns`)).json()).toEqual([]);
    for (const [right, type] of [
      ['true', 'text/event-stream'],
      ['TRUE', 'text/event-stream'],
      ['1', 'text/event-stream'],
      ['false', 'application/json'],
      ['0', 'application/json'],
    ]) {
      const response = await app.send('POST', `${path}?stream=${right}`, { content: 'x' });
      expect(response.headers.get('content-type')).toStartWith(type ?? '');
      await response.text();
    }
  });

  test('Last-Event-ID must be an id that came with an event', async () => {
    const path = `/api/sessions/${id}/turns/${unknown}`;
    for (const wrong of [
      'x',
      '1',
      '1.2.3',
      '1.2.3.4.5.6',
      '0.1.0.0.0',
      '-1.0.0.0',
      '1.0.0.9999999999',
      '1.0.0.0 ,',
      'null',
    ]) {
      const response = await app.get(path, { 'last-event-id': wrong, accept: 'text/event-stream' });
      await expectInvalid(response, ['header', 'last-event-id']);
    }
    // Any well-formed one is an id of some turn, or was before a turn had steps.
    for (const seen of ['1.1.0.0.0', '1.0.0.0'])
      await expectProblem(await app.get(path, { 'last-event-id': seen }), 404);
  });

  test('parameters that nobody knows are ignored', async () => {
    for (const query of ['x=1', '__proto__=1', 'constructor=1', 'limit[]=0', '%00=1', '&&&', '=', '%zz']) {
      expect((await app.get(`/api/sessions?${query}`)).status).toBe(200);
    }
  });

  test('a slash at the end of a path is the same path', async () => {
    for (const path of [
      '/api/sessions',
      `/api/sessions/${id}`,
      `/api/sessions/${id}/history`,
      '/history',
      '/healthz',
    ]) {
      expect((await app.get(`${path}/`)).status).toBe(200);
    }
    expect((await app.send('POST', '/api/sessions/', {})).status).toBe(201);
    expect((await app.send('POST', `/api/sessions/${id}/chat/`, { content: 'x' })).status).toBe(200);
    expect((await app.send('POST', '/chat/', { content: 'x' })).status).toBe(200);
  });

  for (const path of [
    '/nope',
    '/api',
    '/api/session',
    '/api/sessions//',
    '/api//sessions',
    `/api/sessions/${unknown}/nope`,
    '/API/SESSIONS',
    '/%00',
    '/%zz',
    '/%E4%BD%A0',
    '/.env',
    '/.git/config',
    '/static',
    '/static/nope.js',
    '/static/..%2f..%2fpackage.json',
    '/static/%2e%2e%2f%2e%2e%2fpackage.json',
    '/static/..%5c..%5cpackage.json',
    '/static//etc/passwd',
    '/static/%2fetc%2fpasswd',
    '/static/%00',
    '/static/favicon.svg%00.html',
    '/docs/package.json',
    '/docs/..%2fpackage.json',
    '/docs/__proto__',
    `/${'a'.repeat(4000)}`,
  ]) {
    test(`${path.slice(0, 60)} is 404`, async () => {
      await expectProblem(await app.get(path), 404);
    });
  }
});
