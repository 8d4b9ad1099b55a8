// Reads the body of a model server's answer as chunks of a completion, or says why it cannot be read.

import { reasons } from '../failure-reasons.ts';
import { createEventStreamReader, type StreamItem } from '../reply/event-stream.ts';
import { type FailureContext, streamedFailure, unreadableFailure } from '../server-failures.ts';
import { type CompletionChunk, Misshapen, type ReadChunk, reportedError } from './completion-chunk.ts';

type Context = FailureContext & { readChunk: ReadChunk };

/** The names of events that make a reply: none, as chat completions are sent, or Anthropic's. */
const OURS = /^(message(_start|_delta|_stop)?|content_block_(start|delta|stop))?$/;

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
function toChunk(value: unknown, text: string, context: Context): CompletionChunk {
  const error = reportedError(value);
  if (error !== undefined) throw streamedFailure(error, context);
  try {
    return context.readChunk(value);
  } catch (misshapen) {
    if (!(misshapen instanceof Misshapen)) throw misshapen;
    const what = value === undefined ? 'not JSON' : 'JSON that is no completion';
    throw unreadableFailure(reasons.garbled, `${what}, ${text.length} characters`);
  }
}

type Take = (chunk: CompletionChunk) => void;

function takeEvent(item: Extract<StreamItem, { type: 'event' }>, take: Take, context: Context): void {
  if (item.event === 'error') {
    const [value] = jsonValues(item.data);
    throw streamedFailure(reportedError(value) || value || item.data, context);
  }
  if (item.data.trim() === '') return;
  const values = jsonValues(item.data);
  if (values.includes(undefined) && !OURS.test(item.event)) return;
  for (const value of values) take(toChunk(value, item.data, context));
}

/** Takes a line that is a JSON object by itself, as Ollama streams them; false: it is none. */
function takeLine(line: string, take: Take, context: Context): boolean {
  if (!line.startsWith('{') || !line.endsWith('}')) return false;
  const value = parseJson(line);
  if (value === undefined) return false;
  take(toChunk(value, line, context));
  return true;
}

/** Takes what lines outside of any event amount to: a whole JSON answer, a bare error, or nothing readable. */
function takeStray(lines: string[], onlyStray: boolean, take: Take, context: Context): void {
  const text = lines.join('\n').trim();
  if (text === '') return;
  const values = jsonValues(text);
  const isReadable = !values.includes(undefined);
  if (isReadable) for (const value of values) take(toChunk(value, text, context));
  else if (onlyStray) {
    const reason = text.startsWith('<') ? reasons.webPage : reasons.garbled;
    throw unreadableFailure(reason, `${text.length} characters of no event`);
  }
}

function endlessFailure() {
  return unreadableFailure(reasons.garbled, `over ${MOST_UNREAD} bytes without a whole event`);
}

/**
 * A body being read: `push` gives `take` the chunks that its next bytes complete, `end` what was left. Either throws
 * a ServerFailure in its place, after the chunks before it.
 */
export type CompletionReader = {
  push(bytes: Uint8Array, take: Take): void;
  end(take: Take): void;
  /** Whether the server said that this is all: nothing of what may follow counts. */
  isDone(): boolean;
};

/**
 * A reader of one body: server-sent events up to `[DONE]` or `message_stop`, lines of JSON, or one JSON answer of a
 * server that does not stream.
 * A failure is an error that the server reports, what is no completion, and more than 16 MiB that make no event.
 */
export function createCompletionReader(context: Context): CompletionReader {
  const events = createEventStreamReader();
  const stray: string[] = [];
  let strayLength = 0;
  let onlyStray = true;
  let unread = 0;
  let done = false;

  function read(items: StreamItem[], take: Take): void {
    for (const item of items) {
      if (item.type === 'stray') {
        if (stray.length === 0 && takeLine(item.line, take, context)) {
          unread = 0;
          continue;
        }
        stray.push(item.line);
        strayLength += item.line.length;
        if (strayLength > MOST_UNREAD) throw endlessFailure();
        continue;
      }
      onlyStray = false;
      unread = 0;
      done = item.event === 'message_stop' || (item.event !== 'error' && item.data.trim() === '[DONE]');
      if (done) return;
      takeEvent(item, take, context);
    }
  }

  return {
    push(bytes, take) {
      unread += bytes.length;
      if (unread > MOST_UNREAD) throw endlessFailure();
      read(events.push(bytes), take);
    },
    end(take) {
      if (!done) read(events.end(), take);
      takeStray(stray, onlyStray, take, context);
    },
    isDone: () => done,
  };
}
