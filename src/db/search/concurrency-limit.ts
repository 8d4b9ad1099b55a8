// So many at once, and no more: the others wait a little. Nobody's work keeps that of others away.

type Crowd = {
  /** How many run at once, and how many of them may be one owner's. */
  most: number;
  ofOne: number;
  /** How many more wait, and for how long. */
  waiting: number;
  waitMs: number;
};

type Waiting<Whose> = { whose: Whose; answer: (isTurn: boolean) => void };

/**
 * Whoever waits for too long is told 'busy', and where all places to wait are taken, whoever has the most of them. The
 * next to run is the one of whom the fewest run.
 */
export function atMost<Whose>({ most, ofOne, waiting, waitMs }: Crowd) {
  const line: Waiting<Whose>[] = [];
  const running = new Map<Whose, number>();
  let all = 0;

  const runningOf = (whose: Whose): number => running.get(whose) ?? 0;
  const waitingOf = (whose: Whose): number => line.filter((one) => one.whose === whose).length;
  const mayRun = (whose: Whose): boolean => all < most && runningOf(whose) < ofOne;

  function begin(whose: Whose): void {
    all++;
    running.set(whose, runningOf(whose) + 1);
  }

  function end(whose: Whose): void {
    all--;
    if (runningOf(whose) > 1) running.set(whose, runningOf(whose) - 1);
    else running.delete(whose);
    const able = line.filter((one) => mayRun(one.whose));
    // Sorting keeps the order in which they came.
    const [next] = able.sort((a, b) => runningOf(a.whose) - runningOf(b.whose));
    next?.answer(true);
  }

  /** Sends the last one away of whoever waits the most; false where nobody has more waiting than this one would. */
  function makeRoom(whose: Whose): boolean {
    const longest = line.toReversed().sort((a, b) => waitingOf(b.whose) - waitingOf(a.whose))[0];
    if (!longest || waitingOf(longest.whose) <= waitingOf(whose) + 1) return false;
    longest.answer(false);
    return true;
  }

  /** True when it is one's turn, false when it took too long. */
  const turn = (whose: Whose): Promise<boolean> =>
    new Promise((resolve) => {
      const one = {
        whose,
        answer: (isTurn: boolean) => {
          clearTimeout(timer);
          line.splice(line.indexOf(one), 1);
          if (isTurn) begin(whose);
          resolve(isTurn);
        },
      };
      const timer = setTimeout(() => one.answer(false), waitMs);
      line.push(one);
    });

  return async <T>(whose: Whose, work: () => Promise<T>): Promise<T | 'busy'> => {
    if (mayRun(whose)) begin(whose);
    else if (line.length >= waiting && !makeRoom(whose)) return 'busy';
    else if (!(await turn(whose))) return 'busy';
    try {
      return await work();
    } finally {
      end(whose);
    }
  };
}
