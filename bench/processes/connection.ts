// One kept-alive connection of the load generator: raw bytes, so that it costs next to nothing.
import { createSocketWriter, type SocketWriter } from './socket-writer.ts';

export type Connection = { write(bytes: string): void; end(): void };

/** Connects; `onBytes` gets what comes, `onEnd` is called when the other side has closed. */
export async function connect(
  port: number,
  onBytes: (bytes: Buffer) => void,
  onEnd: () => void,
): Promise<Connection> {
  const socket = await Bun.connect<{ writer?: SocketWriter }>({
    hostname: '127.0.0.1',
    port,
    socket: {
      data: (_, bytes) => onBytes(bytes),
      drain: (drained) => drained.data.writer?.drain(),
      close: onEnd,
      error: onEnd,
    },
    data: {},
  });
  const writer = createSocketWriter(socket);
  socket.data.writer = writer;
  return { write: writer.write, end: () => socket.end() };
}

/** A request as bytes. A body makes it a POST. `header` is one more, as it is written: `name: value`. */
export function request(
  port: number,
  path: string,
  body?: unknown,
  accept = 'application/json',
  header = '',
): string {
  const head = `host: 127.0.0.1:${port}\r\naccept: ${accept}\r\n${header && `${header}\r\n`}`;
  if (body === undefined) return `GET ${path} HTTP/1.1\r\n${head}\r\n`;
  const text = JSON.stringify(body);
  return `POST ${path} HTTP/1.1\r\n${head}content-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
}
