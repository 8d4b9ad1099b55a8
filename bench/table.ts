// Tables on the terminal and in Markdown, and the numbers in them.
import type { Goal, Table } from './benchmark.ts';

export const ms = (value: number): string => `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ms`;
export const rate = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)}/s`;
export const ratio = (value: number): string => value.toFixed(2);
export const percent = (share: number): string => `${(share * 100).toFixed(share < 0.1 ? 2 : 1)} %`;
export const megabytes = (bytes: number): string =>
  `${(bytes / 1024 ** 2).toFixed(bytes < 1024 ** 2 * 10 ? 1 : 0)} MB`;
export const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(0)} kB`;

/** For a terminal: columns in line, the first to the left and the others to the right. */
export function plainTable({ title, columns, rows, note }: Table): string {
  const all = [columns, ...rows];
  const widths = columns.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)));
  const line = (row: string[]) =>
    `  ${row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  ')}`;
  return [title, ...all.map(line), ...(note === undefined ? [] : [`  ${note}`])].join('\n');
}

/** The same in Markdown, formatted as Biome formats it. */
export function markdownTable({ title, columns, rows, note }: Table): string {
  const all = [columns, ...rows];
  const widths = columns.map((_, at) => Math.max(3, ...all.map((row) => row[at]?.length ?? 0)));
  const line = (row: string[]) => `| ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  const [head = '', ...body] = all.map(line);
  return [`**${title}**`, '', head, rule, ...body, ...(note === undefined ? [] : ['', note])].join('\n');
}

export const goalsTable = (goals: Goal[]): Table => ({
  title: 'Goals',
  columns: ['what', 'goal', 'measured', 'met'],
  rows: goals.map(({ what, goal, measured, met }) => [what, goal, measured, met ? 'yes' : 'no']),
});
