// Pages of a list: the link that leads to the next one, and the cursor in it.
import type { Locale } from './locale.ts';
import { invalidValue } from './validation.ts';

export function badCursor(locale: Locale) {
  const text = { 'zh-CN': '不是本服务器给出的游标', en: 'is no cursor that this server gave out' };
  return invalidValue(['query', 'cursor'], text, locale);
}

/** The `Link` header that leads on from the page at `url`, by the parameters that say where. */
export function nextLink(url: string, place: { cursor?: string; before?: string; offset?: string }): string {
  const { pathname, searchParams } = new URL(url);
  searchParams.delete('offset');
  for (const [name, value] of Object.entries(place)) searchParams.set(name, value);
  return `<${pathname}?${searchParams}>; rel="next"`;
}

/** What an answer of pages documents of it. */
export const linkHeader = { Link: { schema: { type: 'string' as const } } };
