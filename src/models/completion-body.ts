// Reads the body of a model server's answer as chunks of a completion, or says why it cannot be read.
import { type CompletionChunk, chunkError, completionChunk } from './completion-chunk.ts';
import { readEventStream, type StreamItem } from './event-stream.ts';
import { reasons } from './failure-reasons.ts';
import { type Redact, streamedFailure, unreadableFailure } from './server-failures.ts';

type Context = { model: string; redact: Redact };

/** The most bytes that are kept of what is no whole event, and the most characters outside of any event. */
const MOST_UNREAD = 16 * 1024 * 1024;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** One text as JSON values: all of it, or line by line where a server left out the blank lines. */
function jsonValues(text: string): unknown[] {
  const whole = parseJson(text);
  if (whole !== undefined) return Array.isArray(whole) ? whole : [whole];
  return text.split('\n').map(parseJson);
}

/** The chunk in a JSON value; throws a ServerFailure if it is none, or reports an error. */
function toChunk(value: unknown, found: string, context: Context): CompletionChunk {
  const chunk = completionChunk.safeParse(value);
  if (!chunk.success) throw unreadableFailure(reasons.garbled, found, context.redact);
  if (chunkError(chunk.data) !== undefined) throw streamedFailure(chunkError(chunk.data), context);
  if (chunk.data.choices?.some((choice) => choice.finish_reason === 'error')) {
    throw streamedFailure('finish_reason: error', context);
  }
  return chunk.data;
}

function eventChunks(item: Extract<StreamItem, { type: 'event' }>, context: Context): CompletionChunk[] {
  if (item.event === 'error') {
    const [value] = jsonValues(item.data);
    const chunk = completionChunk.safeParse(value);
    throw streamedFailure((chunk.success && chunkError(chunk.data)) || value || item.data, context);
  }
  if (item.data.trim() === '') return [];
  const values = jsonValues(item.data);
  const ours = item.event === '' || item.event === 'message';
  if (!ours && values.includes(undefined)) return [];
  return values.map((value) => toChunk(value, item.data, context));
}

/** What lines outside of any event amount to: a whole JSON answer, a bare error, or nothing readable. */
function strayChunks(lines: string[], onlyStray: boolean, context: Context): CompletionChunk[] {
  const text = lines.join('\n').trim();
  if (text === '') return [];
  const values = jsonValues(text);
  if (!values.includes(undefined)) return values.map((value) => toChunk(value, text, context));
  if (!onlyStray) return [];
  throw unreadableFailure(text.startsWith('<') ? reasons.webPage : reasons.garbled, text, context.redact);
}

function endlessFailure({ redact }: Context) {
  return unreadableFailure(reasons.garbled, `over ${MOST_UNREAD} bytes without a whole event`, redact);
}

/**
 * The chunks of a body: server-sent events up to `[DONE]`, or one JSON answer of a server that does not
 * stream. Throws a ServerFailure for an error the server reports, for what is no completion, and for more than
 * 16 MiB that make no event; an error of `bytes` passes through.
 */
export async function* readCompletionBody(
  bytes: AsyncIterable<Uint8Array>,
  context: Context,
): AsyncGenerator<CompletionChunk> {
  const stray: string[] = [];
  let strayLength = 0;
  let onlyStray = true;
  let unread = 0;

  async function* bounded() {
    for await (const chunk of bytes) {
      unread += chunk.length;
      if (unread > MOST_UNREAD) throw endlessFailure(context);
      yield chunk;
    }
  }

  for await (const item of readEventStream(bounded())) {
    if (item.type === 'stray') {
      stray.push(item.line);
      strayLength += item.line.length;
      if (strayLength > MOST_UNREAD) throw endlessFailure(context);
      continue;
    }
    onlyStray = false;
    unread = 0;
    if (item.event !== 'error' && item.data.trim() === '[DONE]') break;
    yield* eventChunks(item, context);
  }
  yield* strayChunks(stray, onlyStray, context);
}
