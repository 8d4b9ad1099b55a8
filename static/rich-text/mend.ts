// The end of a text that is still being written: closes what is open there and holds back what cannot be told
// yet, so that what is shown does not change its look with every letter.

/** `openMath`: the last formula is not complete. */
export interface Mended {
  source: string;
  openMath: boolean;
}

/** A last line that may become anything: the beginning of a list, a heading, a rule, a fence. */
const undecided =
  /^[ \t>]*(?:[-*+_=#>|`~:]+[ \t]*|\d{1,9}[.)]?[ \t]*|[-*+][ \t]+\[[ xX]?\]?[ \t]*|(?:[-*+]|\d{1,9}[.)])[ \t]+(?:`{1,3}|~{1,3}|[*_]{1,3}|#+[ \t]*|)|(?:`{3}|~{3})[^`]*|>[ \t]*\[!\w*\]?[ \t]*)$/;
const blockStart = /^[ \t]*(?:[-*+>][ \t]|\d{1,9}[.)][ \t]|#{1,6}[ \t]|\|)/;
const delimiterPart = /^[ \t]*\|[ \t:|-]*$/;

/** How a part would go on, if the text ended well. `line`: its last line, so far without a line break. */
export function mend(source: string, line: string): Mended {
  const held = undecided.test(line) && !isRowOfOpenTable(line, source);
  let text = source + (held ? '' : line);
  const table = held && !delimiterPart.test(line) ? undefined : mendTable(text, held ? line : '');
  if (table !== undefined) return { source: table, openMath: false };

  const open = openBlockMath(text);
  if (open !== undefined) {
    const shown = text.trimEnd().replace(/[\\$]$/, '');
    const empty = shown.slice(open.at).trim().length <= 2;
    return { source: empty ? text.slice(0, open.at) : shown + open.closing, openMath: !empty };
  }
  text = withoutHalfLink(text);
  const start = inlineStart(text);
  const inline = mendInline(text.slice(start));
  return { source: text.slice(0, start) + inline.source, openMath: inline.openMath };
}

/** Within a table, a line of strokes and signs is a row. */
function isRowOfOpenTable(line: string, source: string): boolean {
  return line.trimStart().startsWith('|') && /\|[ \t]*:?-+:?[ \t]*(?:\||$)/m.test(source);
}

/** The header of a table, before the line that makes it one is complete. */
function mendTable(text: string, delimiter: string): string | undefined {
  const before = text.replace(/\n$/, '');
  const header = before.slice(before.lastIndexOf('\n') + 1);
  const above = before.slice(0, Math.max(0, before.lastIndexOf('\n')));
  const first = above === '' || /(?:^|\n)[ \t]*$/.test(above) || !/(?:^|\n)[ \t]*\|[^\n]*$/.test(above);
  if (!/^ {0,3}\|.*[^\s|]/.test(header) || !first) return undefined;
  if (delimiter === '' && text.endsWith('\n') && before !== text && delimiterPart.test(header))
    return undefined;
  const row = header.trimEnd().replace(/\\$/, '');
  const closed = row.endsWith('|') ? row : `${mendInline(row).source.trimEnd()} |`;
  const cells = closed.replaceAll('\\|', '').split('|').length - 2;
  const gap = above === '' ? '' : above.endsWith('\n') ? above : `${above}\n\n`;
  return cells < 1 ? undefined : `${gap}${closed}\n${'|-'.repeat(cells)}|\n`;
}

/** The formula with lines of its own that is not closed: where it begins and what closes it. */
function openBlockMath(text: string): { at: number; closing: string } | undefined {
  let open: { at: number; closing: string } | undefined;
  let at = 0;
  for (const line of text.split('\n')) {
    if (open !== undefined) {
      if (line.includes(open.closing)) open = undefined;
    } else {
      const opening = /^[ \t]*(\$\$|\\\[)/.exec(line);
      const closing = opening?.[1] === '$$' ? '$$' : '\\]';
      if (opening && !line.slice(opening[0].length).includes(closing)) open = { at, closing };
    }
    at += line.length + 1;
  }
  return open;
}

/** Where the last paragraph, item or cell begins. */
function inlineStart(text: string): number {
  let at = text.length;
  while (at > 0) {
    const start = text.lastIndexOf('\n', at - 1) + 1;
    const line = text.slice(start, at);
    if (line.trim() === '') return at;
    if (blockStart.test(line)) {
      const cell = /^[ \t]*\|/.test(line) ? line.lastIndexOf('|') + 1 : 0;
      return cell > 0
        ? start + cell
        : start + (/^[ \t]*(?:[-*+>]|\d{1,9}[.)]|#{1,6})[ \t]+/.exec(line)?.[0].length ?? 0);
    }
    if (start === 0) return 0;
    at = start - 1;
  }
  return 0;
}

/** Without a backslash or the beginning of a link or an image at the end, and whitespace among them. */
function withoutHalfLink(text: string): string {
  let end = text.length;
  // From the end on: a regular expression would look at a long run again from each place in it.
  while (/[\\[\s]/.test(text.charAt(end - 1))) end -= text.startsWith('![', end - 2) ? 2 : 1;
  return withoutHalfMark(text.slice(0, end));
}

/** Without the beginning of a tag or of a reference to a note. */
function withoutHalfMark(text: string): string {
  const half = /<\/?[a-z]{0,4}$|\[\^[^\s\]]{0,99}$/i.exec(text.slice(-110));
  return half ? text.slice(0, -half[0].length) : text;
}

function withoutBackquotes(text: string): string {
  let end = text.length;
  while (text[end - 1] === '`') end--;
  return text.slice(0, end);
}

const inlineToken =
  /<\/?(?:kbd|sub|sup|mark)>|\\[([]|\\[\s\S]|`+|\$\$?|!?\[|\]\(?|\*+|_+|~~|[^\\`$![\]*_~<]+|[\s\S]/gi;

/** Closes code, emphasis and formulas, and shows of a half link only its words. */
function mendInline(text: string): Mended {
  const open: { mark: string; at: number }[] = [];
  const brackets: number[] = [];
  inlineToken.lastIndex = 0;
  for (let match = inlineToken.exec(text); match; match = inlineToken.exec(text)) {
    const [mark] = match;
    const at = match.index;
    const after = at + mark.length;
    if (mark.startsWith('`')) {
      const end = endOfCode(text, after, mark);
      if (end === -1) {
        const inside = withoutBackquotes(text.slice(after));
        if (inside.trim() === '') return close(text.slice(0, at), open);
        return close(`${text.slice(0, after)}${inside.trimEnd()}${mark}`, open);
      }
      inlineToken.lastIndex = end;
    } else if (mark.length > 1 && mark[0] === '<') {
      const opens = mark.replace('/', '');
      if (opens === mark) open.push({ mark, at });
      else
        open.splice(
          Math.max(
            0,
            open.findLastIndex((one) => one.mark === opens),
          ) || (open[0]?.mark === opens ? 0 : open.length),
        );
    } else if (mark === '\\(' || mark === '\\[' || mark === '$$') {
      const closing = mark === '$$' ? '$$' : mark === '\\(' ? '\\)' : '\\]';
      const end = text.indexOf(closing, after);
      if (end === -1) {
        const inside = text
          .slice(after)
          .replace(/[\\$]$/, '')
          .trimEnd();
        if (inside === '') return close(text.slice(0, at), open);
        return { source: text.slice(0, after) + inside + closing, openMath: true };
      }
      inlineToken.lastIndex = end + 2;
    } else if (mark === '$') {
      const end = /^(?:\\.|[^$`\\\n])+\$/.exec(text.slice(after));
      if (end) inlineToken.lastIndex = after + end[0].length;
    } else if (mark.endsWith('[')) {
      brackets.push(at);
    } else if (mark === '](' && brackets.length > 0) {
      const start = brackets.pop() ?? 0;
      const end = text.indexOf(')', after);
      if (end !== -1) {
        inlineToken.lastIndex = end + 1;
        continue;
      }
      const image = text[start] === '!';
      const words = text.slice(start + (image ? 2 : 1), at);
      return close(text.slice(0, start) + words, open);
    } else if (mark === ']') {
      brackets.pop();
    } else if (/^(?:\*+|_+|~~)$/.test(mark)) {
      delimiter(open, mark, at, text[at - 1] ?? ' ', text[after] ?? '');
    }
  }
  return close(text, open);
}

function endOfCode(text: string, from: number, mark: string): number {
  for (let at = text.indexOf(mark, from); at !== -1; at = text.indexOf(mark, at)) {
    let end = at;
    while (text[end] === '`') end++;
    if (end - at === mark.length) return end;
    at = end;
  }
  return -1;
}

/** A run of emphasis marks closes what it can, and opens otherwise. */
function delimiter(
  open: { mark: string; at: number }[],
  run: string,
  at: number,
  before: string,
  after: string,
) {
  const wordBefore = /[\p{L}\p{N}]/u.test(before) && run.startsWith('_');
  let left = run;
  if (/\S/.test(before)) {
    while (left !== '') {
      const last = open.at(-1);
      if (last === undefined || last.mark[0] !== left[0] || last.mark.length > left.length) break;
      open.pop();
      left = left.slice(last.mark.length);
    }
  }
  if (left === '' || left.length > 3 || /\s/.test(after) || wordBefore) return;
  open.push({ mark: left, at });
}

/** Adds what closes these marks; marks that nothing follows are left out. */
function close(text: string, open: readonly { mark: string; at: number }[]): Mended {
  let source = text.trimEnd();
  const left = [...open];
  for (let last = left.at(-1); last !== undefined; last = left.at(-1)) {
    if (source.slice(last.at).trimEnd() !== last.mark) break;
    source = source.slice(0, last.at).trimEnd();
    left.pop();
  }
  if (/[^~]~$/.test(source) && left.some(({ mark }) => mark === '~~')) source = source.slice(0, -1);
  return {
    source:
      source +
      left
        .reverse()
        .map(({ mark }) => mark.replace('<', '</'))
        .join(''),
    openMath: false,
  };
}
