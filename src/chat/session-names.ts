// Names of sessions: the beginning of their first message.
import { isBlank } from '../models/reply/blank.ts';

const nameLength = 20;
// One user-perceived character can hold any number of combining marks; a name stays a name.
const longestName = 400;

/** The first 20 user-perceived characters, and `...` where that cut anything; empty for blank text. */
export function nameFrom(text: string): string {
  if (isBlank(text)) return '';
  // What is written in plain letters needs nobody to say where its characters end.
  if (plain.test(text)) return text.length <= nameLength ? text : `${text.slice(0, nameLength)}...`;
  let end = 0;
  let count = 0;
  for (const { index, segment } of segmenter.segment(text.slice(0, longestName * 4))) {
    if (count === nameLength || index + segment.length > longestName) break;
    end = index + segment.length;
    count++;
  }
  if (end === 0) end = longestName;
  return end < text.length ? `${wholeCharacters(text, end)}...` : text;
}

function wholeCharacters(text: string, end: number): string {
  const cutsPair = /[\uD800-\uDBFF]/.test(text.charAt(end - 1)) && /[\uDC00-\uDFFF]/.test(text.charAt(end));
  return text.slice(0, cutsPair ? end - 1 : end);
}

// ASCII without control characters, as far as a name goes and one further: a mark may follow that belongs to the last.
const plain = new RegExp(`^([ -~]{1,${nameLength}}$|[ -~]{${nameLength + 1}})`);

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
