// What an agent may be called: a word that can stand in an address, in a list with commas, and as who says a message.

/** The longest `source` that a message may have. */
const longest = 50;

/** Why an agent may not be called so, as half a sentence; undefined where it may. */
export function nameFault(name: string): string | undefined {
  if (name.length > longest) return `is longer than ${longest} characters`;
  if (!/^[A-Za-z0-9]/.test(name)) return 'does not begin with a letter or digit (A to Z, 0 to 9)';
  if (!/^[\w-]+$/.test(name)) return 'may have only letters (A to Z), digits, _ and -';
  return undefined;
}
