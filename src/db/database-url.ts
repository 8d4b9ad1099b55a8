// DATABASE_URL in every form that people have: PostgreSQL's own and SQLAlchemy's.

/**
 * Turns `postgresql+asyncpg://…` and the like into `postgres://…`, dropping what only Python drivers know.
 * Throws a TypeError with a sentence when it is no PostgreSQL URL. The sentence never holds the URL itself.
 */
export function normalizeDatabaseUrl(text: string): string {
  const scheme = /^([a-z][a-z0-9]*)(\+[a-z0-9_]+)?:\/\//i.exec(text.trim());
  if (!scheme || !/^postgres(ql)?$/i.test(scheme[1] ?? '')) {
    throw new TypeError('must begin with postgres:// or postgresql:// (SQLAlchemy forms are understood)');
  }
  let url: URL;
  try {
    url = new URL(`postgres://${text.trim().slice(scheme[0].length)}`);
  } catch {
    throw new TypeError('must look like postgres://user:password@host:5432/database');
  }
  refuseUnreadable(url);
  takePlaces(url);
  takeSslMode(url);
  for (const name of [...url.searchParams.keys()]) {
    if (clientOnly.has(name) || name.startsWith('keepalives')) url.searchParams.delete(name);
  }
  return url.href;
}

// The driver would decode these parts, and throw an error that quotes them.
function refuseUnreadable(url: URL): void {
  const decodable = [url.username, url.password, url.hostname, url.pathname].every((part) => {
    try {
      return decodeURIComponent(part) !== undefined;
    } catch {
      return false;
    }
  });
  if (!decodable) {
    throw new TypeError(
      'has a % that stands for nothing, in its user, password or database: write % as %25 there',
    );
  }
  // A password with a raw / ? or # ends too early, and its rest would be taken for a name that may be shown.
  if (url.hash !== '' || url.pathname.includes('@') || [...url.searchParams.keys()].join().includes('@')) {
    throw new TypeError(
      'has a / ? # or @ that does not belong: in the user and the password write them as %2F %3F %23 and %40',
    );
  }
}

/** Moves what libpq also takes as parameters to where the driver looks for it. */
function takePlaces(url: URL): void {
  const take = (name: string, put: (value: string) => void) => {
    const value = url.searchParams.get(name);
    url.searchParams.delete(name);
    if (value) put(value);
  };
  take('host', (host) => {
    if (host.startsWith('/')) {
      throw new TypeError(
        'names a socket in host=: write postgres:///database, and set PGHOST to the socket’s folder and PGUSER to the user',
      );
    }
    url.hostname = host;
  });
  take('port', (port) => {
    url.port = port;
  });
  take('user', (user) => {
    url.username = encodeURIComponent(user);
  });
  take('password', (password) => {
    url.password = encodeURIComponent(password);
  });
  take('dbname', (name) => {
    url.pathname = `/${encodeURIComponent(name)}`;
  });
}

const flags: Record<string, string> = { true: 'require', 1: 'require', false: 'disable', 0: 'disable' };
const sslModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'];

/** Turns asyncpg's `ssl` and libpq's `sslrootcert=system` into the `sslmode` that says the same. */
function takeSslMode({ searchParams }: URL): void {
  const ssl = searchParams.get('ssl');
  searchParams.delete('ssl');
  if (ssl !== null && !searchParams.has('sslmode'))
    searchParams.set('sslmode', flags[ssl.toLowerCase()] ?? ssl);
  if (searchParams.get('sslrootcert') === 'system') searchParams.set('sslmode', 'verify-full');
  const mode = searchParams.get('sslmode');
  // The driver would take a mode that it does not know for TLS with a certificate that must be right.
  if (mode !== null && !sslModes.includes(mode)) {
    throw new TypeError(`has the sslmode ${JSON.stringify(mode)}; it must be one of ${sslModes.join(', ')}`);
  }
  // TLS if the server speaks it, which the driver calls prefer.
  if (mode === 'allow') searchParams.set('sslmode', 'prefer');
  // The default of libpq, which the driver refuses.
  if (searchParams.get('target_session_attrs') === 'any') searchParams.delete('target_session_attrs');
}

/**
 * Parameters of libpq, JDBC, Prisma, asyncpg and SQLAlchemy that concern the client. The driver would send them on,
 * and the server would refuse the connection because of a setting it does not know, or take one it should not.
 */
const clientOnly = new Set([
  // libpq
  ...[
    'channel_binding',
    'client_encoding',
    'fallback_application_name',
    'gssdelegation',
    'gssencmode',
    'gsslib',
  ],
  ...[
    'krbsrvname',
    'load_balance_hosts',
    'max_protocol_version',
    'min_protocol_version',
    'passfile',
    'replication',
  ],
  ...[
    'require_auth',
    'requirepeer',
    'requiressl',
    'scram_client_key',
    'scram_server_key',
    'service',
    'servicefile',
  ],
  ...[
    'ssl_max_protocol_version',
    'ssl_min_protocol_version',
    'sslcert',
    'sslcertmode',
    'sslcompression',
    'sslcrl',
  ],
  ...['sslcrldir', 'sslkey', 'sslkeylogfile', 'sslpassword', 'sslrootcert', 'sslsni', 'tcp_user_timeout'],
  // Poolers and other drivers' connection strings, as hosting services show them
  ...['connection_limit', 'pgbouncer', 'pool_timeout', 'socket_timeout', 'sslaccept', 'sslidentity'],
  ...['supa', 'uselibpqcompat'],
  // asyncpg, psycopg and SQLAlchemy
  ...['async_fallback', 'autocommit', 'command_timeout', 'direct_tls', 'max_cacheable_statement_size'],
  ...['max_cached_statement_lifetime', 'prepare_threshold', 'prepared_statement_cache_size'],
  ...['prepared_statement_name_func', 'statement_cache_size', 'timeout'],
]);

/** `postgres://user@host:5432/name`: no password, no parameters. */
export function describeDatabaseUrl(url: string): string {
  const parsed = new URL(url);
  const user = parsed.username ? `${decodeURIComponent(parsed.username)}@` : '';
  const host = parsed.host || parsed.searchParams.get('host') || 'localhost';
  return `postgres://${user}${host}/${databaseName(url)}`;
}

// What PostgreSQL's own programs take of the parameters that are left; they refuse others.
const libpqParameters = ['sslmode', 'options', 'connect_timeout', 'target_session_attrs'];

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
