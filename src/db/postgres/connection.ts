// One connection to a PostgreSQL server: a client of the driver that connects once and is thrown away with its socket.
// Nothing that was meant for one connection can so reach another: neither rows of an answer that broke off, nor what is
// left of a transaction.
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

/** A statement, and whom to tell. Of `answered` and `failed` one is called, once. */
export type Asked = {
  statement: Statement;
  answered(rows: unknown): void;
  failed(error: unknown): void;
  /** When its caller waits no longer, as `performance.now()` counts, and is told so. The answer may come yet. */
  until: number;
  late(): void;
  /** Called when the connection has said nothing for long. True where its answer is not needed any more. */
  silent(): boolean;
};

export type Connection = {
  /** Answered in turn. Closes the connection where the answer, or that there is none, says that it is broken. */
  ask(asked: Asked): void;
  /** Those that have no answer yet, in their order. */
  asked: readonly Asked[];
  /** Since when there is none, in milliseconds as `performance.now()` counts them. */
  silentSince: number;
  /** Whether the server answers yet; closes the connection where it does not within `ms`. */
  answers(ms: number): Promise<boolean>;
  isOpen(): boolean;
  /** Waits for nothing: whoever is asking gets `reason`, or else CONNECTION_CLOSED. */
  close(reason?: Error): void;
  openedAt: number;
  /** When the server was last heard of. */
  heardAt: number;
  /** The server let nothing be written when this was opened. */
  readOnly: boolean;
};

export type ConnectionOptions = postgres.Options<Record<string, postgres.PostgresType>>;

/** More the protocol does not count; and of what it cannot send, the driver refuses whichever statement runs. */
const mostParameters = 65_534;
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
  const asked: Asked[] = [];
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
    client.end({ timeout: 0 }).catch(() => {});
    onClose(connection);
    for (const one of asked.splice(0)) one.failed(reason);
  }

  /** False for one that was told already, when the connection was closed. */
  function isHeard(one: Asked): boolean {
    const place = asked.indexOf(one);
    if (place < 0) return false;
    asked.splice(place, 1);
    connection.heardAt = connection.silentSince = performance.now();
    return true;
  }

  function ask(one: Asked): void {
    if (!open) {
      one.failed(closed());
      return;
    }
    const { text, parameters, prepare, values } = one.statement;
    if (parameters.length > mostParameters || parameters.some((value) => value === undefined)) {
      one.failed(new TypeError('a statement has too many parameters, or one that is undefined'));
      return;
    }
    if (asked.length === 0) connection.silentSince = performance.now();
    asked.push(one);
    const query = client.unsafe(text, parameters, { prepare });
    (values ? query.values() : query).then(
      (rows) => {
        if (isHeard(one)) one.answered(rows);
      },
      (error) => {
        if (!isHeard(one)) return;
        if (isBroken(error)) close();
        one.failed(error);
      },
    );
  }

  const connection: Connection = {
    ask,
    asked,
    answers: async (ms) => {
      const timer = setTimeout(() => close(), ms);
      await run(connection, plain('select 1')).catch(() => {});
      clearTimeout(timer);
      return open;
    },
    isOpen: () => open,
    close,
    openedAt: performance.now(),
    heardAt: performance.now(),
    silentSince: performance.now(),
    readOnly: false,
  };
  const timer = setTimeout(() => close(coded('CONNECT_TIMEOUT', 'the server let nobody in')), openMs);
  try {
    const state = await run(connection, plain(firstQuestion));
    connection.readOnly = isReadOnly(state);
    return connection;
  } catch (error) {
    close();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

// True in a standby too.
const firstQuestion = `select current_setting('transaction_read_only') = 'on'`;
const isReadOnly = (rows: unknown): boolean =>
  Array.isArray(rows) && Array.isArray(rows[0]) && rows[0][0] === true;

/** A statement without parameters, whose rows come as arrays. */
export const plain = (text: string): Statement => ({ text, parameters: [], prepare: false, values: true });

const nothing = () => {};
const never = () => false;

/** The answer to a statement on a connection that the caller has for itself. */
export function run(connection: Connection, statement: Statement): Promise<unknown> {
  return new Promise((answered, failed) => {
    const until = Number.POSITIVE_INFINITY;
    connection.ask({ statement, answered, failed, until, late: nothing, silent: never });
  });
}

const closed = () => coded('CONNECTION_CLOSED', 'the connection to the database is closed');

export const noAnswer = (): Error => coded('NO_ANSWER', 'the database gave no answer');

/** The driver's and the network's errors, and the server's that end the connection. */
export function isBroken(error: unknown): boolean {
  if (error instanceof Error && 'severity' in error && typeof error.severity === 'string') {
    return error.severity === 'FATAL' || error.severity === 'PANIC';
  }
  return /^(CONN|E[A-Z]|NO_ANSWER$)/.test(databaseErrorCode(error) ?? '');
}
