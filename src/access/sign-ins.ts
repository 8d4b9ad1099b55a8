// The page's sign-ins: what gave somebody in is exchanged for a cookie, which can be taken back.
import { v7 as newId } from 'uuid';
import { Failure } from '../chat/failure.ts';
import { auditOf, type Caller } from '../chat/principal.ts';
import type { Store } from '../db/store.ts';
import { hashOf, newToken, tokenPattern } from './secrets.ts';

export const signInSeconds = 30 * 24 * 3600;

/** `forget` is told the hash of what is good no more. */
export function createSignIns(store: Pick<Store, 'signIns'>, forget: (hash: string) => void) {
  return {
    /** Gives the cookie's value, good for 30 days. */
    begin: async (caller: Caller): Promise<string> => {
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
    },

    /** Here at once, in other processes within seconds. One that is over stays so. */
    end: async (token: string, caller: Caller): Promise<void> => {
      if (!tokenPattern.test(token)) return;
      const hash = await hashOf(token);
      await store.signIns.end(hash, auditOf(caller, 'sign_in.ended', caller.name));
      forget(hash);
    },
  };
}

/** Who may not come to the page: a service has no sessions of its own. */
export const onlyForPeople = () =>
  new Failure('not_allowed', {
    reason: {
      'zh-CN': 'service 角色的密钥供程序使用，不能登录页面；请使用其他角色的密钥',
      en: 'a key with the role service is for programs: sign in to the page with another',
    },
  });
