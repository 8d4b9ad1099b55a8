// Puts the tables of a run into docs/performance.md, between markers: a run of one benchmark replaces only its own.
import { readFile, writeFile } from 'node:fs/promises';
import type { Outcome } from './benchmark.ts';
import { goalsTable, markdownTable } from './table.ts';

/** Replaces what stands between `<!-- bench:NAME -->` and `<!-- /bench:NAME -->`. */
export async function writeDocs(path: string, parts: Record<string, string>): Promise<void> {
  let page = await readFile(path, 'utf8');
  for (const [name, text] of Object.entries(parts)) {
    const open = `<!-- bench:${name} -->`;
    const close = `<!-- /bench:${name} -->`;
    const from = page.indexOf(open);
    const to = page.indexOf(close);
    if (from < 0 || to < from) throw new Error(`${path} has no place for ${name}: ${open} … ${close}`);
    page = `${page.slice(0, from + open.length)}\n\n${text}\n\n${page.slice(to)}`;
  }
  await writeFile(path, page);
}

/** A benchmark's outcome as Markdown; `measured` is a line on when and where. */
export function markdownOf({ tables, goals, texts = [] }: Outcome, measured: string): string {
  const all = [...tables, ...(goals.length > 0 ? [goalsTable(goals)] : [])];
  return [
    ...all.map(markdownTable),
    ...texts.map(({ title, text }) => `**${title}**\n\n\`\`\`\n${text}\n\`\`\``),
    measured,
  ].join('\n\n');
}
