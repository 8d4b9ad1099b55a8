// Goes through XML as it stands, from the beginning to the end, once: no entity of its own is ever looked up, and what is
// not well-formed is read as far as it goes.

/** A tag, or a text between two. `name` is without its prefix. */
export type XmlPart =
  | { kind: 'open' | 'close' | 'empty'; name: string; attributes: string }
  | { kind: 'text'; text: string };

export function* xmlParts(xml: string): Generator<XmlPart> {
  for (let at = 0; at < xml.length; ) {
    const start = xml.indexOf('<', at);
    const end = start === -1 ? -1 : xml.indexOf('>', start);
    const text = xml.slice(at, start === -1 ? undefined : start);
    if (text) yield { kind: 'text', text: withoutEntities(text) };
    if (end === -1) return;
    const tag = xml.slice(start + 1, end);
    at = end + 1;
    if (/^[?!]/.test(tag)) continue;
    const isClose = tag.startsWith('/');
    const isEmpty = tag.endsWith('/');
    const inner = tag.slice(isClose ? 1 : 0, isEmpty ? -1 : undefined);
    const space = inner.search(/\s/);
    const whole = space === -1 ? inner : inner.slice(0, space);
    const attributes = space === -1 ? '' : inner.slice(space);
    const name = whole.slice(whole.indexOf(':') + 1);
    yield { kind: isClose ? 'close' : isEmpty ? 'empty' : 'open', name, attributes };
  }
}

const named: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function withoutEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(
    /&(?:#(\d{1,7})|#x([\da-fA-F]{1,6})|(\w{2,4}));/g,
    (whole, decimal, hexadecimal, name) => {
      if (name !== undefined) return named[name] ?? whole;
      const code = decimal === undefined ? Number.parseInt(hexadecimal, 16) : Number(decimal);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
    },
  );
}
