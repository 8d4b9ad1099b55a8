// A session as one page that needs nothing beside it, runs nothing and loads nothing: to read, to print and to keep.
import { Marked, type Tokens } from 'marked';
import type { ExportForm } from './exported.ts';
import { timeOf } from './session-markdown.ts';
import { type Fold, told, words } from './told-message.ts';

export const htmlForm: ExportForm = {
  mediaType: 'text/html',
  begin: ({ name, created_at }, locale) => `<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(name)}</title>
<style>${style}</style>
</head>
<body>
<header><h1 dir="auto">${escaped(name)}</h1><p>${timeOf(created_at)}</p></header>
<main>
`,
  message(entry, locale, previous) {
    const { who, isUser, time, text, folds, files } = told(entry, locale, previous);
    const head =
      who === undefined
        ? ''
        : `<h2 dir="auto">${escaped(who)} <time datetime="${time}">${timeOf(time)}</time></h2>`;
    const names =
      files.length > 0 ? `<p class="files">${words.files[locale]}: ${files.map(escaped).join(', ')}</p>` : '';
    const said =
      text === '' ? '' : `<div class="said" dir="auto">${isUser ? plain(text) : rendered(text)}</div>`;
    return `<article class="${isUser ? 'user' : 'agent'}">${head}${folds.map(folded).join('')}${said}${names}</article>\n`;
  },
  end: '</main>\n</body>\n</html>\n',
};

const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

const plain = (text: string): string => `<div class="plain">${escaped(text)}</div>`;

const folded = ({ title, items }: Fold): string =>
  `<details><summary>${escaped(title)}</summary>${items
    .map(({ name, text }) => `${name === '' ? '' : `<h3>${escaped(name)}</h3>`}<pre>${escaped(text)}</pre>`)
    .join('')}</details>`;

/** HTML in a text is shown as it is written, pictures are links, and links lead to the web or write a mail. */
const markdown = new Marked({
  async: false,
  gfm: true,
  renderer: {
    html: ({ text }: Tokens.HTML | Tokens.Tag) => escaped(text),
    image: ({ href, text }: Tokens.Image) => linked(href, escaped(text || href)),
    link({ href, tokens }: Tokens.Link) {
      return linked(href, this.parser.parseInline(tokens));
    },
  },
});

const linked = (href: string, label: string): string =>
  /^(https?:|mailto:)/i.test(href.trim())
    ? `<a href="${escaped(href.trim())}" rel="noreferrer">${label}</a>`
    : label;

/** Marks in one paragraph, and the depth of lists and quotes, that a parser takes in its stride. */
const mostMarks = 800;
const tooDeep = /^(?:[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t]))){10}/m;

/** What was made to keep a parser busy is shown as it is written. */
function rendered(text: string): string {
  const isTangled =
    tooDeep.test(text) ||
    text.split(/\n[ \t]*\n/).some((part) => (part.match(/[*_~`[\]<$\\@!|]|:\/\//g)?.length ?? 0) > mostMarks);
  return isTangled ? plain(text) : (markdown.parse(text) as string);
}

const style = `
:root { color-scheme: light dark; }
body { font: 16px/1.6 system-ui, sans-serif; max-width: 46rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.5rem; line-height: 1.3; margin: 0; overflow-wrap: anywhere; }
header p, time, .files { color: GrayText; font-size: .85rem; font-weight: normal; }
article { margin: 1.5rem 0 0; overflow-wrap: anywhere; }
article h2 { font-size: 1rem; margin: 0 0 .25rem; }
.user .said { background: color-mix(in srgb, CanvasText 7%, Canvas); border-radius: .75rem; padding: .6rem .9rem; }
.plain { white-space: pre-wrap; }
.said > :first-child { margin-top: 0; } .said > :last-child { margin-bottom: 0; }
pre { background: color-mix(in srgb, CanvasText 7%, Canvas); border-radius: .5rem; padding: .75rem; overflow-x: auto; font-size: .85rem; white-space: pre-wrap; }
code { font-size: .9em; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { border: 1px solid color-mix(in srgb, CanvasText 25%, Canvas); padding: .3rem .6rem; text-align: start; }
blockquote { border-inline-start: 3px solid color-mix(in srgb, CanvasText 25%, Canvas); margin-inline: 0; padding-inline-start: 1rem; }
details { margin: .4rem 0; } summary { cursor: pointer; color: GrayText; } details h3 { font-size: .9rem; margin: .6rem 0 0; }
@media print { body { max-width: none; } article h2 { break-after: avoid; } pre, tr { break-inside: avoid; } details:not([open]) { display: none; } }
`;
