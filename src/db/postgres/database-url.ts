// What a database URL says, once it is normalized.

/** A server. `path` is its socket, if it is reached by one. */
export type ServerPlace = { host: string; port: number; path?: string };

/** The servers that a URL names, in its order; undefined: the driver's default. */
export function serverPlaces(url: string): (ServerPlace | undefined)[] {
  return hostsOf(url).map(({ host, port: text }) => {
    if (host === '') return undefined;
    const port = Number(text || 5432);
    return host.startsWith('/') ? { host, port, path: `${host}/.s.PGSQL.${port}` } : { host, port };
  });
}

/** Without what the driver is told otherwise, or would tell the server. */
export function driverUrl(url: string): string {
  const parsed = new URL(url);
  for (const name of ['host', 'port', 'target_session_attrs']) parsed.searchParams.delete(name);
  return parsed.href;
}

function hostsOf(url: string): { host: string; port: string }[] {
  const { hostname, port, searchParams } = new URL(url);
  const hosts = searchParams.get('host');
  if (hosts === null) return [{ host: hostname.replace(/^\[(.*)\]$/, '$1'), port }];
  const ports = searchParams.get('port')?.split(',') ?? [];
  return hosts.split(',').map((host, index) => ({ host, port: ports[index] ?? ports[0] ?? port }));
}

/** `postgres://user@host:5432/name`: no password, no parameters. */
export function describeDatabaseUrl(url: string): string {
  const { username } = new URL(url);
  const user = username ? `${decodeURIComponent(username)}@` : '';
  const places = hostsOf(url).map(({ host, port }) => {
    const named = host.includes(':') ? `[${host}]` : host.replaceAll('/', '%2F') || 'localhost';
    return port === '' || host.startsWith('/') ? named : `${named}:${port}`;
  });
  return `postgres://${user}${places}/${databaseName(url)}`;
}

// What PostgreSQL's own programs take of the parameters that are left; they refuse others.
const libpqParameters = ['host', 'port', 'sslmode', 'options', 'connect_timeout', 'target_session_attrs'];

/** For PostgreSQL's own programs, between single quotes of a shell: everything but the password. */
export function libpqUrl(url: string): string {
  const parsed = new URL(url);
  parsed.password = '';
  parsed.pathname = `/${encodeURIComponent(databaseName(url))}`;
  for (const name of [...parsed.searchParams.keys()]) {
    if (!libpqParameters.includes(name)) parsed.searchParams.delete(name);
  }
  // A query writes a blank as +, which libpq takes for a plus.
  return parsed.href.replaceAll('+', '%20').replaceAll("'", '%27');
}

/** The name of the database in a URL; PostgreSQL's default is the user's name. */
export function databaseName(url: string): string {
  const parsed = new URL(url);
  return decodeURIComponent(parsed.pathname.slice(1)) || decodeURIComponent(parsed.username) || 'postgres';
}

/** The same server, another database. */
export function withDatabaseName(url: string, name: string): string {
  const parsed = new URL(url);
  parsed.pathname = `/${encodeURIComponent(name)}`;
  return parsed.href;
}
