// Text made to keep a parser busy: found by counting, before it is parsed.

/** Marks in one paragraph that its emphasis, links and code are made of; more of them cost too much time. */
const mostMarks = 800;
const deepest = 10;

const paragraphEnd = /\n[ \t]*(?:\n|(?=[-*+>#|]|\d{1,9}[.)] ))/;
const marks = /[*_~`]+|[[\]<$\\@!]|www\.|:\/\//g;
const container = /[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t]))/y;
const rule = /^ {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*$/;

/** Whether a part is shown as it is written, because reading it as Markdown would take too long. */
export function isTooTangled(source: string): boolean {
  if (source.length < mostMarks) return false;
  let cost = 0;
  for (const paragraph of source.split(paragraphEnd)) {
    const count = paragraph.match(marks)?.length ?? 0;
    cost += count * count;
  }
  return cost > mostMarks * mostMarks;
}

/** Lists and quotes nested deeper than anybody means go no deeper. */
export function limitNesting(source: string): string {
  return source
    .split('\n')
    .map((line) => {
      container.lastIndex = 0;
      let end = 0;
      for (let depth = 0; depth < deepest; depth++) {
        if (!container.test(line)) return line;
        end = container.lastIndex;
      }
      if (!container.test(line) || rule.test(line)) return line;
      const rest = line.slice(end).trimStart();
      return `${line.slice(0, end)} ${rest.replace(/^(\d*)/, '$1\\')}`;
    })
    .join('\n');
}
