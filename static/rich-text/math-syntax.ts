// Formulas in Markdown: $…$, $$…$$, \(…\) and \[…\]. Prices are not formulas.
import type { TokenizerExtension } from 'marked';

export interface MathToken {
  type: 'math';
  raw: string;
  tex: string;
  display: boolean;
}

/** Formulas longer than this stay text. */
const longest = 4000;

const block = /^ {0,3}(?:\$\$((?:(?!\$\$)[\s\S])+)\$\$|\\\[((?:(?!\\\])[\s\S])+)\\\])[ \t]*(?:\n+|$)/;
const inlineDisplay = /^(?:\$\$((?:\\[\s\S]|[^$`\\])+?)\$\$|\\\[((?:[^\\`]|\\[^\]])+?)\\\])/;
const inline = /^\$((?:\\.|[^$`\\\n])+?)\$|^\\\(((?:[^\\`]|\\[^)])+?)\\\)/;
/** Text that only looks like a formula: “5 per item, or 10”, “5到10”. */
const price = /^\d[\d.,]*(?:\s+[a-z]{2}|\s*\p{Script=Han})/iu;

export const mathBlock: TokenizerExtension = {
  name: 'math',
  level: 'block',
  start: (source) => /\n {0,3}(?:\$\$|\\\[)/.exec(source)?.index,
  tokenizer(source) {
    const match = block.exec(source);
    const tex = match?.[1] ?? match?.[2] ?? '';
    if (!match || tex.trim() === '' || tex.length > longest || tex.includes('```')) return undefined;
    return { type: 'math', raw: match[0], tex: tex.trim(), display: true } satisfies MathToken;
  },
};

export const mathInline: TokenizerExtension = {
  name: 'math-inline',
  level: 'inline',
  start: (source) => /\$|\\[([]/.exec(source)?.index,
  tokenizer(source) {
    const head = source.slice(0, longest);
    const display = inlineDisplay.exec(head);
    const match = display ?? inline.exec(head);
    if (!match) return undefined;
    const tex = match[1] ?? match[2] ?? '';
    if (
      tex.trim() === '' ||
      (match[0].startsWith('$') && !display && !isFormula(tex, source[match[0].length]))
    ) {
      return undefined;
    }
    return { type: 'math', raw: match[0], tex: tex.trim(), display: display !== null } satisfies MathToken;
  },
};

function isFormula(tex: string, after: string | undefined): boolean {
  if (/^\s|\s$/.test(tex) || price.test(tex)) return false;
  return after === undefined || !/[A-Z0-9_{$]/.test(after);
}
