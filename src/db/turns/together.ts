// Doing in one statement what many ask for at once: a commit is what a turn costs most, and many callers share it then.
import { isDatabaseAway } from '../errors.ts';

/** A statement that takes longer holds the others up no more: its connection may be dead. */
const slowMs = 2000;
/** The most that one statement does, in number and in characters. */
const mostTogether = 64;
const mostCharacters = 1024 * 1024;
/**
 * So many have to wait while this many statements run: small ones cost the database more, and with one at a time it is idle
 * while the answer is read.
 */
const leastFor = [1, 12] as const;

export type Ways<Asked, Done> = {
  /** May wait for a lock. */
  alone(asked: Asked): Promise<Done>;
  /** In the order asked, undefined for each that was left out, and is done alone. Waits for no session's lock. */
  together(asked: Asked[]): Promise<(Done | undefined)[]>;
  /** In characters. */
  sizeOf(asked: Asked): number;
};

type Waiting<Asked, Done> = {
  asked: Asked;
  resolve: (done: Done) => void;
  reject: (error: unknown) => void;
};

/** Those that are asked for while others are being done wait for these and are done together. */
export function doTogether<Asked, Done>(ways: Ways<Asked, Done>): (asked: Asked) => Promise<Done> {
  const waiting: Waiting<Asked, Done>[] = [];
  const running = { together: 0, alone: 0 };

  function doWaiting(): void {
    if (waiting.length < (leastFor[running.together] ?? Number.POSITIVE_INFINITY)) return;
    const some = takeSome(waiting, ways.sizeOf);
    // Alone is cheaper, but may wait for a lock: while it does, all others go together.
    const way = some.length === 1 && !running.alone ? 'alone' : 'together';
    const done = way === 'alone' ? Promise.all(some.map(doAlone)) : doAll(some);
    running[way]++;
    let goOn = () => {
      goOn = () => {};
      clearTimeout(timer);
      running[way]--;
      doWaiting();
    };
    const timer = setTimeout(() => goOn(), slowMs);
    done.then(() => goOn());
  }

  async function doAll(some: Waiting<Asked, Done>[]): Promise<void> {
    let done: (Done | undefined)[];
    try {
      done = await ways.together(some.map(({ asked }) => asked));
    } catch (error) {
      for (const one of some) {
        // One that the database refuses is not to take the others with it.
        if (isDatabaseAway(error) || some.length === 1) one.reject(error);
        else doAlone(one);
      }
      return;
    }
    for (const [n, one] of some.entries()) {
      const its = done[n];
      if (its === undefined) doAlone(one);
      else one.resolve(its);
    }
  }

  const doAlone = ({ asked, resolve, reject }: Waiting<Asked, Done>): Promise<void> =>
    ways.alone(asked).then(resolve, reject);

  return (asked) =>
    new Promise((resolve, reject) => {
      waiting.push({ asked, resolve, reject });
      doWaiting();
    });
}

/** The first ones, as many as go together. */
function takeSome<Asked, Done>(
  waiting: Waiting<Asked, Done>[],
  sizeOf: (asked: Asked) => number,
): Waiting<Asked, Done>[] {
  let count = 0;
  let characters = 0;
  for (const { asked } of waiting.slice(0, mostTogether)) {
    characters += sizeOf(asked);
    if (count > 0 && characters > mostCharacters) break;
    count++;
  }
  return waiting.splice(0, count);
}
