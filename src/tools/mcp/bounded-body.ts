// Bodies that others send: never more of them than is allowed, and never faster than they can be looked at.
import { sleep } from '../../sleep.ts';

/** The whole body as text; `longest` bytes of it at most, `isCut` where there was more. Leaving ends the request. */
export async function readText(
  body: ReadableStream<Uint8Array> | null,
  longest: number,
): Promise<{ text: string; isCut: boolean }> {
  const decoder = new TextDecoder();
  const read: string[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    read.push(decoder.decode(chunk.subarray(0, longest - length), { stream: true }));
    length += chunk.byteLength;
    if (length > longest) break;
  }
  // Half a character at the cut is none.
  const isCut = length > longest;
  return { text: read.join('') + (isCut ? '' : decoder.decode()), isCut };
}

/** How many lines are looked at between two pauses: many small messages would take the whole processor. */
const LINES_AT_ONCE = 200;
const PAUSE_MS = 10;

/** Slows down who reads lines: `await` it with the number of lines that a chunk had. */
export function createPace(): (lines: number) => Promise<void> {
  let since = 0;
  return async (lines) => {
    since += lines;
    if (since < LINES_AT_ONCE) return;
    const pauses = Math.floor(since / LINES_AT_ONCE);
    since %= LINES_AT_ONCE;
    await sleep(pauses * PAUSE_MS);
  };
}

const LINE_END = 10;
const RETURN = 13;

/**
 * A stream that breaks off, after `tooLong` was told, where more than `longest` bytes come without an empty line between
 * them: that is one event of a stream of events, or a whole answer of JSON.
 */
export function boundedMessages(
  body: ReadableStream<Uint8Array>,
  longest: number,
  tooLong: () => void,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const pace = createPace();
  let length = 0;
  let lineIsEmpty = true;
  /** Whether nothing but a return stands there, which belongs to the line's end. */
  const isEmpty = (chunk: Uint8Array, from: number, to: number) =>
    to === from || (to === from + 1 && chunk[from] === RETURN);
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array<ArrayBuffer>>({
      async transform(chunk, controller) {
        let lines = 0;
        let from = 0;
        for (let end = chunk.indexOf(LINE_END); end >= 0; end = chunk.indexOf(LINE_END, from)) {
          length = lineIsEmpty && isEmpty(chunk, from, end) ? 0 : length + end - from;
          lineIsEmpty = true;
          lines += 1;
          from = end + 1;
        }
        length += chunk.byteLength - from;
        lineIsEmpty &&= isEmpty(chunk, from, chunk.byteLength);
        if (length > longest) {
          tooLong();
          throw new Error('a message is too long');
        }
        controller.enqueue(new Uint8Array(chunk));
        await pace(lines);
      },
    }),
  );
}
