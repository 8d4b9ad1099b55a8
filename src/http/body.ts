// Reads request bodies: JSON in UTF-8, up to a size. What comes after may read it without fear.
import type { MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import { HttpProblem } from './problem.ts';
import type { AppEnv } from './router.ts';

const withBody = new Set(['POST', 'PUT', 'PATCH']);

/** How long a body may take to arrive. */
const bodyMs = 60_000;

/** How much of a body that is too large is still taken in, and for how long. */
const discardBytes = 64 * 1024 * 1024;
const discardMs = 2000;

export const jsonBody: MiddlewareHandler<AppEnv> = async (c, next) => {
  // What nothing serves is 404 or 405, whatever its body.
  const served = matchedRoutes(c).some(({ method }) => method !== 'ALL');
  if (!served || !withBody.has(c.req.method)) return next();
  const limit = c.get('parts').settings.maxBodyBytes;
  // Aborted when the caller goes away.
  const { method, signal } = c.req.raw;
  const bytes = await readUpTo(c.req.raw, limit);
  if (bytes.length === 0) {
    // No body is no body, whatever type a client says it has.
    const headers = new Headers(c.req.raw.headers);
    headers.delete('content-type');
    c.req.raw = new Request(c.req.url, { method, headers, signal });
    return next();
  }
  const contentType = c.req.header('content-type') ?? '';
  if (!isJson(contentType)) {
    throw new HttpProblem('unsupported_media_type', { reason: contentType.slice(0, 100) || '—' });
  }
  checkJson(bytes);
  // In one spelling: what comes after compares it by letter.
  const headers = new Headers(c.req.raw.headers);
  headers.set('content-type', 'application/json');
  c.req.raw = new Request(c.req.url, { method, headers, signal, body: bytes });
  return next();
};

/** JSON has one encoding: a `charset` that names another makes it another type. */
function isJson(contentType: string): boolean {
  const [type, ...parameters] = contentType.split(';').map((part) => part.trim().toLowerCase());
  const charset = parameters.find((part) => part.startsWith('charset='))?.slice('charset='.length);
  return type === 'application/json' && (charset === undefined || /^("?)(utf-?8|us-ascii)\1$/.test(charset));
}

const tooLarge = (limit: number) => new HttpProblem('body_too_large', { limit });

async function readUpTo(request: Request, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  if (Number(request.headers.get('content-length') ?? 0) > limit) {
    await discard(request);
    throw tooLarge(limit);
  }
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const chunk of bodyChunks(request)) {
    size += chunk.length;
    if (size > limit) throw tooLarge(limit);
    chunks.push(chunk);
  }
  if (chunks.length === 1 && chunks[0]) return chunks[0];
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

/**
 * Reads on past the limit for a moment, keeping nothing: a caller who is cut off while still sending sees a broken
 * connection instead of the answer that says why.
 */
async function discard(request: Request): Promise<void> {
  const reader = request.body?.getReader();
  if (!reader) return;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<{ done: true }>((resolve) => {
    timer = setTimeout(() => resolve({ done: true }), discardMs);
  });
  try {
    for (let size = 0; size < discardBytes; ) {
      const next = await Promise.race([reader.read(), deadline]);
      if (next.done) return;
      size += next.value.length;
    }
  } catch {
    // The caller is gone; nobody reads the answer.
  } finally {
    clearTimeout(timer);
    reader.cancel().catch(() => {});
  }
}

/** The body as it comes; what takes too long is given up, lest half a request hold its connection for ever. */
async function* bodyChunks(request: Request): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = request.body?.getReader();
  if (!reader) return;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooSlow = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new HttpProblem('body_too_slow', { limit: bodyMs / 1000 })), bodyMs);
  });
  try {
    while (true) {
      const { done, value } = await Promise.race([reader.read(), tooSlow]);
      if (done) return;
      yield value;
    }
  } catch (error) {
    if (error instanceof HttpProblem) throw error;
    // A caller that goes away in the middle, or a broken chunk: no fault of the server's.
    throw new HttpProblem('malformed_json', { reason: 'unexpected end of the body' });
  } finally {
    clearTimeout(timer);
    reader.cancel().catch(() => {});
  }
}

function checkJson(bytes: Uint8Array): void {
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new HttpProblem('malformed_json', {
      reason: error instanceof Error ? error.message : String(error),
    });
  }
}
