// Pages of a list: the link that leads to the next one, and the cursor in it.
import type { Context } from 'hono';
import type { Locale } from '../words/bilingual.ts';
import type { AppEnv } from './router.ts';
import { invalidValue } from './validation.ts';

export function badCursor(locale: Locale) {
  const text = { 'zh-CN': '不是本服务器给出的游标', en: 'is no cursor that this server gave out' };
  return invalidValue(['query', 'cursor'], text, locale);
}

/** The `Link` header that leads on from the page that was asked for, at `path`, by the parameters that say where. */
export function nextLink(
  c: Context<AppEnv>,
  place: { cursor?: string; before?: string; offset?: string },
  path = c.req.path,
): string {
  const { searchParams } = new URL(c.req.url);
  searchParams.delete('offset');
  for (const [name, value] of Object.entries(place)) searchParams.set(name, value);
  return `<${c.get('basePath')}${path}?${searchParams}>; rel="next"`;
}
