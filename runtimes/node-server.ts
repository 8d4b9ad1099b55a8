// Node's HTTP server around an app that speaks the web's own Request and Response.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

type Handler = (request: Request, from: { address?: string | undefined }) => Response | Promise<Response>;

export function nodeServer(fetch: Handler): Server {
  return createServer(async (incoming, outgoing) => {
    try {
      const request = requestOf(incoming, outgoing);
      await send(
        request
          ? await fetch(request, { address: incoming.socket.remoteAddress })
          : new Response(null, { status: 400 }),
        outgoing,
      );
    } catch {
      // What the app could not answer, or an answer in whose middle somebody went away.
      if (outgoing.headersSent) outgoing.destroy();
      else outgoing.writeHead(500).end();
    }
  });
}

/** Undefined where it has no address, or a method that the web's requests cannot have. */
function requestOf(incoming: IncomingMessage, outgoing: ServerResponse): Request | undefined {
  const { method = 'GET', url = '/', rawHeaders } = incoming;
  const address = url.startsWith('/') ? `http://${incoming.headers.host ?? 'localhost'}${url}` : url;
  if (!URL.canParse(address) || /^(CONNECT|TRACE|TRACK)$/i.test(method)) return undefined;
  const headers = new Headers();
  for (let index = 0; index < rawHeaders.length; index += 2)
    headers.append(rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '');
  const leaves = new AbortController();
  outgoing.once('close', () => leaves.abort());
  const body = method === 'GET' || method === 'HEAD' ? null : bodyOf(incoming);
  return new Request(address, { method, headers, signal: leaves.signal, body, ...{ duplex: 'half' } });
}

/** Begins when it is read: a body that nobody has touched is passed over by Node, before the next request. */
function bodyOf(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  let chunks: AsyncIterator<Uint8Array> | undefined;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        // Whoever stops reading still gets an answer, on the same connection.
        chunks ??= incoming.iterator({ destroyOnReturn: false });
        const next = await chunks.next();
        if (next.done) controller.close();
        else controller.enqueue(next.value);
      },
    },
    { highWaterMark: 0 },
  );
}

async function send(response: Response, outgoing: ServerResponse): Promise<void> {
  outgoing.statusCode = response.status;
  for (const [name, value] of response.headers) outgoing.appendHeader(name, value);
  if (!response.body) outgoing.end();
  else await pipeline(Readable.from(response.body), outgoing);
}
