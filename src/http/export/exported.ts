// A session as a file: what each form of it is made of.
import type { HistoryEntry } from '../../chat/history.ts';
import type { Locale } from '../../words/bilingual.ts';

export type ExportedSession = { name: string; created_at: string };

/** Writes a session's file, piece by piece. */
export type ExportForm = {
  mediaType: string;
  begin(session: ExportedSession, locale: Locale): string;
  /** `previous`: undefined for the first. */
  message(entry: HistoryEntry, locale: Locale, previous: HistoryEntry | undefined): string;
  end: string;
};

/** Pieces of text, of which none is larger than a page of history makes it. */
export async function* exported(
  form: ExportForm,
  session: ExportedSession,
  pages: AsyncIterable<HistoryEntry[]>,
  locale: Locale,
): AsyncGenerator<string> {
  yield form.begin(session, locale);
  let previous: HistoryEntry | undefined;
  for await (const page of pages) {
    const texts: string[] = [];
    for (const entry of page) {
      texts.push(form.message(entry, locale, previous));
      previous = entry;
    }
    yield texts.join('');
  }
  yield form.end;
}

/** The session's name as one that file systems take. */
export function fileNameOf({ name }: ExportedSession, extension: string): string {
  const plain = name.replace(/[\p{Cc}\p{Cf}/\\:*?"<>|\s]+/gu, ' ').replace(/^[. ]+/, '');
  return `${[...plain].slice(0, 80).join('').trim() || 'session'}.${extension}`;
}
