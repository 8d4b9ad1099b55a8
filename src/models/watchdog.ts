// Bounds waits: an AbortSignal that fires when the caller gives up, or when nothing came for too long.

/** `wait` starts the clock anew, `rest` stops it (while the reader is busy with what came). */
export type Watchdog = {
  signal: AbortSignal;
  /** Whether it was the clock, not the caller, that fired. */
  expired(): boolean;
  wait(milliseconds: number): void;
  rest(): void;
  /** Ends the request and lets go of the caller's signal. */
  end(): void;
};

/** The longest delay a timer can have; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A watchdog that also fires when `caller` does. It must be ended. */
export function createWatchdog(caller: AbortSignal): Watchdog {
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let expired = false;

  function rest() {
    clearTimeout(timer);
    timer = undefined;
  }
  function follow() {
    rest();
    controller.abort(caller.reason);
  }

  if (caller.aborted) follow();
  else caller.addEventListener('abort', follow, { once: true });

  return {
    signal: controller.signal,
    expired: () => expired,
    wait(milliseconds) {
      rest();
      if (controller.signal.aborted) return;
      timer = setTimeout(
        () => {
          expired = true;
          controller.abort(new Error('nothing came in time'));
        },
        Math.min(milliseconds, LONGEST_TIMER_MS),
      );
    },
    rest,
    end() {
      rest();
      caller.removeEventListener('abort', follow);
      controller.abort(new Error('the reply was ended'));
    },
  };
}

/** Settles as `promise` does, or rejects with the signal's reason as soon as it fires. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** Waits, unless the signal fires first: then rejects with its reason. */
export function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const slept = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  return orAborted(slept, signal).finally(() => clearTimeout(timer));
}
