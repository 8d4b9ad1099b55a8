import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { connect } from 'node:net';
import { testDatabases } from '../testing/databases.ts';
import { testApp } from '../testing/test-app.ts';

// What only bytes on a socket can say: clients that are old, broken, slow or gone.
describe('over a socket', () => {
  let server: ReturnType<typeof Bun.serve>;
  let app: Awaited<ReturnType<typeof testApp>>;
  beforeAll(async () => {
    const [database] = testDatabases;
    if (!database) throw new Error('there is no database to test on');
    app = await testApp(await database.open());
    server = Bun.serve({
      port: 0,
      hostname: '127.0.0.1',
      idleTimeout: 0,
      fetch: (request) => app.app.fetch(request),
    });
    await app.newSession({ name: 'one' });
    await app.newSession({ name: 'two' });
  });
  afterAll(() => server.stop(true));

  /** Sends these bytes and returns what comes until an answer is whole or the server hangs up. */
  function exchange(
    text: string,
    { hangUp = false } = {},
  ): Promise<{ status: number; body: string; head: string }> {
    return new Promise((resolve, reject) => {
      const socket = connect(server.port ?? 0, '127.0.0.1', () => {
        socket.write(text);
        if (hangUp) setTimeout(() => socket.destroy(), 50);
      });
      let received = '';
      const finish = () => {
        clearTimeout(timer);
        const [head = '', ...rest] = received.split('\r\n\r\n');
        resolve({ status: Number(head.split(' ')[1]), head, body: rest.join('\r\n\r\n') });
        socket.destroy();
      };
      const timer = setTimeout(finish, 3000);
      socket.on('data', (data) => {
        received += data;
        const length = /content-length: (\d+)/i.exec(received)?.[1];
        const body = received.split('\r\n\r\n')[1];
        if (length !== undefined && body !== undefined && Buffer.byteLength(body) >= Number(length)) finish();
      });
      socket.on('close', finish);
      socket.on('error', reject);
    });
  }

  const start = 'POST /chat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
  const post = (body: string, headers = '', version = '1.1') =>
    `POST /chat HTTP/${version}\r\n${headers}Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

  test('a tunnel is refused, to whatever it is to lead', async () => {
    for (const target of ['evil.example:443', 'localhost:8001', '[::1]:22']) {
      const { status, head, body } = await exchange(
        `CONNECT ${target} HTTP/1.1\r\nHost: localhost\r\nAccept-Language: en\r\n\r\n`,
      );
      expect(status).toBe(405);
      expect(head).toMatch(/^allow: GET, /im);
      expect(head).toMatch(/^connection: close/im);
      expect(JSON.parse(body)).toMatchObject({
        instance: '/',
        detail: expect.stringMatching(/^CONNECT is not/),
      });
    }
  });

  test('an address with a host in it is served by its path, under the name in the header', async () => {
    const get = (target: string, host: string) =>
      exchange(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    expect((await get('http://localhost/healthz', 'localhost')).status).toBe(200);
    expect((await get('http://localhost/api/sessions', 'evil.example')).status).toBe(421);
  });

  for (const [kind, head, end] of [
    ['says how long it is', `Content-Length: ${8 * 1024 * 1024}\r\n\r\n`, ''],
    ['comes in chunks', 'Transfer-Encoding: chunked\r\n\r\n800000\r\n', '\r\n0\r\n\r\n'],
  ] as const) {
    test(`who sends all of a body that is too large and ${kind} before listening still hears that it is`, async () => {
      const answer = await new Promise<string>((resolve, reject) => {
        const socket = connect(server.port ?? 0, '127.0.0.1', () => {
          socket.pause();
          socket.write(`${start}${head}${'x'.repeat(8 * 1024 * 1024)}${end}`, (error) =>
            error ? reject(error) : socket.resume(),
          );
        });
        socket.on('error', reject);
        socket.once('data', (data) => {
          resolve(String(data));
          socket.destroy();
        });
      });
      expect(answer).toStartWith('HTTP/1.1 413');
    });
  }

  for (const [kind, head, body] of [
    ['said how long it is', `Content-Length: ${2 ** 31}\r\n\r\n`, ''],
    ['was sent in chunks', 'Transfer-Encoding: chunked\r\n\r\n', `200000\r\n${'x'.repeat(0x200000)}`],
  ] as const) {
    test(`the connection of a body that is too large and ${kind} is closed behind the answer`, async () => {
      const socket = connect(server.port ?? 0, '127.0.0.1', () => socket.write(`${start}${head}${body}`));
      let received = '';
      socket.on('data', (data) => {
        received += data;
      });
      socket.on('error', () => {});
      await new Promise((resolve) => socket.on('close', resolve));
      expect(received).toStartWith('HTTP/1.1 413');
      expect(received.toLowerCase()).toContain('connection: close');
    });
  }

  test('HTTP/1.0 without a Host is answered on every kind of route', async () => {
    expect((await exchange('GET /healthz HTTP/1.0\r\n\r\n')).status).toBe(200);
    const list = await exchange('GET /api/sessions?limit=1 HTTP/1.0\r\n\r\n');
    expect(list.status).toBe(200);
    expect(list.head).toMatch(/link: <\/api\/sessions\?limit=1&cursor=[^>]+>/i);
    expect((await exchange('GET /api/sessions/?limit=0 HTTP/1.0\r\n\r\n')).status).toBe(422);
    const reply = await exchange(post('{"content":"old"}', '', '1.0'));
    expect(reply.status).toBe(200);
    expect(JSON.parse(reply.body)).toMatchObject({ content: 'echo: old' });
    expect((await exchange('GET /nope HTTP/1.0\r\n\r\n')).status).toBe(404);
    expect((await exchange('GET // HTTP/1.0\r\n\r\n')).status).toBeLessThan(500);
    expect((await exchange('GET //[/ HTTP/1.0\r\n\r\n')).status).toBeLessThan(500);
  });

  for (const host of ['a b:x', '[::zz]', 'localhost:99999999', '', '%', '<script>']) {
    test(`a Host of ${host || 'nothing'} brings no 500`, async () => {
      for (const text of [
        `GET /api/sessions?limit=1 HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
        post('{"content":"x"}', `Host: ${host}\r\n`),
      ]) {
        const { status, body } = await exchange(text);
        expect([200, 400]).toContain(status);
        if (status === 400 && body !== '') expect(JSON.parse(body).detail).toContain('Host');
      }
    });
  }

  test('a body that is longer than it said is cut there; one that is shorter is nobody’s error', async () => {
    expect(
      (
        await exchange(
          'POST /chat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\n{"content":"x"}',
        )
      ).status,
    ).toBe(400);
    const before = (await (await app.get('/history')).json()).length;
    await exchange(
      'POST /chat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"content":"x"}',
      { hangUp: true },
    );
    await Bun.sleep(50);
    expect(await (await app.get('/history')).json()).toHaveLength(before);
    expect((await exchange('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')).status).toBe(200);
  });

  test('a chunked body is read to its end, and a broken chunk is 400', async () => {
    const head =
      'POST /chat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
    const whole = await exchange(`${head}8\r\n{"conten\r\n7\r\nt":"x"}\r\n0\r\n\r\n`);
    expect(whole.status).toBe(200);
    expect((await exchange(`${head}zz\r\n{}\r\n0\r\n\r\n`)).status).toBe(400);
  });
});
