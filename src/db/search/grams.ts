// The grams of a text: what the index of the search holds of it. A text that contains another has all its grams.

/** The most characters of what is searched for: so much of a part is in the next one too. */
export const longestSearch = 200;
/** The characters of a text whose grams make one row of the index. */
const partLength = 4096;

/**
 * The grams of what is searched for; none, where an index cannot tell. Every text that contains it, in either case, has a
 * part that has them all; `owner` keeps each owner's apart.
 */
export function gramsOf(owner: string, text: string): number[] {
  return [...gramsIn(characters(text), seedOf(owner))];
}

/** The grams of each part of a text, which overlap. */
export function gramsOfParts(owner: string, text: string): number[][] {
  const all = characters(text);
  const seed = seedOf(owner);
  const parts: number[][] = [];
  for (let at = 0; at === 0 || at < all.length; at += partLength) {
    parts.push([...gramsIn(all.slice(at, at + partLength + longestSearch), seed)]);
  }
  return parts;
}

// Ideographs, kana, hangul, emoji and the like, of which one or two make a word. Of letters it takes three: each pair of
// them is in nearly every text.
const wide = 0x2e80;

/** So many are asked for: each costs as much as there are texts with it, and these few leave hardly a wrong text. */
const mostToFind = 24;

/** Some of the grams that a text has in which `contains` is found, from all over it; none where there are none. */
export function gramsToFind(owner: string, contains: string): number[] {
  const grams = gramsOf(owner, contains);
  const step = Math.max(1, grams.length / mostToFind);
  return grams.filter((_, at) => Math.floor(at / step) !== Math.floor((at - 1) / step)).slice(0, mostToFind);
}

function gramsIn(text: readonly number[], seed: number): Set<number> {
  const grams = new Set<number>();
  for (let at = 0; at < text.length; at++) {
    const [first = 0, second, third] = [text[at], text[at + 1], text[at + 2]];
    const one = mixed(seed, first);
    if (first >= wide) grams.add(finished(one));
    if (second === undefined) break;
    const two = mixed(one, second);
    if (first >= wide || second >= wide) grams.add(finished(two));
    else if (third !== undefined && third < wide) grams.add(finished(mixed(two, third)));
  }
  return grams;
}

// A hash of 32 bits: two grams may share one, and then a text is looked at for nothing.
const mixed = (hash: number, value: number): number => Math.imul(hash ^ value, 0x01000193) ^ (hash >>> 15);

function finished(hash: number): number {
  const once = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return once ^ (once >>> 16);
}

function seedOf(owner: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < owner.length; at++) hash = mixed(hash, owner.charCodeAt(at));
  return hash;
}

/** Code points, those that any locale's upper and lower case bring together being one. */
function characters(text: string): number[] {
  const folded: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const fold = hasNoCase(code) ? code : foldOf(character);
    if (fold !== undefined) folded.push(fold);
  }
  return folded;
}

/** Of most texts every character, but for capital letters. */
const hasNoCase = (code: number): boolean =>
  code < 0x80
    ? code < 0x41 || code > 0x5a
    : (code >= wide && code < 0xa640) || (code >= 0xac00 && code < 0xd800);

const marks = /[\u0300-\u036f\ufeff]/g;

/** A dotted I is an I here, a final sigma a sigma, and an accent, which may stand alone, nothing. */
const foldOf = (character: string): number | undefined =>
  character.toLowerCase().toUpperCase().toLowerCase().normalize('NFD').replace(marks, '').codePointAt(0);
