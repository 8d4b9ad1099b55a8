// The forms that a session is written in, by their names in a query.
import type { ExportForm } from './exported.ts';
import { jsonForm } from './session-json.ts';
import { markdownForm } from './session-markdown.ts';

/** What reads Markdown is loaded for whoever asks for it. */
export async function formOf(format: 'json' | 'md' | 'html'): Promise<ExportForm> {
  if (format === 'json') return jsonForm;
  if (format === 'md') return markdownForm;
  return (await import('./session-html.ts')).htmlForm;
}
