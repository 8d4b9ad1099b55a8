// Quotes that are notes and warnings, as GitHub writes them: `> [!NOTE]` on a line of its own, and the text below.
import type { Token } from 'marked';

const kinds = /^\[!(note|tip|important|warning|caution)\][ \t]*(?:\n|$)/i;

/** What kind of alert a quote is, whose first line is then taken from it; undefined if it is a quote. */
export function alertOf(tokens: Token[]): string | undefined {
  const [first] = tokens;
  const inline = first?.type === 'paragraph' ? first.tokens : undefined;
  const words = inline?.[0];
  if (!inline || words?.type !== 'text') return undefined;
  const ownLine = inline[1]?.type === 'br' ? `${words.raw}\n` : words.raw;
  const mark = (inline.length === 1 || ownLine.includes('\n') ? kinds : /^$/).exec(ownLine);
  if (mark === null) return undefined;
  if (inline[1]?.type === 'br') inline.splice(0, 2);
  else if (words.raw.length <= mark[0].length) inline.shift();
  else inline[0] = { ...words, text: words.raw.slice(mark[0].length), raw: words.raw.slice(mark[0].length) };
  if (inline.length === 0) tokens.shift();
  return mark[1]?.toLowerCase();
}
