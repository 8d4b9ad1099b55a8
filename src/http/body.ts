// Reads request bodies: JSON in UTF-8, up to a size. What comes after may read it without fear.
import type { Context, MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import { HttpProblem } from './problem.ts';
import type { AppEnv } from './router.ts';

const withBody = new Set(['POST', 'PUT', 'PATCH']);

/** How long a body may take to arrive. */
const bodyMs = 60_000;

/** How much may be sent by whom nobody has let in: a key, to sign in with. */
const strangersBytes = 4096;

/** How much of a body that is too large is still taken in, of somebody who was let in, and for how long. */
const discardBytes = 64 * 1024 * 1024;
const discardMs = 2000;

export const jsonBody: MiddlewareHandler<AppEnv> = async (c, next) => {
  // What nothing serves is 404 or 405, whatever its body.
  // Files are read as they come, by who takes them.
  if (!withBody.has(c.req.method) || !isServed(c) || bringsFile(c)) return next();
  const { maxBodyBytes } = c.get('parts').settings;
  const isStranger = c.get('who') === undefined;
  const limit = isStranger
    ? Math.min(maxBodyBytes, strangersBytes)
    : maxBodyBytes * (bringsState(c) ? stateFactor : 1);
  const bytes = await readUpTo(c.req.raw, limit, !isStranger);
  const contentType = c.req.header('content-type') ?? '';
  if (bytes.length === 0) {
    // No body is no body, whatever type a client says it has.
    if (contentType !== '' || c.req.raw.body !== null) setContentType(c, null);
  } else if (contentType !== 'application/json') {
    if (!isJson(contentType)) {
      throw new HttpProblem('unsupported_media_type', { reason: contentType.slice(0, 100) || '—' });
    }
    // In one spelling: what comes after compares it by letter.
    setContentType(c, 'application/json');
  }
  // It has been read, and is parsed once: whoever asks for it gets this.
  if (bytes.length > 0) {
    const value = parsed(bytes);
    Object.assign(c.req, { json: async () => value });
  }
  return next();
};

/** How much larger a body may be that brings a whole conversation, with its images. */
const stateFactor = 16;

const bringsState = (c: Context): boolean =>
  c.req.method === 'POST' && /^\/api\/sessions\/?$/.test(c.req.path);

const bringsFile = (c: Context<AppEnv>): boolean => /^\/api\/files\/?$/.test(c.req.path);

const isServed = (c: Context): boolean => matchedRoutes(c).some(({ method }) => method !== 'ALL');

function setContentType(c: Context, type: string | null): void {
  const { url, method, headers: sent, signal } = c.req.raw;
  const headers = new Headers(sent);
  if (type === null) headers.delete('content-type');
  else headers.set('content-type', type);
  // The signal is aborted when the caller goes away.
  c.req.raw = new Request(url, { method, headers, signal });
}

/** JSON has one encoding: a `charset` that names another makes it another type. */
function isJson(contentType: string): boolean {
  const [type, ...parameters] = contentType.split(';').map((part) => part.trim().toLowerCase());
  const charset = parameters.find((part) => part.startsWith('charset='))?.slice('charset='.length);
  return type === 'application/json' && (charset === undefined || /^("?)(utf-?8|us-ascii)\1$/.test(charset));
}

// What is left of the body would keep the connection: the next request on it would come behind that, or never.
const closing = { headers: { Connection: 'close' } };
export const tooLarge = (limit: number) => new HttpProblem('body_too_large', { limit }, closing);
export const tooSlow = (ms = bodyMs) => new HttpProblem('body_too_slow', { limit: ms / 1000 }, closing);
/** A caller that goes away in the middle, or a broken chunk: no fault of the server's. */
export const cutShort = () => new HttpProblem('malformed_body', {}, closing);

/**
 * The whole body; one that takes too long is given up, lest half a request hold its connection for ever. `readsOn`: where
 * it is too large, until its caller is likely to hear why.
 */
async function readUpTo(request: Request, limit: number, readsOn: boolean): Promise<Uint8Array<ArrayBuffer>> {
  const told = request.headers.get('content-length');
  // Where no length was told, there may be no end.
  const isLarge = Number(told) > limit;
  const reader = told === null || isLarge ? request.body?.getReader() : undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooSlow()), bodyMs);
  });
  try {
    if (isLarge) throw tooLarge(limit);
    return await Promise.race([reader ? readToEnd(reader, limit) : request.bytes(), late]);
  } catch (error) {
    const isTooLarge = error instanceof HttpProblem && error.code === 'body_too_large';
    if (reader && isTooLarge && readsOn) await discard(reader);
    if (error instanceof HttpProblem) throw error;
    // A caller that goes away in the middle, or a broken chunk: no fault of the server's.
    throw new HttpProblem('malformed_json', { reason: 'unexpected end of the body' });
  } finally {
    clearTimeout(timer);
  }
}

async function readToEnd(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  limit: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    size += next.value.length;
    if (size > limit) throw tooLarge(limit);
    chunks.push(next.value);
  }
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
export async function discard(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
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
  }
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new HttpProblem('malformed_json', {
      reason: error instanceof Error ? error.message : String(error),
    });
  }
}
