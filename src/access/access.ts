// The one who is asked who calls. It reads what a request brings, in the order of `AUTH`, and says who that is, or throws
// a Failure. What they may then do stands at the chat's door.
import { Failure } from '../chat/failure.ts';
import type { Caller, Principal } from '../chat/principal.ts';
import type { AuditEntry } from '../db/access/audit.ts';
import { localOwner } from '../db/owner.ts';
import type { Store } from '../db/store.ts';
import type { Log } from '../log.ts';
import type { Role, Way } from '../words/access.ts';
import type { Bilingual } from '../words/bilingual.ts';
import { callerBehind, type Network, readNetwork } from './addresses.ts';
import { type Admin, createAdmin } from './admin.ts';
import { createAttempts } from './attempts.ts';
import { kept, newest } from './known.ts';
import type { OidcSettings } from './oidc/oidc-settings.ts';
import { createPageSignIn, type PageSignIn, SignInRefused } from './oidc/page-sign-in.ts';
import { createProvider, type ProviderMemory } from './oidc/provider.ts';
import { createTokenWay, looksLikeToken, type TokenWay } from './oidc/tokens.ts';
import { createProxyWay, type ProxySettings } from './proxy.ts';
import { createRequests, type Requests } from './requests.ts';
import { hashOf, keyPattern, tokenPattern } from './secrets.ts';
import { createSignIns, onlyForPeople } from './sign-ins.ts';

/** What a request brings along that may say whose it is. */
export type Credentials = {
  /** Of `Authorization: Bearer …`. */
  bearer: string | undefined;
  /** Of `X-API-Key`. */
  apiKey: string | undefined;
  /** Of the page's cookie. */
  cookie: string | undefined;
  /** Reads `X-Owner`, whom a service speaks for; throws where that names nobody. Undefined without the header. */
  owner: (() => string) | undefined;
  /** What a header says, as text: which of them names an owner is known here. */
  header: (name: string) => string | undefined;
  /** Where the connection comes from; undefined where the runtime does not say. */
  peer: string | undefined;
  /** Where the request comes from, behind proxies that may say so. */
  address: string | undefined;
  requestId: string;
};

/** Who calls: with `owner` whose all is, or a service that names nobody. */
export type Identified = (Principal | (Omit<Principal, 'owner' | 'name'> & { owner: undefined })) & {
  /** The page's cookie says so, which a browser sends along by itself. */
  byCookie?: boolean;
};

export type Access = {
  /** The ways in, in their order. */
  ways: readonly Way[];
  /** Throws a Failure: `unauthorized`, `not_allowed`, `too_many_attempts` or `provider_away`. */
  identify(credentials: Credentials): Promise<Identified>;
  /** What a key that somebody enters on the page is exchanged for: the cookie's value. Throws as `identify` does. */
  signIn(key: string, from: From): Promise<{ who: Principal; token: string }>;
  /** Whatever it was, the cookie's value is good no more. Resolves to how somebody came by it, if it was good. */
  signOut(token: string, from: From): Promise<Way | undefined>;
  /** What an admin looks after. Throws a Failure for others. */
  admin(caller: Caller): Admin;
  /** Counts a request against limits. Throws a Failure: `limit_reached`. */
  count: Requests;
  /** Where a request comes from: its connection, or what trusted proxies say in `X-Forwarded-For`. */
  addressOf(peer: string | undefined, forwardedFor: string | undefined): string | undefined;
  /** The page's sign-in at the provider; undefined where there is none. */
  page?: PageSignIn | undefined;
  /** Signs in who came back from there. Resolves to what their cookie holds; throws SignInRefused. */
  signInAtProvider(back: Parameters<PageSignIn['finish']>[0], from: From): Promise<string>;
};

/** How callers say who they are, and what each way needs. */
export type AccessSettings = {
  ways: readonly Way[];
  /** Owners who are admins by `oidc` and `proxy`. */
  admins?: readonly string[];
  oidc?: OidcSettings | undefined;
  proxy?: ProxySettings | undefined;
  trustedProxies?: readonly string[];
};

/** What an audit says of a request. */
export type From = { address: string | undefined; requestId: string };

/** How long what is known of a key may be old: it is refused within five seconds of being revoked. */
const keptMs = 3000;
const ownersKeptMs = 600_000;

/** Everybody is the same one, whatever a request brings. */
export const everybodyIs = (principal: Principal, store: Store): Access => ({
  ways: ['none'],
  identify: async ({ owner }) => {
    if (owner !== undefined) throw onlyForServices();
    return principal;
  },
  signIn: async () => {
    throw unauthorized();
  },
  signOut: async () => undefined,
  admin: createAdmin(store),
  count: createRequests(store),
  addressOf: (peer) => peer,
  signInAtProvider: async () => {
    throw noProvider();
  },
});

export const local: Principal = { owner: localOwner, name: 'local', role: 'admin', way: 'none' };
/** Whoever says nothing where others say who they are: not to look after those. */
const guest: Principal = { ...local, role: 'member' };

export function createAccess(parts: {
  store: Store;
  log: Log;
  settings: AccessSettings;
  /** What is known of the provider, where that outlives these parts. */
  providerMemory?: ProviderMemory | undefined;
}): Access {
  const { store, log, settings, providerMemory } = parts;
  const { ways, oidc, proxy, admins = [] } = settings;
  const trusted = networksOf(settings.trustedProxies ?? proxy?.from ?? []);
  const proxyWay = proxy && createProxyWay(networksOf(proxy.from), log);
  const provider = oidc && createProvider(oidc.issuer, log, providerMemory);
  const tokenWay = oidc && provider && createTokenWay(oidc, provider, admins);
  const { clientId } = oidc ?? {};
  const page =
    oidc && provider && clientId !== undefined
      ? createPageSignIn({ settings: { ...oidc, clientId }, provider, admins, log })
      : undefined;
  const attempts = createAttempts(log);
  /** The hashes of keys that let somebody in, here, and that nobody has found to be wrong since. */
  const goodKeys = newest(10_000);
  const findKey = kept((hash) => store.keys.find(hash), keptMs);
  const findSignIn = kept((hash) => store.signIns.find(hash), keptMs);
  const signIns = createSignIns(store, findSignIn.forget);
  const ownerNamed = kept((name) => store.owners.named(name), ownersKeptMs);

  /** Whoever tries many that are wrong waits, and is not looked up: but for `isKnown`, what was good before. */
  async function guarded<T>(
    way: Way,
    { address, requestId }: From,
    find: () => Promise<T | undefined>,
    { isKnown = false, action = 'access.refused' } = {},
  ) {
    const wait = isKnown ? undefined : attempts.waitOf(address);
    if (wait !== undefined) throw tooMany(wait);
    const found = await find();
    if (found !== undefined) return found;
    // What is wrong again and again is written down when it begins, and when it has to stop.
    if (attempts.failed(address) || action === 'sign_in.refused')
      await writeDown({ ...refusedEntry(way, address, requestId), action });
    throw way === 'oidc' ? invalidToken() : unauthorized();
  }

  /** Who is refused is refused, whether that can be written down or not. */
  const writeDown = (entry: AuditEntry): Promise<void> =>
    store.audit
      .add(entry)
      .catch((error: unknown) => log.error('what was refused could not be written down', { error }));

  async function byKey(key: string, from: From, action?: string): Promise<Identified> {
    const hash = keyPattern.test(key) ? await hashOf(key) : undefined;
    const find = async (): Promise<Identified | undefined> => {
      const found = hash === undefined ? undefined : await findKey(hash);
      if (hash === undefined || !found || (found.expiresAt && found.expiresAt <= new Date())) {
        if (hash !== undefined) goodKeys.delete(hash);
        return undefined;
      }
      goodKeys.add(hash);
      const { id, owner, ownerName: name, role, agents } = found;
      const rest = { role, way: 'keys' as const, key: id, agents: agents ?? undefined };
      return role === 'service' ? { ...rest, owner: undefined } : { ...rest, owner, name };
    };
    // One wrong key in an office, or behind a proxy that names no addresses, shuts nobody out who was let in before.
    return guarded('keys', from, find, {
      isKnown: hash !== undefined && goodKeys.has(hash),
      ...(action ? { action } : {}),
    });
  }

  const byToken = (token: string, credentials: Credentials, way: TokenWay): Promise<Identified> =>
    guarded('oidc', credentials, async () => {
      const found = await way(token);
      if (!('reason' in found)) return named(found.name, found.role, 'oidc');
      const { address, requestId } = credentials;
      log.info('a token was refused', { reason: found.reason, address, request_id: requestId });
      if (!found.isAttempt) throw invalidToken();
      return undefined;
    });

  const named = async (name: string, role: Role, way: Way): Promise<Principal> => ({
    owner: await ownerNamed(name),
    name,
    role,
    way,
  });

  async function byCookie(token: string): Promise<(Principal & { byCookie: true }) | undefined> {
    const found = tokenPattern.test(token) ? await findSignIn(await hashOf(token)) : undefined;
    if (!found || found.expiresAt <= new Date()) return undefined;
    const { owner, ownerName: name, role, way, key, agents } = found;
    return { owner, name, role, way, key: key ?? undefined, agents: agents ?? undefined, byCookie: true };
  }

  /** The first of the ways that fits the request decides. */
  async function whoCalls(credentials: Credentials): Promise<Identified> {
    const { apiKey, bearer, cookie, peer, header } = credentials;
    const isToken = bearer !== undefined && looksLikeToken(bearer);
    const key = apiKey ?? (isToken ? undefined : bearer);
    const token = bearer?.startsWith('ack_') ? undefined : bearer;
    const saysNothing = apiKey === undefined && bearer === undefined;
    // An old cookie is no attempt at anything.
    const signedIn = cookie !== undefined && saysNothing ? await byCookie(cookie) : undefined;
    for (const way of ways) {
      if (way === 'none') return ways.length === 1 ? local : guest;
      if (way === 'keys' && key !== undefined) return byKey(key, credentials);
      if (way === 'oidc' && tokenWay && token !== undefined) return byToken(token, credentials, tokenWay);
      const owner = way === 'proxy' && proxy && proxyWay?.(peer, header(proxy.header));
      if (owner) return named(owner, admins.includes(owner) ? 'admin' : 'member', 'proxy');
      if (signedIn?.way === way) return signedIn;
    }
    throw unauthorized();
  }

  return {
    ways,
    page,
    addressOf: (peer, forwardedFor) => callerBehind(peer, forwardedFor, trusted),
    admin: createAdmin(store),
    count: createRequests(store),

    signIn: async (key, from) => {
      if (!ways.includes('keys')) throw unauthorized();
      const who = await byKey(key, from, 'sign_in.refused');
      if (who.owner === undefined) throw onlyForPeople();
      return { who, token: await signIns.begin({ ...who, ...from }) };
    },

    signOut: async (token, from) => {
      const who = await byCookie(token);
      if (who) await signIns.end(token, { ...who, ...from });
      return who?.way;
    },

    signInAtProvider: async (back, from) => {
      if (page === undefined) throw noProvider();
      if (attempts.waitOf(from.address) !== undefined)
        throw new SignInRefused('too_many_attempts', 'too many that were wrong came from there');
      const { name, role } = await page.finish(back).catch(async (error: unknown) => {
        // A provider that is away, and somebody who thinks better of it, have tried nothing.
        const isAttempt = error instanceof SignInRefused && !/away|denied/.test(error.code);
        if (isAttempt && attempts.failed(from.address))
          await writeDown(refusedEntry('oidc', from.address, from.requestId));
        throw error;
      });
      return signIns.begin({ ...(await named(name, role, 'oidc')), ...from });
    },

    identify: async (credentials) => {
      const who = await whoCalls(credentials);
      if (credentials.owner === undefined) return who;
      if (who.role !== 'service') throw onlyForServices();
      const name = credentials.owner();
      return { ...who, owner: await ownerNamed(name), name };
    },
  };
}

const networksOf = (texts: readonly string[]): Network[] =>
  texts.map(readNetwork).filter((network) => network !== undefined);

const refusedEntry = (way: Way, address: string | undefined, requestId: string): AuditEntry => ({
  owner: null,
  actor: null,
  way,
  key: null,
  action: 'access.refused',
  target: null,
  address: address ?? null,
  requestId,
});

const unauthorized = () => new Failure('unauthorized');
const invalidToken = () => new Failure('unauthorized', { challenge: 'invalid_token' });
const noProvider = () => new SignInRefused('provider_failed', 'there is no provider');
const tooMany = (seconds: number) => new Failure('too_many_attempts', { retry_after: seconds });
const notAllowed = (reason: Bilingual) => new Failure('not_allowed', { reason });
const onlyForServices = () =>
  notAllowed({
    'zh-CN': '只有 service 角色的密钥可以用 X-Owner 代表他人',
    en: 'only a key with the role service may speak for others with X-Owner',
  });
