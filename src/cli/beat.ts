// The heartbeat of a serving process.
import type { Log } from '../log.ts';

/**
 * Calls `beat` again `everyMs` after the last one ended, so that none ever runs beside another, until the
 * function that is given back is called. The log hears once that the database is away, and once that it is back.
 */
export function keepBeating(beat: () => Promise<void>, everyMs: number, log: Log): () => void {
  let away = false;
  let timer = setTimeout(next, everyMs);
  let stopped = false;

  async function next() {
    try {
      await beat();
      if (away) log.info('the database is back');
      away = false;
    } catch (error) {
      if (!away) log.warn('the database does not answer', { error });
      away = true;
    }
    if (!stopped) timer = setTimeout(next, everyMs);
  }

  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
