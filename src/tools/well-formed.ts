// What came from outside, as it may be stored and sent on: well-formed Unicode without NUL, and not without end.

const NUL = String.fromCharCode(0);
const DEEPEST = 32;

/** Without NUL and lone surrogates. */
export function wellFormed(text: string): string {
  return text.replaceAll(NUL, '').toWellFormed();
}

/** At most so many UTF-16 units of it, never half a pair. */
export function cutText(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const last = text.charCodeAt(longest - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? longest - 1 : longest);
}

/** One line for a name or a sentence: well-formed, cut, with `…` where it was. */
export function shortText(text: string, longest: number): string {
  const clean = wellFormed(cutText(text, longest + 1));
  return clean.length <= longest ? clean : `${cutText(clean, longest - 1)}…`;
}

/** A JSON value with every text in it well-formed; undefined where it is nested deeper than anybody means it. */
export function wellFormedJson(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return wellFormed(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEEPEST) return undefined;
  if (Array.isArray(value)) return value.map((item) => wellFormedJson(item, depth + 1) ?? null);
  const clean: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value)) {
    if (name !== '__proto__') clean[wellFormed(name)] = wellFormedJson(item, depth + 1);
  }
  return clean;
}
