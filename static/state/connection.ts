// Whether the server can be had: asked only once something failed, then again, ever more seldom, until it can.
import { type Signal, signal } from '@preact/signals';
import { type Account, getAccount } from '../api/access.ts';
import { isAway, isSignedOut, type Problem, wantsSignIn } from '../api/problem.ts';
import { request } from '../api/request.ts';
import { pause } from './pause.ts';

export type Connection = {
  /**
   * `signedOut`: something before the server wants the reader to sign in. `signIn`: the server itself does, and the page
   * has the form for that. `back`: it was away until a moment ago.
   */
  status: Signal<Status>;
  /** How often it came back: whoever shows what the server has looks again when this changes. */
  returns: Signal<number>;
  /** A call failed, or a stream broke off: if it was as if nobody were there, the server is asked. */
  suspect: (problem?: Problem) => void;
  /** Resolves once the server can be had; it always takes a moment, so that nobody asks in a circle. */
  untilReady: (signal: AbortSignal) => Promise<void>;
  /** Somebody has signed in: the one whose page this is, or another. */
  signedIn: (account: Account) => void;
  /** Looks soon who is signed in, where that is not known to be the one whose page this is. */
  lookAgain: () => void;
};

type Status = 'ok' | 'away' | 'signedOut' | 'signIn' | 'back';

/** What fails again soon after it worked goes on waiting where it was: `calmMs` is when that is over. */
const times = { leastMs: 1000, mostMs: 10_000, calmMs: 20_000, answerMs: 4000, backShownMs: 5000 };

/** `owner`: whose page this is. `another` is called when somebody else has signed in. */
export function createConnection(owner: string, another: () => void): Connection {
  const status = signal<Status>('ok');
  const returns = signal(0);
  let asking: Promise<void> | null = null;
  let askedAt = 0;
  let waitMs = 0;
  let wake = () => {};
  let hideBack: ReturnType<typeof setTimeout> | undefined;

  function become(next: Status): void {
    clearTimeout(hideBack);
    status.value = next;
    if (next === 'back') hideBack = setTimeout(() => become('ok'), times.backShownMs);
  }

  async function untilNextTry(): Promise<void> {
    const isCalm = Date.now() - askedAt > times.calmMs;
    waitMs = isCalm ? times.leastMs : Math.min(waitMs * 1.5, times.mostMs);
    const woken = new Promise<void>((resolve) => {
      wake = () => setTimeout(resolve, askedAt + times.leastMs - Date.now());
    });
    await Promise.race([pause(waitMs), woken]);
    askedAt = Date.now();
  }

  /** The page is left; nothing of it may go on until then. */
  function anew(): Promise<never> {
    another();
    return new Promise(() => {});
  }

  async function look(): Promise<'ready' | 'away' | 'signedOut' | 'signIn'> {
    try {
      // Who is to sign in may be let through to what only tells that the server is well.
      if (status.value !== 'signedOut' && status.value !== 'signIn')
        await request('readyz', { patienceMs: times.answerMs });
      else if ((await getAccount()).owner !== owner) await anew();
      return 'ready';
    } catch (error) {
      if (wantsSignIn(error)) return 'signIn';
      if (isSignedOut(error)) return 'signedOut';
      // What is over the page stays there.
      return status.value === 'signIn' ? 'signIn' : 'away';
    }
  }

  async function askUntilReady(): Promise<void> {
    while (true) {
      await untilNextTry();
      const asked = status.value;
      const found = await look();
      // What was learnt meanwhile is newer: that somebody has signed in, or is to.
      if (status.value !== asked) continue;
      if (found === 'ready') break;
      become(found);
    }
    asking = null;
    const before = status.value;
    // Who has signed in again knows it.
    if (before !== 'ok' && before !== 'back') goOn(before === 'away' ? 'back' : 'ok');
  }

  function goOn(as: 'ok' | 'back'): void {
    become(as);
    returns.value += 1;
  }

  function ask(): Promise<void> {
    asking ??= askUntilReady();
    return asking;
  }

  addEventListener('offline', () => void ask());
  addEventListener('online', () => {
    wake();
    void ask();
  });
  // The reader may come from where he has signed in.
  addEventListener('focus', () => wake());

  return {
    status,
    returns,
    suspect(problem) {
      if (problem && !isAway(problem)) return;
      if (isSignedOut(problem)) become(wantsSignIn(problem) ? 'signIn' : 'signedOut');
      void ask();
    },
    async untilReady(signal) {
      const aborted = new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
      signal.throwIfAborted();
      await Promise.race([ask(), aborted]);
    },
    signedIn(account) {
      if (account.owner !== owner) return void anew();
      goOn('ok');
      wake();
    },
    lookAgain() {
      if (status.value !== 'signIn' && status.value !== 'signedOut') return;
      wake();
      void ask();
    },
  };
}
