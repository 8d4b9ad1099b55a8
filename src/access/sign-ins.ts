// The page's sign-ins: what lets somebody in is exchanged for a cookie, which can be taken back.
import { v7 as newId } from 'uuid';
import { Failure } from '../chat/failure.ts';
import { auditOf, type Caller, type Principal } from '../chat/principal.ts';
import type { Store } from '../db/store.ts';
import type { Way } from '../words/access.ts';
import type { From } from './credentials.ts';
import { type Identify, unauthorized } from './identify.ts';
import type { Actor } from './keys.ts';
import { type PageSignIn, type SignInError, SignInRefused } from './oidc/page-sign-in.ts';
import type { Refusals } from './refusals.ts';
import { hashOf, newToken } from './secrets.ts';

export const signInSeconds = 30 * 24 * 3600;

/** With what somebody comes back from the provider; undefined for who was not on the way there. */
type Back = Parameters<PageSignIn['finish']>[0] | undefined;

/** Who tries none of the provider's: it is away, or they think better of it. */
const noAttempts: readonly SignInError[] = ['access_denied', 'provider_away'];

export function createSignIns(parts: {
  store: Pick<Store, 'signIns'>;
  ways: readonly Way[];
  page: PageSignIn | undefined;
  identify: Identify;
  refusals: Refusals;
}) {
  const { store, ways, page, identify, refusals } = parts;

  /** Gives the cookie's value, good for 30 days. `role` without what the settings make of them. */
  async function begin(caller: Caller): Promise<string> {
    const token = newToken();
    const id = newId();
    await store.signIns.create(
      {
        id,
        owner: caller.owner,
        hash: await hashOf(token),
        way: caller.way,
        role: caller.role,
        key: caller.key ?? null,
        expiresAt: new Date(Date.now() + signInSeconds * 1000),
      },
      auditOf(caller, 'sign_in.granted', id),
    );
    return token;
  }

  return {
    /** What a key that somebody enters on the page is exchanged for: the cookie's value. Throws as `identify` does. */
    signIn: async (key: string, from: From): Promise<{ who: Principal; token: string }> => {
      if (!ways.includes('keys')) throw unauthorized();
      const who = await identify.byKey(key, from, 'sign_in.refused');
      if (who.owner === undefined) {
        await refusals.noted(from, { way: 'keys', action: 'sign_in.refused', reason: 'a key of a service' });
        throw onlyForPeople();
      }
      return { who, token: await begin({ ...who, ...from }) };
    },

    /**
     * Whatever it was, the cookie's value is good no more: here at once, in other processes within seconds. Resolves to
     * how somebody came by it, if it was good.
     */
    signOut: async (token: string, from: From): Promise<Way | undefined> => {
      const who = await identify.byCookie(token, from);
      if (!who) return undefined;
      const hash = await hashOf(token);
      await store.signIns.end(hash, auditOf({ ...who, ...from }, 'sign_in.ended', who.name));
      identify.forget(hash);
      return who.way;
    },

    /** Signs in who came back from the provider. Resolves to what their cookie holds; throws SignInRefused. */
    signInAtProvider: async (back: Back, from: From): Promise<string> => {
      if (page === undefined) throw noProvider();
      const refused = { way: 'oidc' as const, action: 'sign_in.refused' as const };
      // Of another browser, from long ago, or brought back once before.
      if (back === undefined) {
        await refusals.noted(from, { ...refused, reason: 'expired' });
        throw new SignInRefused('expired', 'this browser is on no such way');
      }
      const finish = () =>
        page.finish(back).catch(async (error: unknown) => {
          if (error instanceof SignInRefused && !noAttempts.includes(error.code))
            await refusals.attempted(from, { ...refused, reason: error.code });
          throw error;
        });
      // The provider is asked for each.
      const { name, role } = await refusals.looking(from, finish).catch((error: unknown) => {
        if (error instanceof Failure && error.code === 'too_many_attempts')
          throw new SignInRefused('too_many_attempts', 'too many that were wrong came from there');
        throw error;
      });
      const who = await identify.named(name, role, 'oidc');
      return begin({ ...who, role, ...from });
    },
  };
}

/** All of an owner's, or with `id` that one of them, in every process within seconds. How many there were. */
export function endSignIns(
  store: Pick<Store, 'signIns'>,
  { owner, id }: { owner: string; id?: string | undefined },
  actor: Actor,
): Promise<number> {
  const details = id === undefined ? {} : { sign_in: id };
  return store.signIns.endOf({ owner, id }, { ...actor, action: 'sign_in.ended', target: owner, details });
}

export const noProvider = () => new SignInRefused('provider_failed', 'there is no provider');

/** Who may not come to the page: a service has no sessions of its own. */
const onlyForPeople = () =>
  new Failure('not_allowed', {
    reason: {
      'zh-CN': 'service 角色的密钥供程序使用，不能登录页面；请使用其他角色的密钥',
      en: 'a key with the role service is for programs: sign in to the page with another',
    },
  });
