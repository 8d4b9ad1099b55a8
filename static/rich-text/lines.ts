// Cuts text that arrives in pieces into lines. A line that is too long is cut further, and where it is cut
// depends on the text alone, never on how it arrived.

/** Characters a line may have before it is cut. */
const longest = 2000;
/** How far back from there a space is looked for. */
const slack = 200;

export interface Line {
  /** Without its line break. */
  text: string;
  /** It begins where a line of the text begins. */
  starts: boolean;
  /** It ends where a line of the text ends. */
  ends: boolean;
}

export interface LineReader {
  push(piece: string): void;
  /** The next line that is complete; undefined if there is none yet. */
  next(): Line | undefined;
  /** What is there of the line that is not complete. */
  rest(): Line;
  /** After the last piece: the line that nothing ended, if there is one. */
  last(): Line | undefined;
}

export function createLineReader(): LineReader {
  let text = '';
  let at = 0;
  let searched = 0;
  let starts = true;
  let carriageReturn = false;

  function take(length: number, ends: boolean): Line {
    const line = { text: text.slice(at, at + length), starts, ends };
    at += length + (ends ? 1 : 0);
    searched = Math.max(searched, at);
    starts = ends;
    return line;
  }

  return {
    push(piece) {
      let added = carriageReturn ? `\r${piece}` : piece;
      carriageReturn = added.endsWith('\r');
      if (carriageReturn) added = added.slice(0, -1);
      text = text.slice(at) + added.replace(/\r\n?/g, '\n').replaceAll('\0', '\ufffd');
      searched -= at;
      at = 0;
    },
    next() {
      const end = text.indexOf('\n', searched);
      if (end !== -1 && end - at <= longest) return take(end - at, true);
      // What was searched is not searched again for each part of a long line.
      searched = end === -1 ? text.length : end;
      return text.length - at > longest ? take(cutLength(text, at), false) : undefined;
    },
    rest: () => ({ text: text.slice(at), starts, ends: false }),
    last() {
      if (carriageReturn) {
        carriageReturn = false;
        text += '\n';
        return this.next();
      }
      return at < text.length ? take(text.length - at, true) : undefined;
    },
  };
}

/** Where a line that is too long is cut: behind a space if there is one near, and never within a character. */
function cutLength(text: string, at: number): number {
  const end = at + longest;
  const space = text.lastIndexOf(' ', end - 1);
  if (space >= end - slack) return space + 1 - at;
  const code = text.charCodeAt(end - 1);
  return code >= 0xd800 && code < 0xdc00 ? longest - 1 : longest;
}
