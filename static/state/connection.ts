// Whether the server answers: asked only once something failed, then every two seconds until it does.
import { type Signal, signal } from '@preact/signals';
import { pause } from './pause.ts';

export type Connection = {
  /** `back`: it was away until a moment ago. */
  status: Signal<'ok' | 'away' | 'back'>;
  /** How often it came back: whoever shows what the server has looks again when this changes. */
  returns: Signal<number>;
  /** A call failed as if nobody were there. */
  suspect: () => void;
  /** Resolves once the server answers that it is ready; it always takes a moment, so that nobody asks in a circle. */
  untilReady: (signal: AbortSignal) => Promise<void>;
};

const times = { beforeAskingMs: 300, betweenMs: 2000, answerMs: 4000, backShownMs: 5000 };

export function createConnection(): Connection {
  const status = signal<'ok' | 'away' | 'back'>('ok');
  const returns = signal(0);
  let asking: Promise<void> | null = null;
  let wake = () => {};
  let hideBack: ReturnType<typeof setTimeout> | undefined;

  async function askUntilReady(): Promise<void> {
    await pause(times.beforeAskingMs);
    while (!(await isReady())) {
      clearTimeout(hideBack);
      status.value = 'away';
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      await Promise.race([pause(times.betweenMs), woken]);
    }
    asking = null;
    if (status.value !== 'away') return;
    status.value = 'back';
    returns.value += 1;
    hideBack = setTimeout(() => {
      status.value = 'ok';
    }, times.backShownMs);
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

  return {
    status,
    returns,
    suspect: () => void ask(),
    async untilReady(signal) {
      const aborted = new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
      signal.throwIfAborted();
      await Promise.race([ask(), aborted]);
    },
  };
}

async function isReady(): Promise<boolean> {
  try {
    const response = await fetch('readyz', {
      cache: 'no-store',
      signal: AbortSignal.timeout(times.answerMs),
    });
    return response.ok;
  } catch {
    return false;
  }
}
