// The model server, a process of its own. How it answers is in the path before `/chat/completions`:
// `/at-once/v1`, `/paced/PER_SECOND/COUNT/v1`, `/silent/v1` (which never says anything).
import { createHttpReader, type Message } from './http-reader.ts';
import { completeAnswer, pieceChunk, streamClosing, streamedAnswer, streamHead } from './model-answers.ts';
import { pacedPiece, tagLength, tagOf, wallMs } from './protocol.ts';
import { serveRole } from './role.ts';
import { createSocketWriter, type SocketWriter } from './socket-writer.ts';

type Paced = { client: SocketWriter; count: number; sent: number; began: number; gapMs: number };

const paced = new Set<Paced>();
const slots = 10;
let slot = 0;

const server = Bun.listen<{ client: SocketWriter; read: (bytes: Buffer) => void }>({
  hostname: '127.0.0.1',
  port: 0,
  socket: {
    open(socket) {
      const client = createSocketWriter(socket);
      socket.data = { client, read: createHttpReader((message) => answer(client, message)) };
    },
    data: (socket, bytes) => socket.data.read(bytes),
    drain: (socket) => socket.data.client.drain(),
    close(socket) {
      for (const stream of paced) if (stream.client === socket.data.client) paced.delete(stream);
    },
    error() {},
  },
});

function answer(client: SocketWriter, { head, body }: Message): void {
  const [, mode = '', ...given] = head.slice(0, head.indexOf('/v1/')).split(' ')[1]?.split('/') ?? [];
  if (mode === 'silent') {
    client.write(streamHead);
  } else if (mode === 'paced') {
    const [perSecond = 50, count = 100] = given.map(Number);
    client.write(streamHead);
    // Streams that come together must not speak all at the same moment.
    const gapMs = 1000 / perSecond;
    const began = performance.now() + (gapMs * slot++) / slots;
    slot %= slots;
    paced.add({ client, count, sent: 0, began, gapMs });
  } else {
    // The last question in the body: the conversation comes before it, and nothing with a tag after it.
    const at = body.lastIndexOf('#') + 1;
    const tag = at === 0 ? tagOf(0) : body.toString('latin1', at, at + tagLength);
    client.write(body.includes('"stream":true') ? streamedAnswer(tag) : completeAnswer(tag));
  }
}

setInterval(() => {
  const now = performance.now();
  for (const stream of paced) {
    let bytes = '';
    for (; stream.sent < stream.count && stream.began + stream.sent * stream.gapMs <= now; stream.sent++) {
      bytes += pieceChunk(pacedPiece(stream.sent, wallMs()));
    }
    if (stream.sent === stream.count) {
      paced.delete(stream);
      bytes += streamClosing;
    }
    if (bytes !== '') stream.client.write(bytes);
  }
}, 2);

serveRole(async () => undefined, { port: server.port });
