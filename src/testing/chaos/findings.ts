// What must not have happened: each kind with its cases.

export type Finding = { what: string; cases: string[] };

/** An empty list of cases under a name. */
export function finding(what: string) {
  const cases: string[] = [];
  return {
    what,
    cases,
    add: (sentence: string) => void cases.push(sentence),
  };
}

/** A text as it is shown in a case: its length, and where it differs from the other. */
export function compared(seen: string, stored: string): string {
  let same = 0;
  while (same < seen.length && same < stored.length && seen[same] === stored[same]) same++;
  const from = Math.max(0, same - 15);
  const part = (text: string) => JSON.stringify(text.slice(from, same + 25));
  return `seen ${seen.length} characters, stored ${stored.length}, differing at ${same}: ${part(seen)} / ${part(stored)}`;
}
