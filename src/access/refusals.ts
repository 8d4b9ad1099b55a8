// What is done about those who are refused: attempts are counted by the address that they come from, and who was refused
// is written down, though nobody fills the audit by trying.
import { Failure } from '../chat/failure.ts';
import type { AuditEntry } from '../db/access/audit.ts';
import type { Store } from '../db/store.ts';
import type { Log } from '../log.ts';
import type { Way } from '../words/access.ts';
import { createAttempts, networkOf } from './attempts.ts';
import type { From } from './credentials.ts';
import { createSeldom } from './seldom.ts';

/** `reason` is for the audit, and has nothing of what came. */
export type Refusal = {
  way: Way | null;
  action?: 'access.refused' | 'sign_in.refused';
  reason?: string;
};

export type Refusals = ReturnType<typeof createRefusals>;

/** A browser that brings an old cookie is no attacker, and many may share an address. */
const mostCookies = 100;
const hour = 3_600_000;

export function createRefusals(store: Pick<Store, 'audit'>, log: Log) {
  const attempts = createAttempts({ log, most: 10, what: 'keys or tokens' });
  const cookies = createAttempts({ log, most: mostCookies, what: 'cookies' });
  const seldom = createSeldom(hour);

  /** Who is refused is refused, whether that can be written down or not. */
  async function writeDown({ address, requestId }: From, refusal: Refusal): Promise<void> {
    const { way, action = 'access.refused', reason } = refusal;
    const entry: AuditEntry = {
      owner: null,
      actor: null,
      way,
      key: null,
      action,
      target: null,
      details: reason === undefined ? {} : { reason },
      address: address ?? null,
      requestId,
    };
    await store.audit
      .add(entry)
      .catch((error: unknown) => log.error('what was refused could not be written down', { error }));
  }

  return {
    /** Throws a Failure while an address has to wait. */
    refuseWaiting({ address }: From): void {
      const seconds = attempts.waitOf(address);
      if (seconds !== undefined) throw tooMany(seconds);
    },

    /**
     * Looks at what may be wrong. Of what comes at once from an address no more is looked at than may be wrong: the rest
     * waits, as much of it may be right. Throws a Failure while the address has to wait.
     */
    async looking<T>(
      { address }: From,
      look: () => Promise<T>,
      of: 'attempts' | 'cookies' = 'attempts',
    ): Promise<T> {
      const place = await (of === 'cookies' ? cookies : attempts).place(address);
      if (typeof place === 'number') throw tooMany(place);
      try {
        return await look();
      } finally {
        place();
      }
    },

    /** A key or token that nobody gave out. Of the page, where people try, each is written down. */
    async attempted(from: From, refusal: Refusal): Promise<void> {
      const turning = attempts.failed(from.address);
      if (turning !== undefined || refusal.action === 'sign_in.refused') await writeDown(from, refusal);
    },

    /** One that is none, or none any more: an address may have some of those. */
    async strangeCookie(from: From): Promise<void> {
      if (cookies.failed(from.address) === 'last')
        await writeDown(from, { way: null, reason: 'too many cookies that nobody has' });
    },

    /** What is refused, and is no guessing. It may come with each request, for days: it is written down once an hour. */
    async noted(from: From, refusal: Refusal): Promise<void> {
      const name = [networkOf(from.address), refusal.way, refusal.action, refusal.reason].join(' ');
      if (seldom(name)) await writeDown(from, refusal);
    },
  };
}

const tooMany = (seconds: number) => new Failure('too_many_attempts', { retry_after: seconds });
