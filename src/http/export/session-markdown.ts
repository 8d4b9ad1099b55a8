// A session as Markdown, to read and to keep.
import type { ExportForm } from './exported.ts';
import { type Fold, told, words } from './told-message.ts';

export const markdownForm: ExportForm = {
  mediaType: 'text/markdown',
  begin: ({ name, created_at }) => `# ${name.replace(/\s+/g, ' ')}\n\n${timeOf(created_at)}\n`,
  message(entry, locale, previous) {
    const { who, time, text, folds, files } = told(entry, locale, previous);
    const head = who === undefined ? '' : `\n## ${who.replace(/\s+/g, ' ')} · ${timeOf(time)}\n`;
    const names = files.length > 0 ? `\n${words.files[locale]}: ${files.map(inline).join(', ')}\n` : '';
    return `${head}${folds.map(folded).join('')}${text === '' ? '' : `\n${text}\n`}${names}`;
  },
  end: '',
};

/** In UTC, as the rest of the file is the same wherever it is made. */
export const timeOf = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')} UTC`;

function folded({ title, items }: Fold): string {
  const inner = items.map(
    ({ name, text }) => `${name === '' ? '' : `\n${inline(name)}\n`}\n${fenced(text)}\n`,
  );
  return `\n<details><summary>${title.replace(/[&<>\s]+/g, ' ')}</summary>\n${inner.join('')}\n</details>\n`;
}

/** Its fence is longer than any in the text. */
export function fenced(text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
}

function inline(text: string): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  const room = longest > 0 ? ' ' : '';
  return `${fence}${room}${text.replace(/\s+/g, ' ')}${room}${fence}`;
}
