// Splits the thought from a reply whose model writes it as <think>…</think> at the start of its text.

/** A piece of the thought or of the reply; `text` is never empty. */
export type ThoughtPiece = { type: 'thought' | 'content'; text: string };

/** One reply: `push` takes a content delta, `end` gives what was held back for a tag that never came. */
export type ThoughtSplitter = { push(delta: string): ThoughtPiece[]; end(): ThoughtPiece[] };

const OPENINGS = ['<think>', '<thinking>'];
/** A model that writes nothing but whitespace is not listened to for ever: so much of it is text. */
const MOST_HELD = 1024 * 1024;

/** How many characters at the end of `text` may still become `tag`. */
export function beginningOf(tag: string, text: string): number {
  for (let length = Math.min(text.length, tag.length - 1); length > 0; length -= 1) {
    if (tag.startsWith(text.slice(-length))) return length;
  }
  return 0;
}

/**
 * A splitter with a state of its own. Only a tag at the very start of the reply (whitespace aside) opens a
 * thought; any later one is text. The tags, and the whitespace next to them, are all that is dropped; a
 * thought that is never closed stays a thought.
 *
 * @example
 * const splitter = createThoughtSplitter();
 * splitter.push('<think>why</thi'); // [{ type: 'thought', text: 'why' }]
 * splitter.push('nk>\n\nbecause'); // [{ type: 'content', text: 'because' }]
 */
export function createThoughtSplitter(): ThoughtSplitter {
  let state: 'start' | 'opened' | 'thought' | 'closed' | 'content' = 'start';
  let closing = '';
  // Held back: whitespace, which is not looked at again however long it grows, and the beginning of a tag behind it.
  let blank = '';
  let tag = '';
  let lineEnded = false;

  function give(type: ThoughtPiece['type'], text: string): ThoughtPiece[] {
    const whole = blank + text;
    blank = '';
    return whole === '' ? [] : [{ type, text: whole }];
  }

  function hold(type: ThoughtPiece['type'], whitespace: string): ThoughtPiece[] {
    blank += whitespace;
    return blank.length > MOST_HELD ? give(type, '') : [];
  }

  function start(delta: string): ThoughtPiece[] {
    const text = tag === '' ? delta.trimStart() : tag + delta;
    const held = tag === '' ? hold('content', delta.slice(0, delta.length - text.length)) : [];
    const opening = OPENINGS.find((one) => text.startsWith(one));
    if (opening) {
      blank = '';
      tag = '';
      closing = `</${opening.slice(1)}`;
      state = 'opened';
      return opened(text.slice(opening.length));
    }
    tag = OPENINGS.some((one) => one.startsWith(text)) ? text : '';
    if (held.length === 0 && (tag !== '' || text === '')) return [];
    state = 'content';
    return [...held, ...give('content', text)];
  }

  function opened(delta: string): ThoughtPiece[] {
    const text = delta.trimStart();
    if (text === '') return [];
    state = 'thought';
    return thought(text);
  }

  function thought(delta: string): ThoughtPiece[] {
    const text = tag + delta;
    const end = text.indexOf(closing);
    const held = end < 0 ? beginningOf(closing, text) : 0;
    const before = end < 0 ? text.slice(0, text.length - held) : text.slice(0, end);
    const solid = before.trimEnd();
    const pieces = solid === '' ? [] : give('thought', solid);
    tag = text.slice(text.length - held);
    if (end < 0) return [...pieces, ...hold('thought', before.slice(solid.length))];
    blank = '';
    tag = '';
    state = 'closed';
    return [...pieces, ...closed(text.slice(end + closing.length))];
  }

  // Up to the last line break, so that the first line keeps its indentation; without a line break, all.
  function closed(delta: string): ThoughtPiece[] {
    const text = delta.trimStart();
    const whitespace = delta.slice(0, delta.length - text.length);
    const lineEnd = Math.max(whitespace.lastIndexOf('\n'), whitespace.lastIndexOf('\r'));
    if (lineEnd >= 0) blank = '';
    lineEnded ||= lineEnd >= 0;
    const held = lineEnded ? hold('content', whitespace.slice(lineEnd + 1)) : [];
    if (text === '') return held;
    state = 'content';
    return [...held, ...give('content', text)];
  }

  const steps = { start, opened, thought, closed, content: (delta: string) => give('content', delta) };

  return {
    push: (delta) => steps[state](delta),
    end() {
      if (state === 'closed') return [];
      return give(state === 'start' || state === 'content' ? 'content' : 'thought', tag);
    },
  };
}
