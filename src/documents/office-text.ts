// The text of office files (docx, xlsx, pptx): XML in a ZIP archive.
import { docx, type FileKind, mostCharacters, pptx, xlsx } from './kinds.ts';
import { type XmlPart, xmlParts } from './xml-text.ts';
import { type ZipEntries, zipEntries } from './zip-entries.ts';

export type Office = { mediaType: FileKind; text: string; cut: boolean };

/** Undefined where the archive is none of them. */
export function readOffice(bytes: Uint8Array): Office | undefined {
  const archive = zipEntries(bytes);
  const names = new Set(archive?.entries.map(({ name }) => name));
  if (!archive) return undefined;
  if (names.has('word/document.xml')) return read(archive, docx, wordLines);
  if (names.has('xl/workbook.xml')) return read(archive, xlsx, sheetLines);
  if (names.has('ppt/presentation.xml')) return read(archive, pptx, slideLines);
  return undefined;
}

/** As much as a model is ever given, and no more is looked at. */
function read(
  archive: ZipEntries,
  mediaType: FileKind,
  lines: (archive: ZipEntries) => Iterable<string>,
): Office {
  let text = '';
  let cut = false;
  for (const line of lines(archive)) {
    text += line;
    cut = text.length > mostCharacters;
    if (cut) break;
  }
  return { mediaType, text: text.slice(0, mostCharacters), cut: cut || archive.isCut() };
}

/** Of entries with such a name, in the order of the numbers in their names. */
function* partsOf({ entries }: ZipEntries, name: RegExp): Generator<Generator<XmlPart>> {
  const numbered = entries
    .map((entry) => ({ entry, match: name.exec(entry.name) }))
    .filter(({ match }) => match)
    .sort((a, b) => Number(a.match?.[1] ?? 0) - Number(b.match?.[1] ?? 0));
  for (const { entry } of numbered) yield xmlParts(new TextDecoder().decode(entry.read()));
}

/** Runs of text in elements `t`, and what ends a paragraph or stands for a space. */
function* paragraphs(parts: Iterable<XmlPart>): Generator<string> {
  let inText = false;
  for (const part of parts) {
    if (part.kind === 'text') {
      if (inText) yield part.text;
      continue;
    }
    if (part.name === 't') inText = part.kind === 'open';
    else if (part.name === 'p' && part.kind === 'close') yield '\n';
    else if (part.name === 'br' || part.name === 'cr') yield '\n';
    else if (part.name === 'tab' || (part.name === 'tc' && part.kind === 'close')) yield '\t';
  }
}

function* wordLines(archive: ZipEntries): Generator<string> {
  for (const parts of partsOf(archive, /^word\/document\.xml$/)) yield* paragraphs(parts);
  for (const parts of partsOf(archive, /^word\/(?:footnotes|endnotes|comments)\.xml$/))
    yield* paragraphs(parts);
}

function* slideLines(archive: ZipEntries): Generator<string> {
  let number = 0;
  for (const parts of partsOf(archive, /^ppt\/slides\/slide(\d+)\.xml$/)) {
    yield `[${++number}]\n`;
    yield* paragraphs(parts);
  }
}

/** A line a row, with tabs between its cells; an empty line between sheets. */
function* sheetLines(archive: ZipEntries): Generator<string> {
  const shared = sharedTexts(archive);
  for (const parts of partsOf(archive, /^xl\/worksheets\/sheet(\d+)\.xml$/)) {
    yield* rows(parts, shared);
    yield '\n';
  }
}

function sharedTexts(archive: ZipEntries): string[] {
  const texts: string[] = [];
  for (const parts of partsOf(archive, /^xl\/sharedStrings\.xml$/)) {
    let [text, inText] = ['', false];
    for (const part of parts) {
      if (part.kind === 'text') text += inText ? part.text : '';
      else if (part.name === 't') inText = part.kind === 'open';
      else if (part.name === 'si') {
        if (part.kind !== 'open') texts.push(text);
        text = '';
      }
    }
  }
  return texts;
}

function* rows(parts: Iterable<XmlPart>, shared: readonly string[]): Generator<string> {
  let [value, isValue, isShared, isFirst] = ['', false, false, true];
  for (const part of parts) {
    if (part.kind === 'text') value += isValue ? part.text : '';
    else if (part.name === 'row') {
      if (part.kind !== 'open') yield '\n';
      isFirst = true;
    } else if (part.name === 'c') {
      if (part.kind === 'open') {
        [value, isShared] = ['', /\bt="s"/.test(part.attributes)];
        continue;
      }
      yield (isFirst ? '' : '\t') + (isShared && value !== '' ? (shared[Number(value)] ?? '') : value);
      [value, isFirst] = ['', false];
    } else if (part.name === 'v' || part.name === 't') isValue = part.kind === 'open';
  }
}
