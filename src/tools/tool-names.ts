// Names that every model provider takes, for tools whose servers name them otherwise.

const safe = /^[a-zA-Z0-9_-]{1,64}$/;
const LONGEST = 64;

/**
 * For each wanted name, in order, one that fits `^[a-zA-Z0-9_-]{1,64}$` and that no other has. A name that fits stays; what
 * does not fit is written with `_`, and where that is taken, with a mark made of the name: so it stays the same when others
 * come and go.
 */
export function safeNames(wanted: readonly string[]): string[] {
  const taken = new Set(wanted.filter((name) => safe.test(name)));
  return wanted.map((name) => {
    if (safe.test(name)) return name;
    const plain = name.replaceAll(/[^a-zA-Z0-9_-]/gu, '_').slice(0, LONGEST) || 'tool';
    let fitting = plain;
    for (let tries = 0; taken.has(fitting); tries += 1) {
      const mark = `_${shortHash(`${name}${tries || ''}`)}`;
      fitting = plain.slice(0, LONGEST - mark.length) + mark;
    }
    taken.add(fitting);
    return fitting;
  });
}

/** FNV-1a, as eight hexadecimal digits. */
export function shortHash(text: string): string {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193);
  return (value >>> 0).toString(16).padStart(8, '0');
}
