import { expect, test } from 'bun:test';
import { createLog } from '../log.ts';
import { expectProblem } from '../testing/expect-problem.ts';
import { openHttpServer } from './http-server.ts';

const settings = { host: '127.0.0.1', port: 0, workers: 1, defaultLocale: 'en' as const };

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
