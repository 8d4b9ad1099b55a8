// Splits Markdown, line by line, where one top-level block surely ends and another begins. What is before such
// a place is rendered once and never again, whatever follows. Where it splits depends on the text alone.
import type { Line } from './lines.ts';

/** From this length on, a list or a table goes on in another part. */
const enough = 4000;
/** From this length on, anything does, and from so many lines on: a list is read anew from each of its lines. */
const tooMuch = 8000;
const tooManyLines = 500;
/** Far down a long text, blocks shorter than this are taken together. */
const tooLittle = 2000;
/** What is far down, in characters and in parts. */
const far = 20_000;
const manyParts = 200;
/** Formulas longer than this end at an empty line even if nothing closed them. */
const longestFormula = 4000;
/** Folds within more folds than this, and summaries that are longer, are text. */
const mostFolds = 8;
const longestSummary = 1000;

export interface Blocks {
  /** A part of the text that is complete. `continued`: what is before it was cut for its length. */
  text(source: string, continued: boolean): void;
  codeBegins(info: string): void;
  /** More code; line breaks are in it. */
  code(text: string, ends: boolean): void;
  codeEnds(): void;
  /** What follows is folded until the fold ends. `summary`: Markdown, if it has one. */
  foldBegins(isOpen: boolean, summary: string): void;
  foldEnds(): void;
  /** What follows is the footnote of this name until it ends. */
  noteBegins(name: string): void;
  noteEnds(): void;
}

export interface Splitter {
  line(line: Line): void;
  end(): void;
  /** Ends the part if a line that begins like this cannot belong to it, whatever it goes on with. */
  foresee(start: string): void;
  /** The part that is not complete yet. */
  readonly open: string;
  /** Whether what is before that part was cut for its length. */
  readonly continued: boolean;
  /** Whether the beginning of a line may become what is not shown as text. */
  mayVanish(start: string): boolean;
  /** Whether the beginning of a line may close the code it is in. */
  mayCloseCode(start: string): boolean;
}

interface Fence {
  mark: string;
  indent: number;
  info: string;
}

const fenceLine = /^( *)(`{3,}|~{3,})(.*)$/;
const bullet = /^( *)([-*+]|\d{1,9}[.)])( +|$)/;
const foldOpening = /^ {0,3}<details( open)?>/i;
const foldClosing = /^([^`]*?)<\/details>[ \t]*$/i;
const foldSummary = /^\s*<summary>([\s\S]*?)<\/summary>/i;
const noteOpening = /^ {0,3}\[\^([^\s[\]^]{1,99})\]:[ \t]*/;
const halfOpening =
  /^ {0,3}(?:<\/?(?:d?e?t?a?i?l?s?(?: o?p?e?n?)?|s?u?m?m?a?r?y?)>?[ \t]*|<details(?: open)?>.*|\[\^?[^\s\]]{0,99}(?:\](?::.*)?)?)$/i;
const blockStart = /^ {0,3}(?:#|>|[-*+] |\d{1,9}[.)] )/;
const delimiterRow = /^ {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;

export function createSplitter(blocks: Blocks): Splitter {
  let source = '';
  /** Characters of all lines so far, not counting the one that is being read. */
  let total = 0;
  let parts = 0;
  /** In the part. */
  let lines = 0;
  let continued = false;
  let afterBlank = false;
  let previous = '';
  /** Where the text of the list item begins that the part ends with. */
  let itemText = 0;
  /** Header of the table that the part ends with. */
  let table = '';
  let formula = '';
  /** Code within a list item, which is part of the list. */
  let inner: Fence | undefined;
  /** Code of its own. */
  let fence: Fence | undefined;
  let folds = 0;
  /** The beginning of a fold whose summary is not known yet. */
  let opening: { isOpen: boolean; text: string } | undefined;
  /** Within a footnote, whether the line before is empty. */
  let note: { afterBlank: boolean } | undefined;

  function close(cut: boolean): void {
    if (source.trim() !== '') {
      parts++;
      blocks.text(source, continued);
    }
    source = '';
    lines = 0;
    continued = cut;
    afterBlank = false;
    previous = '';
    itemText = 0;
    formula = '';
    if (!cut) table = '';
  }

  function beginCode(indent: number, mark: string, info: string): void {
    close(false);
    fence = { mark, indent, info };
    blocks.codeBegins(info);
  }

  function codeLine(line: Line, within: Fence): void {
    if (line.starts && line.ends && closes(line.text, within)) {
      fence = undefined;
      blocks.codeEnds();
    } else {
      blocks.code(line.starts ? dedent(line.text, within.indent) : line.text, line.ends);
    }
  }

  /** Whether the part ends before this line. */
  function isBoundary(text: string, indent: number): boolean {
    if (!afterBlank || inner !== undefined || formula !== '') return false;
    if (itemText > 0) return indent === 0 && !bullet.test(text);
    return !(indent >= 4 && /^(?: {4}|\t)/.test(source));
  }

  /** Ends the part, or what of it may go on. */
  function settle(): void {
    const isNear = total <= far && parts <= manyParts;
    if (isNear || source.length >= tooLittle) close(false);
    itemText = 0;
    table = '';
  }

  /** Notes what a line says about the lines after it. */
  function read(text: string, indent: number): void {
    const marked = bullet.exec(text);
    if (marked && inner === undefined && (itemText === 0 ? indent <= 3 : indent < itemText)) {
      const starts = itemText > 0 || previous === '' || /^\D|^1[.)]/.test(marked[2] ?? '');
      if (starts) itemText = marked[3] === '' ? marked[0].length + 1 : Math.min(marked[0].length, indent + 6);
    }
    const code = fenceLine.exec(marked && itemText > 0 ? text.replace(bullet, '') : text);
    if (inner !== undefined) {
      if (closes(text, inner)) inner = undefined;
    } else if (itemText > 0 && code && opensCode(code)) {
      inner = { mark: code[2] ?? '', indent, info: code[3]?.trim() ?? '' };
    }
    if (table !== '' && blockStart.test(text)) table = '';
    if (table === '' && text.includes('|') && previous.includes('|') && delimiterRow.test(text)) {
      table = `${previous}\n${text}\n`;
    }
    const math = /^\s*(?:\$\$|\\\[)/.exec(text)?.[0].trim();
    if (formula !== '') {
      if (text.includes(formula) || source.length > longestFormula) formula = '';
    } else if (math !== undefined) {
      const closing = math === '$$' ? '$$' : '\\]';
      if (!text.trim().slice(2).includes(closing)) formula = closing;
    }
  }

  /** Begins and ends folds; false if the line is no part of that. */
  function takeFold(text: string): boolean {
    const begins = foldOpening.exec(text);
    if (begins && folds < mostFolds) {
      endNote();
      close(false);
      folds++;
      opening = { isOpen: begins[1] !== undefined, text: '' };
      takeSummary(text.slice(begins[0].length));
      return true;
    }
    const ends = folds > 0 ? foldClosing.exec(text) : null;
    if (ends === null) return false;
    if (ends[1]?.trim()) take({ text: ends[1], starts: true, ends: true });
    endNote();
    close(false);
    folds--;
    blocks.foldEnds();
    return true;
  }

  function takeSummary(added: string): void {
    if (opening === undefined) return;
    opening.text += `${added}\n`;
    const { text } = opening;
    const summary = foldSummary.exec(text);
    const mayCome = /^\s*(?:<summary>|$)/i.test(text) && text.length < longestSummary;
    if (summary || !mayCome) beginFold(summary?.[1] ?? '', text.slice(summary?.[0].length ?? 0));
  }

  function beginFold(summary: string, after: string): void {
    if (opening === undefined) return;
    blocks.foldBegins(opening.isOpen, summary.trim());
    opening = undefined;
    if (after.trim() === '') return;
    for (const text of after.trimEnd().split('\n')) take({ text, starts: true, ends: true });
  }

  /** Begins and ends footnotes; the line as it is within one. */
  function withinNote(line: Line): Line {
    if (!line.starts) return line;
    const indent = indentOf(line.text);
    const begins =
      inner === undefined && formula === '' && (note || indent < 4) ? noteOpening.exec(line.text) : null;
    if (begins && (itemText === 0 || indent < itemText)) {
      endNote();
      close(false);
      note = { afterBlank: false };
      blocks.noteBegins(begins[1] ?? '');
      return { ...line, text: line.text.slice(begins[0].length) };
    }
    if (note === undefined) return line;
    const isBlank = line.text.trim() === '';
    if (
      !isBlank &&
      indent < 2 &&
      (note.afterBlank || blockStart.test(line.text) || fenceLine.test(line.text))
    ) {
      endNote();
      return line;
    }
    note.afterBlank = isBlank;
    return { ...line, text: dedent(line.text, 4) };
  }

  function endNote(): void {
    if (note === undefined) return;
    close(false);
    note = undefined;
    blocks.noteEnds();
  }

  function take(given: Line): void {
    if (fence !== undefined) {
      codeLine(note && given.starts ? { ...given, text: dedent(given.text, 4) } : given, fence);
      return;
    }
    if (opening !== undefined) {
      if (given.starts && given.ends) takeSummary(given.text);
      else beginFold('', opening.text);
      if (given.starts && given.ends) return;
    }
    const isFree = inner === undefined && formula === '' && indentOf(given.text) < Math.max(1, itemText || 4);
    if (isFree && given.starts && given.ends && takeFold(given.text)) return;
    const line = withinNote(given);
    const { text } = line;
    const indent = indentOf(text);
    if (line.starts && text.trim() === '') {
      afterBlank ||= source !== '';
      if (formula === '' || source.length > longestFormula) {
        formula = '';
        table = '';
      }
      if (source !== '') source += '\n';
      previous = '';
      return;
    }
    if (line.starts) {
      if (inner !== undefined && indent < itemText && itemText > 0) inner = undefined;
      const code = line.ends ? fenceLine.exec(text) : null;
      const own = code && opensCode(code) && indent <= 3 && (itemText === 0 || indent < itemText);
      if (own && inner === undefined) {
        beginCode(indent, code[2] ?? '', code[3]?.trim() ?? '');
        return;
      }
      if (isBoundary(text, indent)) settle();
      else if (source.length > enough && inner === undefined && formula === '' && isItem(text, indent)) {
        close(true);
      }
    }
    if (source.length > tooMuch || lines > tooManyLines) cut();
    if (fence !== undefined) {
      codeLine(line, fence);
      return;
    }
    if (source === '' && table !== '') source = table;
    if (line.starts) read(text, indent);
    source += line.ends ? `${text}\n` : text;
    lines++;
    afterBlank = false;
    previous = line.ends ? text : '';
  }

  return {
    line(line) {
      take(line);
      total += line.text.length + 1;
    },
    end() {
      if (opening !== undefined) beginFold('', opening.text.replace(/<summary>/i, ''));
      if (fence !== undefined) blocks.codeEnds();
      fence = undefined;
      close(false);
      endNote();
      while (folds-- > 0) blocks.foldEnds();
    },
    get open() {
      return source;
    },
    get continued() {
      return continued;
    },
    foresee(start) {
      if (note?.afterBlank && /^\S/.test(start)) endNote();
      if (/^[^\s\-*+\d]/.test(start) && isBoundary(start, 0)) settle();
    },
    mayVanish: (start) => opening !== undefined || halfOpening.test(start),
    mayCloseCode: (start) => fence !== undefined && start.trim() !== '' && isFencePart(start, fence.mark),
  };

  /** A list may be cut before an item of its own, a table before any row. */
  function isItem(text: string, indent: number): boolean {
    return table !== '' || (itemText > 0 && indent < Math.min(itemText, 2) && bullet.test(text));
  }

  /** Cuts what is too long. Code within a list goes on as code. */
  function cut(): void {
    const within = inner;
    inner = undefined;
    close(true);
    if (within === undefined) return;
    continued = false;
    fence = within;
    blocks.codeBegins(within.info);
  }
}

function opensCode(match: RegExpExecArray): boolean {
  return match[2]?.startsWith('~') === true || match[3]?.includes('`') === false;
}

function closes(text: string, fence: Fence): boolean {
  const bare = text.trim();
  return bare.length >= fence.mark.length && isFencePart(bare, fence.mark);
}

function isFencePart(text: string, mark: string): boolean {
  const bare = text.trim();
  return bare === mark.charAt(0).repeat(bare.length);
}

function indentOf(text: string): number {
  let width = 0;
  for (const character of text) {
    if (character === ' ') width++;
    else if (character === '\t') width += 4 - (width % 4);
    else break;
  }
  return width;
}

function dedent(text: string, indent: number): string {
  let at = 0;
  while (at < indent && text[at] === ' ') at++;
  return text.slice(at);
}
