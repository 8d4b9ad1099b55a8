// Who calls: every request but for a few says so, or is refused here.
import type { Context, MiddlewareHandler } from 'hono';
import { accepts } from 'hono/accepts';
import type { Identified } from '../access/credentials.ts';
import { Failure } from '../chat/failure.ts';
import { nameFault } from '../words/owner-name.ts';
import type { Until } from './event-stream.ts';
import { fromHereAlone } from './origin.ts';
import { type AppEnv, tellLimits } from './router.ts';
import { signInPage } from './routes/service.ts';
import { signInTokens } from './sign-in-cookie.ts';
import { invalidValue } from './validation.ts';

/** What is for everybody: whether the server is well, and the pages that say how to sign in. */
const open =
  /^\/(healthz\/?|shared\/[^/]+\/?|readyz\/?|admin\/?|static\/.*|api\/sign-in(\/.*)?|api\/sign-out\/?)?$/;
/** What is nobody's; all else is nothing for a service that names nobody. */
const ownerless = /^\/(api\/me|docs|openapi\.json)\/?$/;
/** What people open: without a credential it is the page that asks for one. */
const pages = /^\/docs\/?$/;

/** Says it for the rest of the request. */
export const identified: MiddlewareHandler<AppEnv> = async (c, next) => {
  if (open.test(c.req.path)) return next();
  const { access } = c.get('parts');
  const credentials = credentialsOf(c);
  let who: Identified;
  try {
    who = await access.identify(credentials);
  } catch (error) {
    const isUnknown = error instanceof Failure && error.code === 'unauthorized';
    const page = isUnknown && pages.test(c.req.path) && wantsHtml(c) ? await signInPage(c) : undefined;
    if (page === undefined) throw error;
    return page;
  }
  // A browser brings them along with whatever page asks.
  if (who.byCookie || who.way === 'proxy') fromHereAlone(c);
  if (who.owner !== undefined) refuseForAnother(c, who.name);
  c.set('who', who);
  if (who.owner !== undefined) {
    const { address, requestId } = credentials;
    const caller = { ...who, address, requestId };
    c.set('caller', caller);
    await counted(c, who);
    c.set('chat', c.get('parts').chat.for(caller));
  } else {
    await counted(c, who);
    if (!ownerless.test(c.req.path)) throw namesNobody();
  }
  return next();
};

/** What says and sets limits: an admin who has none left may still look, and raise them. */
const uncounted = /^\/api\/(me\/?$|admin(\/|$))/;

async function counted(c: Context<AppEnv>, { owner, key, role }: Identified): Promise<void> {
  if (role === 'admin' && uncounted.test(c.req.path)) return;
  const allowance = await c.get('parts').access.allowance(owner, key);
  c.set('allowance', allowance);
  await allowance.count();
  tellLimits(c);
}

/**
 * A browser has one cookie for all its tabs. So that a page never shows or sends for one owner what is another's, who has
 * signed in since it was opened, it may say with each request whom it speaks for.
 */
function refuseForAnother(c: Context<AppEnv>, owner: string): void {
  const meant = c.req.header('x-signed-in-as');
  if (meant !== undefined && meant !== encodeURIComponent(owner)) throw new Failure('unauthorized');
}
const wantsHtml = (c: Context<AppEnv>): boolean =>
  /^(GET|HEAD)$/.test(c.req.method) &&
  accepts(c, {
    header: 'Accept',
    supports: ['application/json', 'text/html'],
    default: 'application/json',
  }) === 'text/html';

/** Where a request comes from, behind trusted proxies; undefined where the runtime does not say. */
export const addressOf = (c: Context<AppEnv>): string | undefined =>
  c.get('parts').access.addressOf(c.env?.address, c.req.header('x-forwarded-for'));

/** Ends a stream when the key or the sign-in is taken back that it was asked for with. */
export const untilGone =
  (c: Context<AppEnv>): Until =>
  (end) =>
    c.get('parts').access.whileGood(c.get('who'), end);

function credentialsOf(c: Context<AppEnv>) {
  const owner = c.req.header('x-owner');
  return {
    bearer: /^Bearer +(\S+) *$/i.exec(c.req.header('authorization') ?? '')?.[1],
    apiKey: c.req.header('x-api-key'),
    cookies: signInTokens(c),
    owner: owner === undefined ? undefined : () => ownerNamed(owner, c),
    header: (name: string) => {
      const value = c.req.header(name);
      return value && asUtf8(value, c);
    },
    peer: c.env?.address,
    address: addressOf(c),
    requestId: c.get('requestId'),
  };
}

function ownerNamed(header: string, c: Context<AppEnv>): string {
  const name = asUtf8(header, c);
  // A header that comes twice has its values joined so: one of them may be somebody else's than the service's.
  const fault = name.includes(',') ? twice : nameFault(name);
  if (fault === undefined) return name;
  throw invalidValue(['header', 'x-owner'], fault, c.get('locale'));
}

const twice = { 'zh-CN': '含有逗号，或出现了多次', en: 'has a comma, or came more than once' };

/**
 * Header values are bytes, which most runtimes read as Latin-1; names are UTF-8. What is none of that becomes U+FFFD, which no
 * name has. Only the spaces and tabs around a value are not of it.
 */
function asUtf8(header: string, c: Context<AppEnv>): string {
  const value = header.replace(/^[ \t]+/, '').replace(/(?<![ \t])[ \t]+$/, '');
  const codes = [...value].map((character) => character.charCodeAt(0));
  if (c.env?.hasTexts || codes.some((code) => code > 0xff)) return value;
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(codes));
}

const namesNobody = () =>
  new Failure('not_allowed', {
    reason: {
      'zh-CN': 'service 角色的密钥须用请求头 X-Owner 指明代表谁',
      en: 'a key with the role service must say in the header X-Owner whom it speaks for',
    },
  });
