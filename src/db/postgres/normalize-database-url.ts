// DATABASE_URL in every form that people have: PostgreSQL's own, Prisma's and SQLAlchemy's.

/**
 * Turns `postgresql+asyncpg://…` and the like into `postgres://…`, dropping what only other drivers know. Several servers,
 * and a socket's folder, are in the parameters `host` and `port`, as libpq also has them. Throws a TypeError with a
 * sentence when it is no PostgreSQL URL. The sentence never holds the URL itself.
 */
export function normalizeDatabaseUrl(text: string): string {
  const scheme = /^([a-z][a-z0-9]*)(\+[a-z0-9_]+)?:\/\//i.exec(text.trim());
  if (!scheme || !/^postgres(ql)?$/i.test(scheme[1] ?? '')) {
    throw new TypeError('must begin with postgres:// or postgresql:// (SQLAlchemy forms are understood)');
  }
  const parts = partsOf(text.trim().slice(scheme[0].length));
  const parameters = new URLSearchParams(parts.query);
  const take = (name: string): string => {
    // SQLAlchemy names each of several hosts in a parameter of its own.
    const value = parameters.getAll(name).join();
    parameters.delete(name);
    return value;
  };
  const named = placesOf(take('host'), take('port'), parts.places);
  const user = take('user') || parts.user;
  const password = take('password') || parts.password;
  const database = take('dbname') || parts.database;
  refuseReplicas(parameters);
  refuseSchema(take('schema'));
  takeSslMode(parameters);
  for (const name of [...parameters.keys()]) {
    if (clientOnly.has(name) || name.startsWith('keepalives')) parameters.delete(name);
  }
  const [one, ...others] = named;
  if (others.length > 0 || one?.host.startsWith('/')) {
    parameters.set('host', named.map(({ host }) => host).join());
    parameters.set('port', named.map(({ port }) => port || '5432').join());
  }
  const url = [
    'postgres://',
    user && encodeURIComponent(user),
    password && `:${encodeURIComponent(password)}`,
    (user || password) && '@',
    authority(one, user || password),
    database && `/${encodeURIComponent(database)}`,
    !database && !one?.host && '/',
    parameters.size > 0 && `?${parameters}`,
  ];
  return new URL(url.filter(Boolean).join('')).href;
}

/** A server; `port` as it is written, or empty. A `host` with a slash is the folder of its socket. */
type Place = { host: string; port: string };
type Parts = { user: string; password: string; places: Place[]; database: string; query: string };

const place = String.raw`(?:\[[0-9a-fA-F:.%]+\]|[^@/?#:,[\]\s]*)(?::\d*)?`;
// No @ in a host or a database's name: so a password that holds / ? # or @ does not end too early.
const rest = String.raw`(?<places>${place}(?:,${place})*)(?:/(?<database>[^@/?#]*))?(?:\?(?<query>(?:[\w.-]+=[^#]*)?))?$`;
const withoutUser = new RegExp(`^${rest}`);
const withUser = new RegExp(`^(?<user>[^:/?#]*?)(?::(?<password>.*?))?@${rest}`);

function partsOf(text: string): Parts {
  const found = (withoutUser.exec(text) ?? withUser.exec(text))?.groups;
  if (!found) {
    throw new TypeError(
      'must look like postgres://user:password@host:5432/database; in the user, the database and the parameters write / ? # and @ as %2F %3F %23 and %40',
    );
  }
  const places = (found.places ?? '').split(',').map((one) => {
    const [, inBrackets, plain = '', port = ''] = /^(?:\[(.*)\]|([^:]*))(?::(\d*))?$/.exec(one) ?? [];
    return { host: decoded(inBrackets ?? plain), port };
  });
  return {
    user: decoded(found.user ?? ''),
    password: decoded(found.password ?? ''),
    places,
    database: decoded(found.database ?? ''),
    query: found.query ?? '',
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new TypeError(
      'has a % that stands for nothing, in its user, password, host or database: write % as %25 there',
    );
  }
}

/** What libpq also takes as parameters goes before what stands at the usual place. */
function placesOf(hosts: string, ports: string, places: Place[]): Place[] {
  const listed = hosts === '' ? places : hosts.split(',').map(placeOf);
  const named = listed.map(({ host }) => host);
  const withPorts = listed.some(({ port }) => port !== '') ? listed : places;
  const given = ports === '' ? withPorts.map(({ port }) => port) : ports.split(',');
  if (given.some((port) => !/^\d*$/.test(port) || Number(port) > 65_535)) {
    throw new TypeError('has a port that is no number up to 65535');
  }
  if (given.length > 1 && given.length !== named.length) {
    throw new TypeError('names neither as many ports as hosts, nor one port for all of them');
  }
  return named.map((host, index) => ({
    host,
    port: (given.length === 1 ? given[0] : given[index]) ?? '',
  }));
}

/** A host of a parameter: an address of version 6 may stand in brackets, and SQLAlchemy's have their ports behind them. */
function placeOf(text: string): Place {
  const [, host = '', port = ''] = /^([^:]*|\[.*\]):(\d+)$/.exec(text.trim()) ?? [text, text.trim()];
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port };
}

/** A URL with a user must have a host too: a socket's folder is told by the parameters, which go before it. */
function authority(one: Place | undefined, needed: string): string {
  if (!one || one.host === '' || one.host.startsWith('/')) return needed || one?.host ? 'localhost' : '';
  const host = one.host.includes(':') ? `[${one.host}]` : one.host;
  return one.port === '' ? host : `${host}:${one.port}`;
}

function refuseReplicas(parameters: URLSearchParams): void {
  const wanted = parameters.get('target_session_attrs');
  if (wanted === null || ['any', 'read-write', 'primary'].includes(wanted)) return;
  throw new TypeError(
    `has target_session_attrs=${wanted}; AgentChat writes: it must be read-write, which of several hosts is also chosen without it`,
  );
}

/** Prisma's. */
function refuseSchema(schema: string): void {
  if (schema === '' || schema === 'public') return;
  throw new TypeError(
    `asks for the schema ${JSON.stringify(schema)}; AgentChat's tables stand in public: take schema= out, and name a database that nothing else uses`,
  );
}

const flags: Record<string, string> = { true: 'require', 1: 'require', false: 'disable', 0: 'disable' };
const sslModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'];

/** Turns asyncpg's `ssl` and libpq's `sslrootcert=system` into the `sslmode` that says the same. */
function takeSslMode(searchParams: URLSearchParams): void {
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
