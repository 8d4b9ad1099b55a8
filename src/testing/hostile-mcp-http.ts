// The hostile MCP server over streamable HTTP, for tests: sessions, answers as JSON or as events, and how they break.
import { createHostile, type HostileMode } from './hostile-mcp.ts';

export type HostileHttp = {
  url: string;
  /** The methods that were called, with their headers. */
  requests: { method: string; rpc: string; headers: Headers }[];
  /** Answers everything with this status from now on; undefined: as before. */
  refuse(status: number | undefined): void;
  /** Forgets all sessions, as one that was started anew. */
  forget(): void;
  /** How many answers and streams of events are open. */
  open(): number;
  stop(): Promise<void>;
};

/** `bodiless`: a call is answered with headers, and nothing after them. `dropping`: where a call's answer is begun and broken off. `status`: what every request is answered with. */
export function startHostileHttp(
  mode: HostileMode = 'plain',
  options: {
    as?: 'json' | 'events';
    dropping?: boolean;
    bodiless?: boolean;
    status?: number;
    location?: string;
    port?: number;
  } = {},
): HostileHttp {
  const { as = 'events', dropping = false, bodiless = false, location, port = 0 } = options;
  let { status } = options;
  const requests: HostileHttp['requests'] = [];
  const sessions = new Set<string>();
  const take = createHostile(mode, () => {});
  const streams = new Set<ReadableStreamDefaultController<Uint8Array>>();
  const encoder = new TextEncoder();

  /** A stream of what `run` sends, and then its end; without `run` it is open until the caller leaves. */
  function events(run?: (send: (message: unknown) => Promise<void>) => Promise<void>): Response {
    let controller: ReadableStreamDefaultController<Uint8Array>;
    const body = new ReadableStream<Uint8Array>({
      async start(made) {
        controller = made;
        streams.add(controller);
        if (!run) return;
        await run(async (message) => {
          if (!streams.has(controller)) return;
          controller.enqueue(encoder.encode(`event: message\ndata: ${JSON.stringify(message)}\n\n`));
        });
        if (streams.delete(controller)) controller.close();
      },
      cancel() {
        streams.delete(controller);
      },
    });
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  }

  const server = Bun.serve({
    port,
    hostname: '127.0.0.1',
    idleTimeout: 0,
    async fetch(request) {
      const { method, headers } = request;
      const text = method === 'POST' ? await request.text() : '';
      const message =
        text === ''
          ? {}
          : (JSON.parse(text) as { id?: unknown; method?: string; params?: { name?: string } });
      requests.push({ method, rpc: message.method ?? '', headers });
      if (status !== undefined) {
        return new Response('private words of the server', { status, headers: location ? { location } : {} });
      }
      const session = headers.get('mcp-session-id') ?? '';
      if (message.method === 'initialize') {
        const id = crypto.randomUUID();
        sessions.add(id);
        const answers: unknown[] = [];
        await take(message, async (answer) => void answers.push(answer));
        return Response.json(answers[0], { headers: { 'mcp-session-id': id } });
      }
      if (!sessions.has(session)) return new Response('no such session', { status: 404 });
      if (method === 'DELETE') {
        sessions.delete(session);
        return new Response(null, { status: 200 });
      }
      if (method === 'GET') return events();
      if (message.id === undefined || message.method === undefined) {
        await take(message, async () => {});
        return new Response(null, { status: 202 });
      }
      if (bodiless && message.method === 'tools/call') return headersAlone();
      if (message.params?.name === 'hang') return events(() => new Promise(() => {}));
      if (message.params?.name === 'die' || dropping) return events(async () => {});
      if (as === 'events') return events((send) => take(message, send));
      const answers: unknown[] = [];
      await take(message, async (answer) => void answers.push(answer));
      return Response.json(answers.findLast((answer) => 'id' in (answer as object)));
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}/mcp`,
    requests,
    refuse: (answer) => {
      status = answer;
    },
    forget: () => sessions.clear(),
    open: () => streams.size,
    stop: () => server.stop(true),
  };
}

/** Begun as JSON, and never gone on with. */
const headersAlone = () =>
  new Response(new ReadableStream({ start: () => {} }), { headers: { 'content-type': 'application/json' } });
