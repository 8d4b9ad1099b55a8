// Cleans streamed text: surrogate pairs cut between deltas are joined, lone surrogates become U+FFFD, NUL goes.
import { isHighSurrogate } from '../words/well-formed.ts';

/** One stream of text: `push` gives what can be shown now, `end` what was held back. Either may be ''. */
export type TextCleaner = { push(delta: string): string; end(): string };

const NUL = String.fromCharCode(0);

/**
 * A cleaner with a state of its own. What it gives is always well-formed Unicode without NUL.
 *
 * @example
 * const cleaner = createTextCleaner();
 * cleaner.push('\ud83d'); // ''
 * cleaner.push('\ude00'); // '😀'
 */
export function createTextCleaner(): TextCleaner {
  let held = '';
  return {
    push(delta) {
      if (delta === '') return '';
      // NUL goes first, so that one between the halves of a pair does not keep them apart.
      const text = held + delta.replaceAll(NUL, '');
      held = isHighSurrogate(text.charCodeAt(text.length - 1)) ? text.slice(-1) : '';
      return text.slice(0, text.length - held.length).toWellFormed();
    },
    end() {
      const rest = held.toWellFormed();
      held = '';
      return rest;
    },
  };
}

/** One escape of JSON: a whole pair, NUL, half a pair, or any other. */
const ESCAPE = /\\(?:u(?:d[89ab][\da-f]{2}\\ud[c-f][\da-f]{2}|(0000)|(d[89a-f][\da-f]{2}))|[\s\S])/gi;

/** JSON text whose escapes are cleaned in the same way: what is parsed of it has neither NUL nor half a pair. */
export function wellFormedJson(text: string): string {
  return text.replace(ESCAPE, (one, nul, half) => (nul ? '' : half ? '\\ufffd' : one));
}
