// What went wrong in the database, told apart by code and never by class: the drivers differ.

/** The SQLSTATE (or the driver's own code) behind an error, through Drizzle's wrapping. */
export function databaseErrorCode(error: unknown): string | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    if ('code' in cause && typeof cause.code === 'string') return cause.code;
  }
  return undefined;
}

/** True when the server could not be reached, went away, is starting, stopping, full, too slow, or asks to try again. */
export function isDatabaseAway(error: unknown): boolean {
  const code = databaseErrorCode(error);
  return code !== undefined && away.test(code);
}

const away = new RegExp(
  '^(08...|25006|40001|40P01|57014|55P03|57P0[1-5]|53300|53[012]00|3D000|CONNECTION_(CLOSED|ENDED|DESTROYED)|CONNECT_TIMEOUT|NO_ANSWER|' +
    'E(CONN(REFUSED|RESET|ABORTED)|PIPE|TIMEDOUT|HOSTUNREACH|NETUNREACH|NOTFOUND|AI_AGAIN)|' +
    'ERR_SOCKET_CLOSED|ERR_STREAM_.*)$',
);
