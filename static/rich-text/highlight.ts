// Colours for code. The highlighter is loaded with the first code whose language is named.
import { lazy } from './lazy.ts';
import { createRecent } from './recent.ts';
import { sanitize } from './sanitize.ts';

/** Longer code than this is not coloured as a whole. */
const longest = 30_000;

const library = lazy(async () => (await import('./highlight-library.ts')).highlighter);
const plain = new Set(['', 'text', 'txt', 'plain', 'plaintext', 'output', 'log']);
const recent = createRecent<DocumentFragment>(40);

/** Code in colours. `later` is called when what was not yet possible is. */
export function highlight(
  code: string,
  language: string,
  later: () => void,
): DocumentFragment | 'never' | 'not yet' | 'too long' {
  const name = language.toLowerCase();
  if (plain.has(name)) return 'never';
  const highlighter = library.get(later);
  if (highlighter === undefined) return 'not yet';
  if (highlighter.getLanguage(name) === undefined) return 'never';
  if (code.length > longest) return 'too long';
  const nodes = recent(`${name}\n${code}`, () =>
    sanitize(highlighter.highlight(code, { language: name, ignoreIllegals: true }).value),
  );
  return nodes.cloneNode(true) as DocumentFragment;
}
