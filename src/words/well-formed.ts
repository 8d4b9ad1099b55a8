// Text from outside as it may be stored and sent on: well-formed Unicode without NUL, and cut between its letters.

const NUL = String.fromCharCode(0);

/** Without NUL; lone surrogates become U+FFFD. */
export const wellFormed = (text: string): string => text.replaceAll(NUL, '').toWellFormed();

export const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdbff;

/** At most so many UTF-16 units of it, never half a pair. */
export function cutText(text: string, longest: number): string {
  if (text.length <= longest) return text;
  return text.slice(0, isHighSurrogate(text.charCodeAt(longest - 1)) ? longest - 1 : longest);
}
