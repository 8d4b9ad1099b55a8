// Markdown (GFM) to HTML, one part of a text at a time. HTML in the text is text, but for a few tags. What it returns still has to
// pass the sanitiser.
import {
  Lexer,
  type Links,
  Marked,
  type MarkedOptions,
  Parser,
  Renderer,
  type RendererThis,
  Tokenizer,
  type Tokens,
} from 'marked';
import { alertOf } from './alerts.ts';
import { withCjkEmphasis } from './cjk-emphasis.ts';
import { codeFrame, escapeHtml, escapeText, mathSlot } from './html.ts';
import { inlineTags } from './inline-tags.ts';
import { imageLink, link } from './links.ts';
import { type MathToken, mathBlock, mathInline } from './math-syntax.ts';
import { type NotesSoFar, noNotes, noteReference, referenceHtml, withNote } from './notes.ts';
import { isTooTangled, limitNesting } from './parse-limits.ts';

/** What the parts of a text tell those after them. */
export interface Context {
  /** Where [reference] links lead. */
  links: Links;
  /** Depths of the headings that the text is under. */
  headings: readonly number[];
  notes: NotesSoFar;
}

export const newContext = (): Context => ({ links: {}, headings: [], notes: noNotes() });

/** The first heading of a text is an h3, below the page's own, and no level is ever left out. */
const firstLevel = 3;

const punctuationOfCjk = /[\u3000-\u303f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65“”‘’…—]/u;

/** HTML stays text, ~one tilde~ strikes nothing, and addresses end at Chinese punctuation. */
class OurTokenizer extends Tokenizer {
  override html(): undefined {}
  override tag(): undefined {}
  override del(source: string, masked: string, before?: string): Tokens.Del | undefined {
    return source.startsWith('~~') ? super.del(source, masked, before) : undefined;
  }
  override url(source: string): Tokens.Link | undefined {
    const end = source.slice(0, 2000).search(punctuationOfCjk);
    return super.url(end === -1 ? source : source.slice(0, end));
  }
}

class OurRenderer extends Renderer {
  headings: readonly number[];
  notes: NotesSoFar;

  constructor({ headings, notes }: Context) {
    super();
    this.headings = headings;
    this.notes = notes;
  }

  note(name: string): string {
    this.notes = withNote(this.notes, name, 1);
    return referenceHtml(this.notes, name);
  }

  override heading({ tokens, depth }: Tokens.Heading): string {
    this.headings = [...this.headings.filter((above) => above < depth), depth];
    const level = Math.min(6, firstLevel - 1 + this.headings.length);
    return `<h${level} class="rt-h${depth}">${this.parser.parseInline(tokens)}</h${level}>\n`;
  }
  /** Text of a list item is always a paragraph, so that it does not jump when an empty line makes it one. */
  override text(token: Tokens.Text | Tokens.Escape): string {
    if (!('tokens' in token && token.tokens)) return escapeText(token.text);
    return `<p>${this.parser.parseInline(token.tokens)}</p>\n`;
  }
  override list({ ordered, start, items }: Tokens.List): string {
    const tag = ordered ? 'ol' : 'ul';
    const from = ordered && start !== 1 && start !== '' ? ` start="${start}"` : '';
    return `<${tag}${from}>\n${items.map((item) => this.listitem(item)).join('')}</${tag}>\n`;
  }
  override listitem({ task, tokens }: Tokens.ListItem): string {
    return `<li${task ? ' class="rt-task"' : ''}>${this.parser.parse(tokens)}</li>\n`;
  }
  override checkbox({ checked }: Tokens.Checkbox): string {
    return checked
      ? '<input type="checkbox" disabled checked data-aria="done"> '
      : '<input type="checkbox" disabled data-aria="notDone"> ';
  }
  override blockquote({ tokens }: Tokens.Blockquote): string {
    const kind = alertOf(tokens);
    const content = this.parser.parse(tokens);
    if (kind === undefined) return `<blockquote>\n${content}</blockquote>\n`;
    const name = `<p class="rt-alert-name" data-label="${kind}"></p>`;
    return `<div class="rt-alert rt-${kind}" role="note">${name}\n${content}</div>\n`;
  }
  override code({ text, lang }: Tokens.Code): string {
    return codeFrame(lang ?? '', text);
  }
  override codespan({ text }: Tokens.Codespan): string {
    return `<code>${escapeHtml(text)}</code>`;
  }
  override table({ header, rows }: Tokens.Table): string {
    const row = (cells: Tokens.TableCell[]) =>
      `<tr>${cells.map((cell) => this.tablecell(cell)).join('')}</tr>\n`;
    return (
      '<div class="rt-table" tabindex="0" role="group" data-aria="table"><table>' +
      `<thead>${row(header)}</thead><tbody>${rows.map(row).join('')}</tbody></table></div><div class="rt-table-bar"></div>\n`
    );
  }
  override tablecell({ header, tokens, align }: Tokens.TableCell): string {
    const tag = header && tokens.length > 0 ? 'th' : 'td';
    const side = align === null ? '' : ` class="rt-${align}"`;
    return `<${tag}${side} dir="auto">${this.parser.parseInline(tokens)}</${tag}>`;
  }
  override link({ href, tokens, text }: Tokens.Link): string {
    return link(href, this.parser.parseInline(tokens), text);
  }
  override image({ href, text }: Tokens.Image): string {
    return imageLink(href, text);
  }
  /** A definition is shown, for links before it cannot use it any more. */
  override def({ tag, href, raw }: Tokens.Def): string {
    const name = /^ {0,3}\[(.*?)\]:/s.exec(raw)?.[1] ?? tag;
    return `<p class="rt-definition">[${escapeHtml(name)}]: ${link(href, escapeHtml(href), href)}</p>\n`;
  }
  override html({ text }: Tokens.HTML | Tokens.Tag): string {
    return escapeHtml(text);
  }
}

const options: MarkedOptions = new Marked({
  gfm: true,
  extensions: [
    { ...mathBlock, renderer: renderMath },
    { ...mathInline },
    inlineTags,
    { ...noteReference, renderer: renderNote },
    {
      name: 'line-break',
      level: 'inline',
      start: (source) => /<br/i.exec(source)?.index,
      tokenizer(source) {
        const raw = /^<br\s*\/?>/i.exec(source)?.[0];
        return raw === undefined ? undefined : { type: 'br', raw };
      },
    },
  ],
}).defaults;

function renderMath(this: RendererThis, token: Tokens.Generic): string {
  const { raw, tex, display } = token as unknown as MathToken;
  return mathSlot(raw.trim(), tex, display);
}

function renderNote(this: RendererThis, { name }: Tokens.Generic): string | false {
  const { renderer } = this.parser;
  return renderer instanceof OurRenderer && renderer.note(name);
}

let inlineRules: Tokenizer['rules']['inline'] | undefined;

/** HTML of one part, and what the parts after it have to know. */
export function markdown(source: string, context: Context): { html: string; context: Context } {
  if (isTooTangled(source)) return { html: plain(source), context };
  try {
    const tokenizer = new OurTokenizer();
    const lexer = new Lexer({ ...options, tokenizer });
    inlineRules ??= withCjkEmphasis(tokenizer.rules.inline);
    tokenizer.rules = { ...tokenizer.rules, inline: inlineRules };
    const links = Object.assign(lexer.tokens.links, context.links);
    const tokens = lexer.lex(limitNesting(source));
    const renderer = new OurRenderer(context);
    const html = new Parser({ ...options, renderer }).parse(tokens);
    return { html, context: { links, headings: renderer.headings, notes: renderer.notes } };
  } catch {
    // Nesting that is deeper than the stack, or a formula or table that the library stumbles over.
    return { html: plain(source), context };
  }
}

function plain(source: string): string {
  return `<p class="rt-plain">${escapeHtml(source.trim())}</p>`;
}
