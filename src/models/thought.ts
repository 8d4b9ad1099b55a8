// Splits the thought from a reply whose model writes it as <think>…</think> at the start of its text.

/** A piece of the thought or of the reply; `text` is never empty. */
export type ThoughtPiece = { type: 'thought' | 'content'; text: string };

/** One reply: `push` takes a content delta, `end` gives what was held back for a tag that never came. */
export type ThoughtSplitter = { push(delta: string): ThoughtPiece[]; end(): ThoughtPiece[] };

const OPENING = /^\s*<(think|thinking)>\s*/;
/** Up to the last newline, so that the first line keeps its indentation; without a newline, all. */
const WHITESPACE_AFTER_CLOSING = /^\s*[\r\n]|^\s+/;

/** Whether `text`, leading whitespace aside, may still become an opening tag. */
function mayOpen(text: string): boolean {
  const start = text.trimStart();
  return '<think>'.startsWith(start) || '<thinking>'.startsWith(start);
}

/** How many characters at the end of `text` may still become `closing`, with the whitespace before it. */
function heldForClosing(text: string, closing: string): number {
  let held = 0;
  for (let length = Math.min(text.length, closing.length - 1); length > 0; length -= 1) {
    if (closing.startsWith(text.slice(-length))) {
      held = length;
      break;
    }
  }
  const before = text.slice(0, text.length - held);
  return held + before.length - before.trimEnd().length;
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
  let buffer = '';

  function take(type: ThoughtPiece['type'], length: number): ThoughtPiece[] {
    const text = buffer.slice(0, length);
    buffer = buffer.slice(length);
    return text === '' ? [] : [{ type, text }];
  }

  function start(): ThoughtPiece[] {
    const opening = OPENING.exec(buffer);
    if (opening) {
      closing = `</${opening[1]}>`;
      buffer = buffer.slice(opening[0].length);
      state = 'opened';
      return opened();
    }
    if (mayOpen(buffer)) return [];
    state = 'content';
    return take('content', buffer.length);
  }

  function opened(): ThoughtPiece[] {
    buffer = buffer.trimStart();
    if (buffer === '') return [];
    state = 'thought';
    return thought();
  }

  function thought(): ThoughtPiece[] {
    const end = buffer.indexOf(closing);
    if (end < 0) return take('thought', buffer.length - heldForClosing(buffer, closing));
    const pieces = take('thought', buffer.slice(0, end).trimEnd().length);
    buffer = buffer.slice(buffer.indexOf(closing) + closing.length);
    state = 'closed';
    return [...pieces, ...closed()];
  }

  function closed(): ThoughtPiece[] {
    if (buffer.trim() === '') return [];
    buffer = buffer.replace(WHITESPACE_AFTER_CLOSING, '');
    state = 'content';
    return take('content', buffer.length);
  }

  const steps = { start, opened, thought, closed, content: () => take('content', buffer.length) };

  return {
    push(delta) {
      buffer += delta;
      return steps[state]();
    },
    end() {
      if (state === 'closed') return [];
      return take(state === 'start' || state === 'content' ? 'content' : 'thought', buffer.length);
    },
  };
}
