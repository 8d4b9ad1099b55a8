// Several servers of which one can be written: none that says nothing is to hold the others up.
import type { Connection } from './connection.ts';

/** How long a server has before the next is asked too. */
const headStartMs = 1000;

type Found = { connection: Connection; index: number };

/**
 * The first connection that can be written: each is opened when the one before it has failed, can only be read, or has
 * said nothing for a second, and is then still welcome. Where none can be written, the first that can be read; where there
 * is none at all, it rejects as the first did. What is opened in vain is closed.
 */
export function firstThatWrites(opens: readonly (() => Promise<Connection>)[]): Promise<Found> {
  return new Promise((resolve, reject) => {
    const failures: { error: unknown; index: number }[] = [];
    let readable: Found | undefined;
    let isFound = false;
    let next = 0;
    let done = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;

    function begin(): void {
      clearTimeout(timer);
      const index = next++;
      opens[index]?.().then(
        (connection) => opened({ connection, index }),
        (error) => {
          failures.push({ error, index });
          tried();
        },
      );
      if (next < opens.length) timer = setTimeout(begin, headStartMs);
    }

    function opened(found: Found): void {
      if (isFound) found.connection.close();
      else if (!found.connection.readOnly) {
        isFound = true;
        clearTimeout(timer);
        readable?.connection.close();
        resolve(found);
      } else {
        if (readable) found.connection.close();
        else readable = found;
        tried();
      }
    }

    function tried(): void {
      done++;
      if (isFound) return;
      if (next < opens.length) begin();
      else if (done === opens.length) {
        if (readable) resolve(readable);
        else reject(failures.sort((a, b) => a.index - b.index)[0]?.error);
      }
    }

    begin();
  });
}
