// Whether the server can be had: asked only once something failed, then again, ever more seldom, until it can.
import { type Signal, signal } from '@preact/signals';
import { isAway, isSignedOut, type Problem } from '../api/problem.ts';
import { request } from '../api/request.ts';
import { pause } from './pause.ts';

export type Connection = {
  /** `signedOut`: something before the server wants the reader to sign in. `back`: it was away until a moment ago. */
  status: Signal<'ok' | 'away' | 'signedOut' | 'back'>;
  /** How often it came back: whoever shows what the server has looks again when this changes. */
  returns: Signal<number>;
  /** A call failed, or a stream broke off: if it was as if nobody were there, the server is asked. */
  suspect: (problem?: Problem) => void;
  /** Resolves once the server can be had; it always takes a moment, so that nobody asks in a circle. */
  untilReady: (signal: AbortSignal) => Promise<void>;
};

/** What fails again soon after it worked goes on waiting where it was: `calmMs` is when that is over. */
const times = { leastMs: 1000, mostMs: 10_000, calmMs: 20_000, answerMs: 4000, backShownMs: 5000 };

export function createConnection(): Connection {
  const status = signal<Connection['status']['value']>('ok');
  const returns = signal(0);
  let asking: Promise<void> | null = null;
  let askedAt = 0;
  let waitMs = 0;
  let wake = () => {};
  let hideBack: ReturnType<typeof setTimeout> | undefined;

  function become(next: 'ok' | 'away' | 'signedOut' | 'back'): void {
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

  async function look(): Promise<'ready' | 'away' | 'signedOut'> {
    // Who is to sign in may be let through to what only tells that the server is well.
    const path = status.value === 'signedOut' ? 'api/sessions?limit=1' : 'readyz';
    try {
      await request(path, { patienceMs: times.answerMs });
      return 'ready';
    } catch (error) {
      return isSignedOut(error) ? 'signedOut' : 'away';
    }
  }

  async function askUntilReady(): Promise<void> {
    while (true) {
      await untilNextTry();
      const found = await look();
      if (found === 'ready') break;
      become(found);
    }
    asking = null;
    const before = status.value;
    if (before !== 'away' && before !== 'signedOut') return;
    // Who has signed in again knows it.
    become(before === 'away' ? 'back' : 'ok');
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
      if (isSignedOut(problem)) become('signedOut');
      void ask();
    },
    async untilReady(signal) {
      const aborted = new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
      signal.throwIfAborted();
      await Promise.race([ask(), aborted]);
    },
  };
}
