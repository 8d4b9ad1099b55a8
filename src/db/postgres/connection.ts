// One connection to a PostgreSQL server: a client of the driver that connects once and is thrown away with its socket. Nothing that was meant for one connection can so reach another: neither rows of
// an answer that broke off, nor what is left of a transaction.
import postgres from 'postgres';
import { coded, databaseErrorCode } from '../errors.ts';
import type { ServerPlace } from './database-url.ts';

export type Statement = {
  text: string;
  parameters: postgres.ParameterOrJSON<never>[];
  /** Kept by the server under a name, for the next time. */
  prepare: boolean;
  /** Rows as arrays, and not as objects. */
  values: boolean;
};

export type Connection = {
  /** Answered in turn. Closes the connection where the answer, or that there is none, says that it is broken. */
  run(statement: Statement): Promise<unknown>;
  /** Whether the server answers yet; closes the connection where it does not within `ms`. */
  answers(ms: number): Promise<boolean>;
  isOpen(): boolean;
  /** Waits for nothing: whoever is asking gets `reason`, or else CONNECTION_CLOSED. */
  close(reason?: Error): void;
  /** Milliseconds, as `performance.now()` counts them. */
  openedAt: number;
  /** When the server was last heard of. */
  heardAt: number;
  /** The server let nothing be written when this was opened. */
  readOnly: boolean;
};

export type ConnectionOptions = postgres.Options<Record<string, postgres.PostgresType>>;

/** Longer than a server takes to let somebody in. */
const openMs = 5000;

/** Opens one at `place`. Rejects with the server's or the network's error. `onClose` is called once, when it is gone. */
export async function openConnection(
  url: string,
  place: ServerPlace | undefined,
  options: ConnectionOptions,
  onClose: (connection: Connection) => void,
): Promise<Connection> {
  let open = true;
  const waiting = new Set<(reason: Error) => void>();
  const client = postgres(url, {
    ...options,
    ...(place?.path === undefined ? {} : { path: place.path }),
    max: 1,
    // One round trip less: there are no array columns.
    fetch_types: false,
    connect_timeout: openMs / 1000,
    idle_timeout: 0,
    // The driver would end it between two statements of a transaction.
    max_lifetime: null,
    onnotice: () => {},
    onclose: () => close(),
  });
  if (place) {
    // As an option, the driver would take a colon for the end of a host.
    client.options.host.splice(0, 1, place.host);
    client.options.port.splice(0, 1, place.port);
  }
  // It would connect again for what is asked of it, and for ever where connections are closed before they are ready.
  // Each time it connects it looks twice for a socket of ours.
  let looks = 0;
  Object.defineProperty(client.options, 'socket', {
    get: () => (++looks > 2 ? () => Promise.reject(closed()) : undefined),
  });

  function close(reason = closed()): void {
    if (!open) return;
    open = false;
    for (const stop of waiting) stop(reason);
    client.end({ timeout: 0 }).catch(() => {});
    onClose(connection);
  }

  function answered<T>(answer: PromiseLike<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (!open) return reject(closed());
      waiting.add(reject);
      answer.then(
        (rows) => {
          waiting.delete(reject);
          connection.heardAt = performance.now();
          resolve(rows);
        },
        (error) => {
          waiting.delete(reject);
          connection.heardAt = performance.now();
          if (isBroken(error)) close();
          reject(error);
        },
      );
    });
  }

  const connection: Connection = {
    run: ({ text, parameters, prepare, values }) => {
      const query = client.unsafe(text, parameters, { prepare });
      return answered<unknown>(values ? query.values() : query);
    },
    answers: async (ms) => {
      const timer = setTimeout(() => close(), ms);
      await answered(client.unsafe('select 1')).catch(() => {});
      clearTimeout(timer);
      return open;
    },
    isOpen: () => open,
    close,
    openedAt: performance.now(),
    heardAt: performance.now(),
    readOnly: false,
  };
  const timer = setTimeout(() => close(coded('CONNECT_TIMEOUT', 'the server let nobody in')), openMs);
  try {
    const [state] = await answered(client.unsafe<{ read_only?: boolean }[]>(firstQuestion));
    connection.readOnly = state?.read_only === true;
    return connection;
  } catch (error) {
    close();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

// True in a standby too.
const firstQuestion = `select current_setting('transaction_read_only') = 'on' as read_only`;

const closed = () => coded('CONNECTION_CLOSED', 'the connection to the database is closed');

/** The driver's and the network's errors, and the server's that end the connection. */
export function isBroken(error: unknown): boolean {
  if (error instanceof Error && 'severity' in error && typeof error.severity === 'string') {
    return error.severity === 'FATAL' || error.severity === 'PANIC';
  }
  return /^(CONN|E[A-Z]|NO_ANSWER$)/.test(databaseErrorCode(error) ?? '');
}
