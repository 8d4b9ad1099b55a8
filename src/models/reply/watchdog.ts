// Bounds waits: an AbortSignal that fires when the caller gives up, or when nothing came for too long.

/** `wait` starts the clock anew. */
export type Watchdog = {
  signal: AbortSignal;
  /** Whether it was the clock, not the caller, that fired. */
  expired(): boolean;
  wait(milliseconds: number): void;
  /** Lets go of the caller's signal and, unless its answer was read to the end, ends the request. */
  end(options: { isRead: boolean }): void;
};

/** The longest delay a timer can have; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A watchdog that also fires when `caller` does. It must be ended. */
export function createWatchdog(caller: AbortSignal): Watchdog {
  const controller = new AbortController();
  let expired = false;
  let deadline = Number.POSITIVE_INFINITY;
  // Stays when the deadline moves on, as it does with each piece, and looks again when its time has come.
  let timer: ReturnType<typeof setTimeout> | undefined;
  let timerAt = Number.POSITIVE_INFINITY;

  function setTimer(now: number) {
    clearTimeout(timer);
    timerAt = deadline;
    timer = setTimeout(look, Math.min(deadline - now, LONGEST_TIMER_MS));
  }
  function look() {
    timer = undefined;
    timerAt = Number.POSITIVE_INFINITY;
    const now = performance.now();
    if (now < deadline) return setTimer(now);
    expired = true;
    controller.abort(new Error('nothing came in time'));
  }
  function stop() {
    clearTimeout(timer);
    caller.removeEventListener('abort', follow);
  }
  function follow() {
    stop();
    controller.abort(caller.reason);
  }

  if (caller.aborted) follow();
  else caller.addEventListener('abort', follow, { once: true });

  return {
    signal: controller.signal,
    expired: () => expired,
    wait(milliseconds) {
      if (controller.signal.aborted) return;
      const now = performance.now();
      deadline = now + milliseconds;
      if (deadline < timerAt) setTimer(now);
    },
    end({ isRead }) {
      stop();
      if (!isRead) controller.abort(new Error('the reply was ended'));
    },
  };
}
