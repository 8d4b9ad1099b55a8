// A server that speaks just enough of PostgreSQL's protocol to let a client in or send it away: for what no real
// server here does. It runs nothing: every query is answered with its version.
import { createServer, type Socket } from 'node:net';

/** What a client that connects to `database` gets. */
export type FakeAnswer = { version: string } | { code: string; message?: string };

export type FakePostgres = {
  url: string;
  /** The SQL it was sent, each after the database it was for: `postgres: select 1`. */
  queries: string[];
  stop: () => void;
};

export async function startFakePostgres(answer: (database: string) => FakeAnswer): Promise<FakePostgres> {
  const queries: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    let session: { database: string; version: string } | undefined;
    socket.on('data', (data) => {
      const chunk = Buffer.from(data);
      if (session) {
        for (const { type, body } of messages(chunk)) {
          if (type === 'P') queries.push(`${session.database}: ${textsOf(body)[1]}`);
          if (type === 'Q') queries.push(`${session.database}: ${textsOf(body)[0]}`);
          if (type === 'S' || type === 'Q') socket.write(row(session.version, type === 'S'));
        }
        return;
      }
      const words = textsOf(chunk.subarray(8));
      const database = words[words.indexOf('database') + 1] ?? '';
      const said = answer(database);
      if ('version' in said) {
        session = { database, version: said.version };
        socket.write(Buffer.concat([message('R', int32(0)), message('Z', 'I')]));
      } else {
        const { code, message: text = 'refused' } = said;
        socket.end(message('E', `SFATAL\0C${code}\0M${text}\0\0`));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  return {
    url: `postgres://me:hunter2@127.0.0.1:${port}/chat`,
    queries,
    stop: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function* messages(chunk: Buffer): Generator<{ type: string; body: Buffer }> {
  for (let at = 0; at + 5 <= chunk.length; ) {
    const end = at + 1 + chunk.readUInt32BE(at + 1);
    yield { type: String.fromCharCode(chunk[at] ?? 0), body: chunk.subarray(at + 5, end) };
    at = end;
  }
}

function textsOf(bytes: Buffer): string[] {
  return bytes.toString('utf8').split('\0');
}

/** One row of one column, `version`; `prepared` is how the extended protocol tells it. */
function row(version: string, prepared: boolean): Buffer {
  const column = Buffer.concat([
    Buffer.from('version\0'),
    int32(0),
    int16(0),
    int32(25),
    int16(-1),
    int32(-1),
    int16(0),
  ]);
  const described = message('T', Buffer.concat([int16(1), column]));
  const value = Buffer.from(version);
  return Buffer.concat([
    ...(prepared ? [message('1', ''), message('t', int16(0)), described, message('2', '')] : [described]),
    message('D', Buffer.concat([int16(1), int32(value.length), value])),
    message('C', 'SELECT 1\0'),
    message('Z', 'I'),
  ]);
}

function message(type: string, body: string | Buffer): Buffer {
  const bytes = Buffer.from(body);
  return Buffer.concat([Buffer.from(type), int32(bytes.length + 4), bytes]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}
