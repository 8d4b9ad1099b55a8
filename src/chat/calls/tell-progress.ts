// How often the progress of a call is told: each time is a row until its step is settled.
import type { ToolProgress } from '../../tools/tool.ts';

/** At most so often. */
const soonestMs = 250;

/** Nor more often than each hundredth of the time that the call has taken: a call of an hour is told of 700 times. */
const share = 100;

export type TellProgress = {
  take(at: ToolProgress): void;
  /** Tells the newest that still waits, and no more after. */
  end(): void;
};

/** Calls `tell` with the newest, soon. */
export function tellCalmly(tell: (at: ToolProgress) => void): TellProgress {
  const began = performance.now();
  let toldAt = Number.NEGATIVE_INFINITY;
  let waits: ToolProgress | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;

  function tellNow(): void {
    clearTimeout(timer);
    timer = undefined;
    const at = waits;
    waits = undefined;
    toldAt = performance.now();
    if (at) tell(at);
  }

  return {
    take(at) {
      if (isOver || !Number.isFinite(at.progress) || !Number.isFinite(at.total ?? 0)) return;
      waits = at;
      const now = performance.now();
      const next = toldAt + Math.max(soonestMs, (now - began) / share);
      if (next <= now) tellNow();
      else timer ??= setTimeout(tellNow, next - now);
    },
    end() {
      isOver = true;
      tellNow();
    },
  };
}
