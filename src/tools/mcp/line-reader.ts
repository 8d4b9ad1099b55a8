// Cuts bytes into lines. Of a line that is too long only its beginning and its end are kept.

export type Line = { isWhole: true; text: string } | { isWhole: false; beginning: string; ending: string };

const LINE_END = 10;
/** The bytes of each side of a line that was too long. */
const SIDE = 300;

/** `push` gives the lines that its bytes complete, without their ends. Bytes that are no UTF-8 become U+FFFD. */
export function createLineReader(longest: number): { push(chunk: Uint8Array): Line[] } {
  let parts: Uint8Array[] = [];
  let length = 0;
  let isTooLong = false;

  function add(bytes: Uint8Array): void {
    if (bytes.byteLength === 0) return;
    length += bytes.byteLength;
    // A copy: the buffer behind it may be used again.
    parts.push(bytes.slice());
    if (length <= longest) return;
    isTooLong = true;
    const all = joined(parts);
    parts = [all.slice(0, SIDE), all.slice(Math.max(SIDE, all.byteLength - SIDE))];
    length = longest + 1;
  }

  function finish(): Line {
    const bytes = joined(parts);
    const decoder = new TextDecoder();
    const line: Line = isTooLong
      ? {
          isWhole: false,
          beginning: decoder.decode(bytes.subarray(0, SIDE)),
          ending: decoder.decode(bytes.subarray(-SIDE)),
        }
      : { isWhole: true, text: decoder.decode(bytes) };
    parts = [];
    length = 0;
    isTooLong = false;
    return line;
  }

  return {
    push(chunk) {
      const lines: Line[] = [];
      let from = 0;
      for (let end = chunk.indexOf(LINE_END); end >= 0; end = chunk.indexOf(LINE_END, from)) {
        add(chunk.subarray(from, end));
        lines.push(finish());
        from = end + 1;
      }
      add(chunk.subarray(from));
      return lines;
    },
  };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.byteLength;
  }
  return all;
}
