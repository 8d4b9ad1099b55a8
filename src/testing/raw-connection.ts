// One connection to a server over which requests go one after the other, as they are written.
import { connect } from 'node:net';

export type RawAnswer = { status: number; headers: Headers; body: string };

export type RawConnection = {
  /** Sends these, and gives the answer; rejects where the connection ends before it is whole. */
  ask(head: string, ...body: (string | Uint8Array)[]): Promise<RawAnswer>;
  isOpen(): boolean;
  close(): void;
};

/** `head` is the request line and what headers it needs besides Host. */
export async function openRaw(port: number): Promise<RawConnection> {
  const socket = connect(port, '127.0.0.1');
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  let received = Buffer.alloc(0);
  let open = true;
  let wake = () => {};
  socket.on('data', (data: Uint8Array) => {
    received = Buffer.concat([received, data]);
    wake();
  });
  const end = () => {
    open = false;
    wake();
  };
  socket.on('error', end).on('end', end).on('close', end);

  async function more(): Promise<void> {
    if (!open) throw new Error(`the connection ended after: ${received.toString('latin1')}`);
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }

  /** Waits for so many bytes, or for what ends with `end`, and takes them. */
  async function take(wanted: number | string): Promise<string> {
    for (;;) {
      const found = typeof wanted === 'number' ? wanted : received.indexOf(wanted);
      const length = typeof wanted === 'number' ? wanted : found + wanted.length;
      if (found >= 0 && received.length >= length) {
        const taken = received.toString('latin1', 0, length);
        received = received.subarray(length);
        return taken;
      }
      await more();
    }
  }

  async function chunks(): Promise<string> {
    let text = '';
    for (;;) {
      const length = Number.parseInt(await take('\r\n'), 16);
      text += (await take(length + 2)).slice(0, length);
      if (length === 0) return text;
    }
  }

  return {
    async ask(head, ...body) {
      socket.write(`${head}\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
      for (const part of body) socket.write(part);
      const [start = '', ...lines] = (await take('\r\n\r\n')).trim().split('\r\n');
      const headers = new Headers(
        lines.map((line): [string, string] => [line.split(':')[0] ?? '', line.replace(/^[^:]*:\s*/, '')]),
      );
      const isChunked = headers.get('transfer-encoding') === 'chunked';
      const text = await (isChunked ? chunks() : take(Number(headers.get('content-length') ?? 0)));
      return {
        status: Number(start.split(' ')[1]),
        headers,
        body: Buffer.from(text, 'latin1').toString('utf8'),
      };
    },
    isOpen: () => open,
    close: () => socket.destroy(),
  };
}
