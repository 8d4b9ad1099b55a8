// What somebody who is not let in can make a real server hold.
import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { testServers } from '../../testing/servers.ts';

const { start, database } = testServers();

const megabyte = Buffer.alloc(1024 * 1024, 32);

/** The memory that a process holds, in MB. */
const heldBy = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

/** Says that so much comes, and sends `megabytes` or until the server hangs up; resolves with what it answered. */
const flood = (port: number, length: number, megabytes: number): Promise<string> =>
  new Promise((resolve) => {
    let answer = '';
    let sent = 0;
    const socket = connect(port, '127.0.0.1', () => {
      socket.write('POST /api/sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n');
      socket.write(`Content-Length: ${length}\r\n\r\n`, more);
    });
    function more(): void {
      if (sent++ < megabytes && !socket.destroyed) socket.write(megabyte, more);
    }
    socket.on('data', (data) => {
      answer += data;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
  });

test.skipIf(process.platform !== 'linux')(
  'bodies that nobody asked for are not held',
  async () => {
    const server = await start({ AUTH: 'keys', ...(await database()) });
    const before = heldBy(server.pid);
    let most = before;
    const watch = setInterval(() => {
      most = Math.max(most, heldBy(server.pid));
    }, 20);
    // Those that were to fit below MAX_BODY_BYTES, and never come to their end.
    const halves = Array.from({ length: 150 }, () => flood(server.port, megabyte.length - 1, 1));
    await Promise.all([...Array.from({ length: 20 }, () => flood(server.port, 1024 ** 3, 24)), ...halves]);
    clearInterval(watch);
    expect(most - before).toBeLessThan(150);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  },
  60_000,
);
