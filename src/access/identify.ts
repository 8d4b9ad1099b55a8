// Says who calls: reads what a request brings, in the order of `AUTH`.
import { Failure } from '../chat/failure.ts';
import type { Principal } from '../chat/principal.ts';
import { localOwner } from '../db/owner.ts';
import type { Store } from '../db/store.ts';
import type { Log } from '../log.ts';
import { localName, type Role, type Way } from '../words/access.ts';
import type { Credentials, From, Identified } from './credentials.ts';
import { kept, newest } from './known.ts';
import { looksLikeToken, type TokenWay } from './oidc/tokens.ts';
import type { ProxyWay } from './proxy.ts';
import type { Refusals } from './refusals.ts';
import { hashOf, keyPattern, tokenPattern } from './secrets.ts';

/** How long what is known of a key may be old: it is refused within five seconds of being revoked. */
const keptMs = 3000;
const ownersKeptMs = 600_000;

export const local: Principal = { owner: localOwner, name: localName, role: 'admin', way: 'none' };
/** Whoever says nothing where others say who they are: not to look after those. */
const guest: Principal = { ...local, role: 'member' };

export type Identify = ReturnType<typeof createIdentify>;

export function createIdentify(parts: {
  store: Store;
  log: Log;
  refusals: Refusals;
  ways: readonly Way[];
  /** Owners who are admins by `oidc` and `proxy`. */
  admins: readonly string[];
  tokenWay: TokenWay | undefined;
  proxyWay: ProxyWay | undefined;
}) {
  const { store, log, refusals, ways, admins, tokenWay, proxyWay } = parts;
  /** The hashes of keys and cookies that let somebody in, here, and that nobody has found to be wrong since. */
  const good = newest<true>();
  /** Those of cookies that let nobody in: they never will. */
  const strange = newest<true>();
  /** Each is hashed in another thread, which costs more than all else that is done to know who has it. */
  const hashed = kept(hashOf, keptMs);
  const findKey = kept((hash) => store.keys.find(hash), keptMs);
  const findSignIn = kept((hash) => store.signIns.find(hash), keptMs);
  const ownerNamed = kept((name) => store.owners.named(name), ownersKeptMs);

  /** Throws a Failure. `action`: as what an audit has it if the key is wrong. */
  async function byKey(
    key: string,
    from: From,
    action: 'access.refused' | 'sign_in.refused' = 'access.refused',
  ): Promise<Identified> {
    const hash = keyPattern.test(key) ? await hashed(key) : undefined;
    const look = async () => {
      const found = hash === undefined ? undefined : await findKey(hash);
      if (hash !== undefined && found && !(found.expiresAt && found.expiresAt <= new Date()))
        return { hash, found };
      if (hash !== undefined) good.delete(hash);
      await refusals.attempted(from, { way: 'keys', action });
      throw unauthorized();
    };
    // One wrong key in an office, or behind a proxy that names no addresses, shuts nobody out who was let in before.
    const isKnown = hash !== undefined && good.get(hash);
    const { hash: proof, found } = await (isKnown ? look() : refusals.looking(from, look));
    good.set(proof, true);
    const { id, owner, ownerName: name, role, agents } = found;
    const rest = { role, way: 'keys' as const, key: id, agents: agents ?? undefined, proof };
    return role === 'service' ? { ...rest, owner: undefined } : { ...rest, owner, name };
  }

  /**
   * Nobody waits whose token is good: looking at one asks the database nothing, and a signature cannot be guessed. So
   * who makes up tokens shuts nobody out behind the same address, and gains no more than one check of a signature for
   * each request, which is about what the request itself costs.
   */
  async function byToken(token: string, from: From, way: TokenWay): Promise<Identified> {
    const found = await way(token);
    if (!('reason' in found)) return named(found.name, found.role, 'oidc');
    const { reason, isAttempt } = found;
    if (isAttempt) refusals.refuseWaiting(from);
    log.info('a token was refused', { reason, address: from.address, request_id: from.requestId });
    if (isAttempt) await refusals.attempted(from, { way: 'oidc', reason });
    else await refusals.noted(from, { way: 'oidc', reason });
    throw new Failure('unauthorized', { challenge: 'invalid_token' });
  }

  /** Undefined for an old one, which is no attempt at anything; throws a Failure where far too many come. */
  async function byCookie(token: string, from: From): Promise<(Principal & Identified) | undefined> {
    const hash = tokenPattern.test(token) ? await hashed(token) : undefined;
    if (hash === undefined || strange.get(hash)) return undefined;
    const look = async () => {
      const found = await findSignIn(hash);
      if (found && found.expiresAt > new Date()) return found;
      good.delete(hash);
      // Those that came along meanwhile are the same one.
      if (!strange.get(hash)) {
        strange.set(hash, true);
        await refusals.strangeCookie(from);
      }
      return undefined;
    };
    const found = await (good.get(hash) ? look() : refusals.looking(from, look, 'cookies'));
    if (!found) return undefined;
    good.set(hash, true);
    const { id, owner, ownerName: name, role, way, key, agents } = found;
    return {
      ...{ owner, name, way, key: key ?? undefined, agents: agents ?? undefined },
      role: way === 'keys' ? role : roleNow(name, role),
      ...{ byCookie: true, proof: hash, signIn: id },
    };
  }

  /** Whether the settings name somebody is asked anew each time: who is named no more is an admin no more. */
  const roleNow = (name: string, role: Role): Role => (admins.includes(name) ? 'admin' : role);

  const named = async (name: string, role: Role, way: Way): Promise<Principal> => ({
    owner: await ownerNamed(name),
    name,
    role: roleNow(name, role),
    way,
  });

  /** The first of the ways that fits the request decides. */
  async function whoCalls(credentials: Credentials): Promise<Identified> {
    const { apiKey, bearer, cookies, peer, header } = credentials;
    const isToken = bearer !== undefined && looksLikeToken(bearer);
    const key = apiKey ?? (isToken ? undefined : bearer);
    const token = bearer?.startsWith('ack_') ? undefined : bearer;
    const saysNothing = apiKey === undefined && bearer === undefined;
    for (const way of ways) {
      if (way === 'none') return ways.length === 1 ? local : guest;
      if (way === 'keys' && key !== undefined) return byKey(key, credentials);
      if (way === 'oidc' && tokenWay && token !== undefined) return byToken(token, credentials, tokenWay);
      if (way === 'proxy') {
        const said = proxyWay?.(peer, header);
        if (said && 'name' in said) return named(said.name, 'member', 'proxy');
        if (said) await refusals.noted(credentials, { way, reason: said.reason });
        if (said?.isOurs) throw unauthorized();
      } else if (saysNothing) {
        for (const cookie of cookies) {
          const signedIn = await byCookie(cookie, credentials);
          if (signedIn?.way === way) return signedIn;
        }
      }
    }
    throw unauthorized();
  }

  return {
    byKey,
    byCookie,
    named,

    /** What was known of the key or cookie with this hash, which is taken back. */
    forget: (hash: string): void => {
      findKey.forget(hash);
      findSignIn.forget(hash);
      good.delete(hash);
    },

    identify: async (credentials: Credentials): Promise<Identified> => {
      const who = await whoCalls(credentials);
      if (credentials.owner === undefined) return who;
      if (who.role !== 'service') throw onlyForServices();
      const name = credentials.owner();
      return { ...who, owner: await ownerNamed(name), name };
    },
  };
}

export const unauthorized = () => new Failure('unauthorized');
export const onlyForServices = () =>
  new Failure('not_allowed', {
    reason: {
      'zh-CN': '只有 service 角色的密钥可以用 X-Owner 代表他人',
      en: 'only a key with the role service may speak for others with X-Owner',
    },
  });
