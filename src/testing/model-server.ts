// A scripted model server for tests: an OpenAI-compatible endpoint over raw TCP, so that it can send any
// bytes, be cut at any place and hang. Without a script it echoes the last user message.
import { createServer, type Socket } from 'node:net';
import { z } from 'zod';

/** A request as the server got it; `body` is the parsed JSON. */
export type RecordedRequest = {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: Record<string, unknown>;
};

/**
 * One thing the server does. When a list of steps has no `raw`, `end`, `cut`, `hang`, `endless` or `status`, a finish
 * reason, the usage and `[DONE]` follow by themselves.
 */
export type ModelStep =
  /** A chunk with a piece of the reply, or of reasoning (`reasoning_content`). */
  | { text: string }
  | { thought: string }
  /** A chunk of your own: sent as one `data:` line of JSON. */
  | { chunk: unknown }
  /** Exactly these bytes. */
  | { raw: string | Uint8Array }
  /** Milliseconds, or until this has come. */
  | { wait: number | Promise<void> }
  /** Sends nothing: what happens once all before it is sent. */
  | { call: () => void }
  /** Keeps the connection open and says nothing more. */
  | { hang: true }
  /** Sends these bytes again and again until the client leaves. */
  | { endless: string }
  /** Destroys the connection in the middle of the body. */
  | { cut: true }
  /** Ends the body properly, with nothing more. */
  | { end: true }
  /** Only as the first step: a whole answer of its own, an object as JSON; with steps after it, only its head. */
  | { status: number; headers?: Record<string, string>; body?: unknown };

export type ModelScript = (
  request: RecordedRequest,
  index: number,
) => Response | ModelStep[] | Promise<Response | ModelStep[]>;

export type ModelServer = {
  /** Use it as `base_url`: `http://127.0.0.1:<port>/v1`. */
  url: string;
  requests: RecordedRequest[];
  calls(): number;
  /** How many connections were made; one may carry several requests. */
  connections(): number;
  /** How many answers the client left before they were whole. */
  left(): number;
  stop(): void;
};

const wireMessages = z.array(z.looseObject({ role: z.string(), content: z.unknown() })).catch([]);
const jsonBody = z.record(z.string(), z.unknown()).catch({});

/** Starts a server on a free port. `script` answers each request; the default echoes with usage. */
export function startModelServer(script: ModelScript = echo): ModelServer {
  const requests: RecordedRequest[] = [];
  const sockets = new Set<Socket>();
  let left = 0;
  let connections = 0;

  async function answer(socket: Socket, leaves: Promise<void>, request: RecordedRequest) {
    requests.push(request);
    const answered = await script(request, requests.length - 1);
    const steps = answered instanceof Response ? await responseSteps(answered) : answered;
    if (!(await play(socket, leaves, steps))) left += 1;
  }

  const server = createServer((socket) => {
    sockets.add(socket);
    connections += 1;
    const leaves = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    leaves.then(() => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    readRequests(socket, (request) => answer(socket, leaves, request));
  });
  // On Bun the port is known as soon as this returns.
  server.listen(0, '127.0.0.1');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests,
    calls: () => requests.length,
    connections: () => connections,
    left: () => left,
    stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** The default script: the last user message word by word, and counted words as usage. */
function echo(request: RecordedRequest): ModelStep[] {
  const last = wireMessages.parse(request.body.messages).findLast((message) => message.role === 'user');
  const text = typeof last?.content === 'string' ? last.content : JSON.stringify(last?.content ?? '');
  return (text.match(/\s*\S+\s*/g) ?? [text]).map((word) => ({ text: word }));
}

/** Reads requests with a Content-Length, one after the other, as a kept-alive connection brings them. */
function readRequests(socket: Socket, answer: (request: RecordedRequest) => Promise<void>) {
  let buffered: Uint8Array = new Uint8Array();
  let queue = Promise.resolve();
  socket.on('data', (data: Uint8Array) => {
    buffered = Buffer.concat([buffered, data]);
    for (let parsed = parseRequest(buffered); parsed; parsed = parseRequest(buffered)) {
      const { request, length } = parsed;
      buffered = buffered.subarray(length);
      queue = queue.then(() => answer(request));
    }
  });
}

function parseRequest(bytes: Uint8Array): { request: RecordedRequest; length: number } | undefined {
  const headEnd = Buffer.from(bytes).indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const [start = '', ...lines] = Buffer.from(bytes).toString('latin1', 0, headEnd).split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const length = headEnd + 4 + Number(headers['content-length'] ?? 0);
  if (bytes.length < length) return undefined;
  const [method = '', path = ''] = start.split(' ');
  const text = new TextDecoder().decode(bytes.subarray(headEnd + 4, length));
  return { request: { method, path, headers, body: jsonBody.parse(parseJson(text)) }, length };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function responseSteps(response: Response): Promise<ModelStep[]> {
  const headers = Object.fromEntries(response.headers);
  return [{ status: response.status, headers, body: await response.text() }];
}

/** Sends an answer; false when the client left before it was whole. `leaves` settles when it does. */
async function play(socket: Socket, leaves: Promise<void>, steps: ModelStep[]): Promise<boolean> {
  const [first] = steps;
  if (first && 'status' in first && steps.length === 1) {
    const text = typeof first.body === 'object' ? JSON.stringify(first.body) : String(first.body ?? '');
    const type = typeof first.body === 'object' ? 'application/json' : 'text/plain';
    const headers = {
      'content-type': type,
      ...first.headers,
      'content-length': `${Buffer.byteLength(text)}`,
    };
    socket.write(`${head(first.status, headers)}${text}`);
    return true;
  }
  const answer = first && 'status' in first ? first : { status: 200 };
  const headers = { 'content-type': 'text/event-stream', ...answer.headers, 'transfer-encoding': 'chunked' };
  socket.write(head(answer.status, headers));
  for (const step of [...steps, ...closing(steps)]) {
    if (socket.destroyed) return false;
    if ('cut' in step) {
      // What was written goes out first: the cut comes after it.
      await Bun.sleep(20);
      socket.destroy();
      return true;
    }
    if ('hang' in step) {
      await leaves;
      return false;
    }
    if ('endless' in step) {
      while (!socket.destroyed) {
        const taken = writeChunk(socket, Buffer.from(step.endless));
        await (taken ? Bun.sleep(0) : Promise.race([drained(socket), leaves]));
      }
      return false;
    }
    if ('call' in step) step.call();
    if ('wait' in step) {
      const pause = typeof step.wait === 'number' ? Bun.sleep(step.wait) : step.wait;
      await Promise.race([pause, leaves]);
    }
    writeChunk(socket, stepBytes(step));
  }
  if (socket.destroyed) return false;
  socket.write('0\r\n\r\n');
  return true;
}

function head(status: number, headers: Record<string, string>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Scripted\r\n${lines.join('')}\r\n`;
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('drain', () => resolve()));
}

/** False when the socket's buffer is full. */
function writeChunk(socket: Socket, bytes: Uint8Array): boolean {
  if (bytes.length === 0 || socket.destroyed) return true;
  return socket.write(
    Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]),
  );
}

function stepBytes(step: ModelStep): Uint8Array {
  if ('raw' in step) return typeof step.raw === 'string' ? Buffer.from(step.raw) : step.raw;
  if ('text' in step) return dataLine(choiceChunk({ content: step.text }));
  if ('thought' in step) return dataLine(choiceChunk({ reasoning_content: step.thought }));
  if ('chunk' in step) return dataLine(step.chunk);
  return new Uint8Array();
}

/** A chunk with one choice, as OpenAI sends it. */
export function choiceChunk(delta: Record<string, unknown>, finishReason: string | null = null) {
  return {
    id: 'chatcmpl-scripted',
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason: finishReason }],
  };
}

function dataLine(value: unknown): Uint8Array {
  return Buffer.from(`data: ${JSON.stringify(value)}\n\n`);
}

function closing(steps: ModelStep[]): ModelStep[] {
  if (
    steps.some(
      (step) => 'raw' in step || 'end' in step || 'cut' in step || 'hang' in step || 'endless' in step,
    )
  )
    return [];
  const words = steps.map((step) => ('text' in step ? step.text : '')).join('');
  const completion = words.split(/\s+/).filter((word) => word !== '').length;
  const usage = { prompt_tokens: 1, completion_tokens: completion, total_tokens: completion + 1 };
  return [
    { chunk: choiceChunk({}, 'stop') },
    { chunk: { object: 'chat.completion.chunk', choices: [], usage } },
    { raw: 'data: [DONE]\n\n' },
  ];
}
