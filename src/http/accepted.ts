// What a caller takes: the names in an `Accept-…` header, each with its weight. One pass, whatever the header holds.

export type Accepted = { name: string; weight: number };

/** In lower case and in the header's order; 1 is the weight of a name that has none, and 0 a refusal. */
export function accepted(header: string): Accepted[] {
  return header.split(',').map((part) => {
    const [name = '', ...parameters] = part.toLowerCase().split(';');
    const weight = parameters.map((text) => /^q=([\d.]+)$/.exec(text.trim())?.[1]).find(Boolean);
    return { name: name.trim(), weight: weight === undefined ? 1 : Number(weight) };
  });
}
