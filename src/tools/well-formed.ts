// What came from outside, as it may be stored and sent on: well-formed Unicode without NUL, and not without end.
import { cutText, wellFormed } from '../words/well-formed.ts';

const DEEPEST = 32;

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
