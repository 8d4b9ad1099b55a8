// A whole session as a file: Markdown to read, or JSON as the server has it.
import { wholeHistory } from '../api/history.ts';
import { type Message, readMessage } from '../api/wire.ts';
import { download } from '../shell/download.ts';
import { fullTime } from '../shell/time.ts';
import type { Locale, Say } from '../state/settings.ts';

export type ExportFormat = 'md' | 'json';
export type Export = { id: string; name: string; format: ExportFormat; t: Say; locale: Locale };

const types: Record<ExportFormat, string> = { md: 'text/markdown', json: 'application/json' };

export async function exportSession({ id, name, format, t, locale }: Export): Promise<void> {
  const messages: unknown[] = [];
  for await (const page of wholeHistory(id)) messages.push(...page);
  const text =
    format === 'json'
      ? `${JSON.stringify({ id, name, messages }, null, 2)}\n`
      : markdown(name, messages.map(readMessage), t, locale);
  download(fileName(name, format), new Blob([text], { type: `${types[format]};charset=utf-8` }));
}

function markdown(name: string, messages: readonly Message[], t: Say, locale: Locale): string {
  const parts = messages.map(({ role, content, thought, createdAt, model }) => {
    const who = role === 'user' ? t('you') : [t('assistant'), model].filter(Boolean).join(' · ');
    const quoted = thought && `> ${t('thought')}\n>\n${thought.replace(/^/gm, '> ')}\n\n`;
    return `## ${who} · ${fullTime(createdAt, locale)}\n\n${quoted}${content}\n`;
  });
  return `# ${name.replaceAll('\n', ' ')}\n\n${parts.join('\n')}`;
}

/** The name without what file systems refuse. */
const fileName = (name: string, format: ExportFormat): string =>
  `${
    name
      .replace(/[\p{Cc}/\\:*?"<>|\s]+/gu, ' ')
      .trim()
      .slice(0, 80) || 'session'
  }.${format}`;
