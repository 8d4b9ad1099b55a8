// What went wrong in the database, told apart by code and never by class: the drivers differ.

/** The SQLSTATE (or the driver's own code) behind an error, through Drizzle's wrapping. */
export function databaseErrorCode(error: unknown): string | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    if ('code' in cause && typeof cause.code === 'string') return cause.code;
  }
  return undefined;
}

export function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

/** Why the database does not do what it is asked, for now: each is a failure of its own to a caller. */
export type DatabaseFault =
  | 'database_away'
  | 'database_crowded'
  | 'database_read_only'
  | 'database_full'
  | 'database_refused'
  | 'database_missing'
  | 'not_migrated';

/**
 * Away: it could not be reached, went away, is starting, stopping, too busy, too slow, or asks to try again. Undefined for an
 * error that is about what was asked.
 */
export function databaseFault(error: unknown): DatabaseFault | undefined {
  const code = databaseErrorCode(error);
  return code === undefined ? undefined : faults.find(([codes]) => codes.test(code))?.[1];
}

/** True where it may be asked again later, whatever is wrong with it now. */
export function isDatabaseAway(error: unknown): boolean {
  return databaseFault(error) !== undefined && !isDatabaseClosed(error);
}

/** True where whoever opened it has closed it: it never answers again. */
export function isDatabaseClosed(error: unknown): boolean {
  return databaseErrorCode(error) === closedCode;
}

export const databaseClosed = (): Error => coded(closedCode, 'the database was closed');

// The driver's own name for it.
const closedCode = 'CONNECTION_ENDED';

const faults: [RegExp, DatabaseFault][] = [
  [/^25006$/, 'database_read_only'],
  [/^53300$/, 'database_crowded'],
  [/^(53100|ENOSPC|EDQUOT)$/, 'database_full'],
  // Roles and passwords; a database that takes no connections; rights; certificates.
  [/^(28...|55000|42501|SASL_.*|ERR_TLS_.*|.*CERT.*|UNABLE_TO_.*)$/, 'database_refused'],
  [/^3D000$/, 'database_missing'],
  // Tables, columns, a schema: gone, or not there yet.
  [/^(42P01|42703|3F000)$/, 'not_migrated'],
  [
    new RegExp(
      '^(08...|40001|40P01|57014|55P03|57P0[1-5]|53[02]00|CONNECTION_(CLOSED|ENDED|DESTROYED)|CONNECT_TIMEOUT|NO_ANSWER|' +
        'E(CONN(REFUSED|RESET|ABORTED)|PIPE|TIMEDOUT|HOSTUNREACH|NETUNREACH|NOTFOUND|AI_AGAIN)|' +
        'ERR_SOCKET_CLOSED|ERR_STREAM_.*)$',
    ),
    'database_away',
  ],
];
