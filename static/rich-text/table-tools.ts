// Tables into spreadsheets: through the clipboard, or as a file (RFC 4180).
import { copyText } from '../shell/copy-text.ts';
import { download } from '../shell/download.ts';
import { sayCopied } from './copy-button.ts';
import { escapeHtml } from './html.ts';
import { toolButton } from './tool-button.ts';

/** What a spreadsheet takes for a formula. */
const formula = /^\s*[=+\-@＝＋－＠]/;
const number = /^[+-]?[\d.,\s]*\d\s?%?$/;

export function tableTools(bar: Element): void {
  const table = bar.previousElementSibling?.querySelector('table');
  if (!table) return;
  bar.append(
    toolButton('copyTable', async (button) => {
      if (await copyRows(rowsFrom(table))) sayCopied(button, 'copyTable');
    }),
    toolButton('saveTable', () => {
      // By its first letter Excel knows that it is UTF-8.
      const text = `\ufeff${csv(rowsFrom(table))}`;
      download('table.csv', new Blob([text], { type: 'text/csv;charset=utf-8' }));
    }),
  );
}

export function csv(rows: readonly string[][]): string {
  const field = (text: string) => (/[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return rows.map((row) => `${row.map(field).join(',')}\r\n`).join('');
}

/** All rows, also those that a long table goes on with in other parts of the text. */
function rowsFrom(table: HTMLTableElement): string[][] {
  const parts = [...(table.closest('.rich-text')?.querySelectorAll('.rt-part') ?? [])];
  let first = parts.findIndex((part) => part.contains(table));
  let last = first;
  const goesOn = (at: number) => parts[at]?.matches('.rt-more:has(> .rt-table:first-child)') === true;
  while (goesOn(first)) first--;
  while (goesOn(last + 1)) last++;
  const tables = parts.slice(first, last + 1).flatMap((part, at, all) => {
    const within = [...part.querySelectorAll('table')];
    return all.length === 1 ? [table] : at === 0 ? within.slice(-1) : within.slice(0, 1);
  });
  return tables.flatMap((one, at) =>
    [...one.rows].slice(at === 0 ? 0 : 1).map((row) => [...row.cells].map(textOf)),
  );
}

function textOf(cell: HTMLTableCellElement): string {
  const copy = cell.cloneNode(true) as HTMLElement;
  for (const line of copy.querySelectorAll('br')) line.replaceWith('\n');
  const text = copy.textContent.trim();
  return formula.test(text) && !number.test(text) ? `'${text}` : text;
}

/** As a table for spreadsheets and documents, and with tabs for everything else. */
async function copyRows(rows: readonly string[][]): Promise<boolean> {
  const cells = (row: readonly string[]) => row.map((text) => `<td>${escapeHtml(text)}</td>`).join('');
  const html = `<table>${rows.map((row) => `<tr>${cells(row)}</tr>`).join('')}</table>`;
  const text = rows.map((row) => row.map((one) => one.replace(/\s+/g, ' ')).join('\t')).join('\n');
  const blob = (type: string, content: string) => new Blob([content], { type });
  try {
    await navigator.clipboard.write([
      new ClipboardItem({ 'text/plain': blob('text/plain', text), 'text/html': blob('text/html', html) }),
    ]);
    return true;
  } catch {
    return copyText(text);
  }
}
