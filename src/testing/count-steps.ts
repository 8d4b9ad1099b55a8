// Counts how many characters a piece of work looks at: what grows with the square of a text shows without a clock.

/** What each method of a string may have to look at, of `text` and its arguments. */
const costs: Record<string, (text: string, given: unknown[], result: unknown) => number> = {
  charCodeAt: () => 1,
  codePointAt: () => 1,
  endsWith: (_, [end]) => lengthOf(end),
  includes: (text) => text.length,
  indexOf: ({ length }, [, from], found) =>
    typeof found === 'number' && found >= 0 ? found - countOf(from) + 1 : length - countOf(from),
  lastIndexOf: ({ length }, [, from = length], found) => Math.min(length, countOf(from)) - countOf(found),
  replaceAll: (text) => text.length,
  slice: (_text, _given, result) => lengthOf(result),
  split: (text) => text.length,
  startsWith: (_, [start]) => lengthOf(start),
  toWellFormed: (text) => text.length,
  trim: (text) => text.length,
  trimEnd: (text) => text.length,
  trimStart: (text) => text.length,
};

const lengthOf = (value: unknown): number => (typeof value === 'string' ? value.length : 0);
const countOf = (value: unknown): number => (typeof value === 'number' ? value : 0);

/** The characters that strings and regular expressions looked at in `run`, which must not wait for anything. */
export function countSteps(run: () => void): number {
  let steps = 0;
  const undo: (() => void)[] = [];
  // biome-ignore lint/suspicious/noExplicitAny: stands in for methods of any shape.
  function replace(prototype: any, name: string, cost: (self: any, given: any[], result: any) => number) {
    const original = prototype[name];
    prototype[name] = function (...given: unknown[]) {
      const before = this.lastIndex;
      const result = original.apply(this, given);
      steps += 1 + cost(typeof this === 'string' ? this : { before, self: this }, given, result);
      return result;
    };
    undo.push(() => {
      prototype[name] = original;
    });
  }
  for (const [name, cost] of Object.entries(costs)) {
    replace(String.prototype, name, (self, given, result) => cost(String(self), given, result));
  }
  // `test`, `match`, `matchAll` and `replace` come to this one.
  replace(RegExp.prototype, 'exec', ({ before, self }, [text], found) => {
    const from = self.global || self.sticky ? before : 0;
    return (found ? found.index + found[0].length : String(text).length) - from;
  });
  try {
    run();
  } finally {
    for (const one of undo) one();
  }
  return steps;
}
