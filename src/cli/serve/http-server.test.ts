import { expect, test } from 'bun:test';
import { connect } from 'node:net';
import { createLog, silentLog } from '../../log.ts';
import { expectProblem } from '../../testing/expect-problem.ts';
import { openHttpServer } from './http-server.ts';

const settings = { host: '127.0.0.1', port: 0, workers: 1, defaultLocale: 'en' as const, corsOrigins: [] };

test('what the app cannot answer is a 500 that says only where the log tells why', async () => {
  const lines: string[] = [];
  const server = openHttpServer({
    settings,
    log: createLog({ level: 'info', format: 'json', write: (line) => lines.push(line) }),
    fetch: (request) => {
      const error = new TypeError('secret in the app');
      if (request.method === 'PUT') return Promise.reject(error);
      throw error;
    },
  });
  try {
    for (const method of ['GET', 'PUT']) {
      const headers = { accept: 'text/html', 'accept-language': 'zh' };
      const response = await fetch(new URL('/a/b?c=d', server.url), { method, headers });
      const text = await response.clone().text();
      const problem = await expectProblem(response, 500);
      expect(problem).toMatchObject({ type: 'urn:agentchat:problem:internal', instance: '/a/b' });
      expect(problem.detail).toMatch(/[\u4e00-\u9fff]/);
      expect(response.headers.get('x-request-id')).toBe(problem.request_id);
      expect(text).not.toMatch(/secret|http-server|\.ts/);
      const logged = JSON.parse(lines.at(-1) ?? '');
      expect(logged).toMatchObject({ level: 'error', method, path: '/a/b', request_id: problem.request_id });
      expect(logged.error).toContain('secret in the app');
    }
  } finally {
    await server.stop(true);
  }
});

test('it may be shown where all else may', async () => {
  for (const [corsOrigins, policy] of [
    [[], 'same-origin'],
    [['*'], 'cross-origin'],
  ] as [string[], string][]) {
    const server = openHttpServer({
      settings: { ...settings, corsOrigins },
      log: silentLog,
      fetch: () => Promise.reject(new Error('no')),
    });
    const response = await fetch(server.url);
    expect(response.headers.get('cross-origin-resource-policy')).toBe(policy);
    await server.stop(true);
  }
});

test('so is what fails after the app has answered', async () => {
  const lines: string[] = [];
  const server = openHttpServer({
    settings,
    log: createLog({ level: 'info', format: 'json', write: (line) => lines.push(line) }),
    fetch: () => new Response(Bun.file('/nowhere/a-file-that-went-away')),
  });
  try {
    await expectProblem(await fetch(server.url), 500);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'error', message: 'a request failed' });
  } finally {
    await server.stop(true);
  }
});

/** Sends these bytes, and then `more` twice a second; resolves with all that came when the server has hung up. */
function untilClosed(server: { port?: number | undefined }, bytes: string, more?: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(server.port ?? 0, '127.0.0.1', () => socket.write(bytes));
    let received = '';
    const timer = setInterval(() => more && socket.writable && socket.write(more), 500);
    socket.on('data', (data) => {
      received += data;
    });
    // A server that hangs up on who still sends breaks the connection.
    socket.on('error', () => {});
    socket.on('close', () => {
      clearInterval(timer);
      resolve(received);
    });
  });
}

test('a connection is closed when it is silent, after a POST too; who waits for a reply or a stream is not cut', async () => {
  let sent = 0;
  const pieces = () =>
    new ReadableStream<string>({
      async pull(controller) {
        await Bun.sleep(500);
        controller.enqueue(`piece ${++sent}\n`);
        if (sent === 25) controller.close();
      },
    });
  const server = openHttpServer({
    settings,
    log: silentLog,
    idleSeconds: 5,
    fetch: async (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === '/slow') await Bun.sleep(13_000);
      return new Response(pathname === '/stream' ? pieces() : pathname);
    },
  });
  const post = (path: string, length = 0) =>
    `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${length}\r\n\r\n`;
  try {
    const [slow, stream, ...closed] = await Promise.all([
      untilClosed(server, post('/slow')),
      untilClosed(server, post('/stream')),
      untilClosed(server, post('/once')),
      // It has its answer, and goes on sending what nobody wants.
      untilClosed(server, post('/once', 1000), 'x'),
      untilClosed(server, post('/once').replace('POST', 'GET')),
      untilClosed(server, 'POST /once HTTP/1.1\r\nHost: localhost\r\nX-Slow: ', 'x'),
      untilClosed(server, ''),
    ]);
    expect(slow).toEndWith('/slow');
    expect(stream).toContain('piece 25\n');
    for (const received of closed.slice(0, 3)) expect(received).toEndWith('/once');
  } finally {
    await server.stop(true);
  }
}, 60_000);
