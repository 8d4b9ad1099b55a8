// So many at once, and no more: the others wait a little.

/** `most` run at once, `waiting` more wait for up to `waitMs`; whoever comes then, or waits longer, is told 'busy'. */
export function atMost({ most, waiting, waitMs }: { most: number; waiting: number; waitMs: number }) {
  const line: (() => void)[] = [];
  let running = 0;

  /** True when it is one's turn, false when it took too long. */
  const turn = (): Promise<boolean> =>
    new Promise((resolve) => {
      const go = () => {
        clearTimeout(timer);
        resolve(true);
      };
      const timer = setTimeout(() => {
        line.splice(line.indexOf(go), 1);
        resolve(false);
      }, waitMs);
      line.push(go);
    });

  return async <T>(work: () => Promise<T>): Promise<T | 'busy'> => {
    if (running < most) running++;
    else if (line.length >= waiting || !(await turn())) return 'busy';
    try {
      return await work();
    } finally {
      const next = line.shift();
      // The place is handed on.
      if (next) next();
      else running--;
    }
  };
}
