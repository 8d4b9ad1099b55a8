// How many tokens a text costs, about. A tokenizer knows it exactly for one family of models and weighs
// megabytes; a limit that is meant to be kept well clear of needs neither.

/**
 * An estimate: a token for four ASCII letters or spaces, for two ASCII digits or other signs (of which code
 * and tables are full), for any other UTF-16 unit. Prose mostly costs less, a long number may cost twice that.
 */
export function countTokens(text: string): number {
  let quarters = 0;
  for (let i = 0; i < text.length; i++) quarters += quartersOf(text.charCodeAt(i));
  return quarters === 0 ? 0 : Math.max(1, Math.round(quarters / 4));
}

function quartersOf(code: number): number {
  if (code > 0x7f) return 4;
  const letter = (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
  return letter || code <= 0x20 ? 1 : 2;
}
