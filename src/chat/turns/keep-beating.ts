// The heartbeat of whoever holds turns.
import type { Log } from '../../log.ts';

/**
 * From `begin` to `end`, calls `beat` again `everyMs` after the last one ended, so that none ever runs beside another.
 * The log hears once that the database is away, and once that it is back.
 */
export function keepBeating(
  beat: (options: { atStart: boolean }) => Promise<void>,
  everyMs: number,
  log: Log,
): { begin: () => Promise<void>; end: () => void } {
  let away = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ended = false;

  async function next() {
    try {
      await beat({ atStart: false });
      if (away) log.info('the database is back');
      away = false;
    } catch (error) {
      if (!away) log.warn('the database does not answer', { error });
      away = true;
    }
    wait();
  }

  function wait(): void {
    if (!ended) timer = setTimeout(next, everyMs);
  }

  return {
    begin: () => beat({ atStart: true }).finally(wait),
    end: () => {
      ended = true;
      clearTimeout(timer);
    },
  };
}
