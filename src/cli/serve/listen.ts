// The port: what keeps it from being opened, in one line, and how a person calls it.

export type Address = { host: string; port: number };

/** The server cannot listen where HOST and PORT say. The message is one line that names the one to change. */
export class ListenError extends Error {
  override name = 'ListenError';
}

/** Runs what opens the port; its error becomes a ListenError. */
export function listening<T>(address: Address, open: () => T): T {
  try {
    return open();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    throw new ListenError(sentence(address, code), { cause: error });
  }
}

/**
 * Opens the port and closes it again. Throws a ListenError where another program has it: also one that would
 * share it, as servers with several workers do.
 */
export function probePort({ host, port }: Address): void {
  const probe = listening({ host, port }, () =>
    Bun.listen({ hostname: host, port, exclusive: true, socket: { data() {} } }),
  );
  probe.stop(true);
}

/** Whether this is the error of a port that something else has. */
export const isTaken = (error: unknown): boolean =>
  error instanceof ListenError &&
  error.cause instanceof Error &&
  'code' in error.cause &&
  error.cause.code === 'EADDRINUSE';

function sentence({ host, port }: Address, code: string): string {
  if (code === 'EADDRINUSE')
    return `The port is taken by another program (PORT is ${port}): stop it, or set PORT to another one.`;
  if (code === 'EACCES' || code === 'EPERM')
    return `PORT is ${port}; this user may not listen there: set PORT to one above 1023.`;
  // Which of these comes for a name that cannot be looked up depends on the system; it may be none.
  if (/^(EADDRNOTAVAIL|EAFNOSUPPORT|EINVAL|ENOTFOUND|EAI_.*|ERR_INVALID_.*|)$/.test(code))
    return `HOST is ${JSON.stringify(host)}; it must be an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all of them.`;
  return `The server cannot listen where HOST (${JSON.stringify(host)}) and PORT (${port}) say: ${code}.`;
}

/** Where a browser on this machine finds the server. */
export function urlOf({ host, port }: Address): string {
  return `http://${displayHost(host)}:${port}`;
}

function displayHost(host: string): string {
  if (['127.0.0.1', '0.0.0.0', '::', '::1'].includes(host)) return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
