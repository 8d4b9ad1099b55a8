// So many at once, and the others one after the other.

/** What it gives does something when its turn comes; it throws where the signal ends it before. */
export function inTurn(most: number) {
  const line: (() => void)[] = [];
  let running = 0;

  return async (signal: AbortSignal, work: () => Promise<void>): Promise<void> => {
    if (running >= most) await new Promise<void>((resolve) => line.push(resolve));
    else running++;
    try {
      signal.throwIfAborted();
      await work();
    } finally {
      const next = line.shift();
      if (next) next();
      else running--;
    }
  };
}
