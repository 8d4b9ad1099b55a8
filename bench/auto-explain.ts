// The plans that PostgreSQL really used, as its own auto_explain writes them to its log.
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { onDatabase } from './stand.ts';

export type Plan = { query: string; plan: string };

/** Explains every statement of connections that are opened to the database from now on. */
export async function explainAll(url: string): Promise<void> {
  const name = new URL(url).pathname.slice(1);
  const settings = {
    session_preload_libraries: 'auto_explain',
    'auto_explain.log_min_duration': '0',
    'auto_explain.log_analyze': 'on',
    'auto_explain.log_buffers': 'on',
  };
  await onDatabase(url, async (client) => {
    for (const [setting, value] of Object.entries(settings)) {
      await client.unsafe(`alter database "${name}" set ${setting} = '${value}'`);
    }
  });
}

/** The plans in the log of the server, oldest first. */
export async function readPlans(url: string): Promise<Plan[]> {
  const [row] = await onDatabase(url, (client) => client`show data_directory`);
  const log = await readFile(join(dirname(String(row?.data_directory)), 'postgres.log'), 'utf8');
  // An entry is one line with its time, and lines that begin with a tab.
  return [...log.matchAll(/ {2}plan:\n((?:\t.*\n)+)/g)].flatMap(([, text = '']) => {
    const lines = text.replace(/^\t/gm, '').trimEnd().split('\n');
    const first = lines.findIndex((line) => line.includes('  (cost='));
    if (first < 1) return [];
    const query = lines
      .slice(0, first)
      .join(' ')
      .replace(/^Query Text: /, '')
      .replace(/\s+/g, ' ')
      .trim();
    return [{ query, plan: lines.slice(first).join('\n') }];
  });
}
