// Where people reach this server: what a provider is to lead back to, and where the page's cookies count.
import type { Context } from 'hono';
import type { AppEnv } from './router.ts';

/** With the path below which a proxy shows it, and without a slash at its end: `https://example.com/agentchat`. */
export function publicAddress(c: Context<AppEnv>): URL {
  const { publicUrl } = c.get('parts').settings;
  const url = new URL(publicUrl ?? originOf(c));
  if (url.pathname === '/') url.pathname = c.get('basePath');
  return url;
}

/** Only who sent the headers gets the answer, so they need not be believed more than that. */
function originOf(c: Context<AppEnv>): string {
  const asked = new URL(c.req.url);
  const scheme = forwardedScheme(c) ?? asked.protocol;
  const host = c.req.header('host') ?? asked.host;
  const origin = `${scheme}//${host}`;
  return URL.canParse(origin) ? origin : asked.origin;
}

function forwardedScheme(c: Context<AppEnv>): string | undefined {
  const forwarded = c.req.header('x-forwarded-proto')?.split(',')[0]?.trim().toLowerCase();
  return forwarded === 'https' || forwarded === 'http' ? `${forwarded}:` : undefined;
}

/** By which scheme people come to the host that is asked for, as the settings or a trusted proxy say: `https:`. */
export function knownScheme(c: Context<AppEnv>): string | undefined {
  const { access, settings } = c.get('parts');
  const named = settings.publicUrl === undefined ? undefined : new URL(settings.publicUrl);
  if (named && named.host === c.req.header('host')) return named.protocol;
  return access.isTrusted(c.env?.address) ? forwardedScheme(c) : undefined;
}

/** The path in front of the page's own, without a slash at its end; an empty text for none. */
export const publicPath = (address: URL): string => address.pathname.replace(/\/$/, '');
