// The few tags that are not text within a line: keys, marked words, and what stands above or below the line.
import type { RendererThis, TokenizerAndRendererExtension, Tokens } from 'marked';

const opening = /^<(kbd|sub|sup|mark)>/i;
/** A tag that is not closed within so many characters is text. */
const longest = 2000;

export const inlineTags: TokenizerAndRendererExtension = {
  name: 'tag',
  level: 'inline',
  start: (source) => /<(?:kbd|sub|sup|mark)>/i.exec(source)?.index,
  tokenizer(source) {
    const name = opening.exec(source)?.[1]?.toLowerCase();
    const raw = name && upToItsEnd(source.slice(0, longest), name);
    if (!raw) return undefined;
    const text = raw.slice(name.length + 2, -name.length - 3);
    return { type: 'tag', raw, name, tokens: this.lexer.inlineTokens(text) };
  },
  renderer(this: RendererThis, { name, tokens }: Tokens.Generic) {
    return `<${name}>${this.parser.parseInline(tokens ?? [])}</${name}>`;
  },
};

/** From the tag to the one that closes it, over those of its kind within. */
function upToItsEnd(source: string, name: string): string | undefined {
  let depth = 0;
  for (const { 0: tag, index } of source.matchAll(new RegExp(`</?${name}>`, 'gi'))) {
    depth += tag[1] === '/' ? -1 : 1;
    if (depth === 0) return source.slice(0, index + tag.length);
  }
  return undefined;
}
