import { expect, test } from 'bun:test';
import postgres from 'postgres';
import { testServerUrl } from '../../testing/databases.ts';
import {
  databaseName,
  describeDatabaseUrl,
  driverUrl,
  libpqUrl,
  serverPlaces,
  withDatabaseName,
} from './database-url.ts';
import { normalizeDatabaseUrl } from './normalize-database-url.ts';

test('SQLAlchemy forms become PostgreSQL’s own', () => {
  for (const scheme of [
    'postgresql',
    'postgres',
    'postgresql+asyncpg',
    'postgresql+psycopg2',
    'PostgreSQL+psycopg',
  ]) {
    expect(normalizeDatabaseUrl(`${scheme}://me:secret@db.example:6543/chat`)).toBe(
      'postgres://me:secret@db.example:6543/chat',
    );
  }
});

test('what only Python drivers know is dropped, and asyncpg’s ssl is the server’s sslmode', () => {
  expect(normalizeDatabaseUrl('postgresql+asyncpg://h/d?ssl=require&prepared_statement_cache_size=0')).toBe(
    'postgres://h/d?sslmode=require',
  );
});

test('anything else is refused, without repeating what may hold a password', () => {
  for (const url of [
    'mysql://u:hunter2@h/d',
    'u:hunter2@h/d',
    'sqlite:///hunter2',
    'postgres://hunter2:[::',
    'hunter2',
  ]) {
    const refuse = () => normalizeDatabaseUrl(url);
    expect(refuse).toThrow(/must (begin with|look like) postgres/);
    expect(refuse).not.toThrow(/hunter2/);
  }
});

test('a percent sign that stands for nothing is refused where it is, with how to write it', () => {
  for (const url of [
    'postgres://me:hunter2%@h/d',
    'postgres://me:100%hunter2@h/d',
    'postgres://hunter2%:x@h/d',
    'postgres://me:%E4hunter2@h/d',
    'postgres://h/hunter2%',
  ]) {
    const refuse = () => normalizeDatabaseUrl(url);
    expect(refuse).toThrow(/has a % that stands for nothing.*write % as %25/);
    expect(refuse).not.toThrow(/hunter2/);
  }
  expect(normalizeDatabaseUrl('postgres://me:100%25@h/d')).toBe('postgres://me:100%25@h/d');
});

test('a password may hold / ? # @ and : as they are, and is never taken for a name', () => {
  for (const [password, written] of [
    ['1/hunter2', '1%2Fhunter2'],
    ['1#hunter2', '1%23hunter2'],
    ['1?hunter2', '1%3Fhunter2'],
    ['a@b', 'a%40b'],
    ['a@b/c?d#e:f', 'a%40b%2Fc%3Fd%23e%3Af'],
    ['a@b?c', 'a%40b%3Fc'],
  ]) {
    for (const place of ['h/d', 'h:5433/d?sslmode=require', '[::1]:5432/d', 'h']) {
      const url = normalizeDatabaseUrl(`postgres://me:${password}@${place}`);
      expect(url).toBe(`postgres://me:${written}@${place}`);
      expect(describeDatabaseUrl(url)).not.toMatch(/hunter2|a@b/);
    }
  }
  expect(normalizeDatabaseUrl('postgres://h:5432/d?user=me&password=p@q')).toBe(
    'postgres://me:p%40q@h:5432/d',
  );
  for (const url of ['postgres://h/hunter2@x', 'postgres://me:pw@h/d#hunter2', 'postgres://h/d?hunter2']) {
    expect(() => normalizeDatabaseUrl(url)).toThrow(/%2F %3F %23 and %40/);
    expect(() => normalizeDatabaseUrl(url)).not.toThrow(/hunter2/);
  }
});

test('what libpq takes as a parameter is put where the driver looks for it', () => {
  expect(normalizeDatabaseUrl('postgresql:///?host=h&port=6543&user=me&password=p%25%40&dbname=a%20b')).toBe(
    'postgres://me:p%25%40@h:6543/a%20b',
  );
  expect(normalizeDatabaseUrl('postgres://h/d?sslrootcert=system')).toBe(
    'postgres://h/d?sslmode=verify-full',
  );
});

test('a socket, an address of version 6 and several hosts are named as libpq does', () => {
  const places = (url: string) => serverPlaces(normalizeDatabaseUrl(url));
  const socket = [{ host: '/run/pg', port: 5433, path: '/run/pg/.s.PGSQL.5433' }];
  expect(places('postgres://me@/d?host=/run/pg&port=5433')).toEqual(socket);
  expect(places('postgresql:///d?host=/run/pg&port=5433')).toEqual(socket);
  expect(places('postgres://me:pw@%2Frun%2Fpg:5433/d')).toEqual(socket);
  expect(places('postgres://me@[::1]:5433/d')).toEqual([{ host: '::1', port: 5433 }]);
  expect(places('postgres://me@[::1],h:6543/d')).toEqual([
    { host: '::1', port: 5432 },
    { host: 'h', port: 6543 },
  ]);
  expect(places('postgres:///d?host=a,b&port=1')).toEqual([
    { host: 'a', port: 1 },
    { host: 'b', port: 1 },
  ]);
  expect(places('postgres:///d')).toEqual([undefined]);
  // SQLAlchemy's own.
  for (const form of ['host=a:1&host=[::2]:3', 'host=a:1,[::2]:3', 'host=a&host=::2&port=1&port=3']) {
    expect(places(`postgresql+asyncpg://u:p@/d?${form}`)).toEqual([
      { host: 'a', port: 1 },
      { host: '::2', port: 3 },
    ]);
  }
  expect(places('postgresql+asyncpg://u:p@/d?host=db.example&port=6543')).toEqual([
    { host: 'db.example', port: 6543 },
  ]);

  const url = normalizeDatabaseUrl('postgres://me:hunter2@a:1,[::2]:3/d?target_session_attrs=read-write');
  expect(describeDatabaseUrl(url)).toBe('postgres://me@a:1,[::2]:3/d');
  expect(describeDatabaseUrl(normalizeDatabaseUrl('postgres://me@%2Frun/d'))).toBe('postgres://me@%2Frun/d');
  expect(() => normalizeDatabaseUrl('postgres://a,b/d?port=1,2,3')).toThrow(/as many ports as hosts/);
  expect(() => normalizeDatabaseUrl('postgres://a:99999/d')).toThrow(/no number up to 65535/);
});

test('what AgentChat cannot do is told: reading a replica only, another schema', () => {
  expect(() => normalizeDatabaseUrl('postgres://a,b/d?target_session_attrs=standby')).toThrow(
    /must be read-write/,
  );
  expect(normalizeDatabaseUrl('postgres://h/d?schema=public')).toBe('postgres://h/d');
  expect(() => normalizeDatabaseUrl('postgres://h/d?schema=app')).toThrow(
    /stand in public: take schema= out/,
  );
});

// Strings as Neon, Supabase, Vercel, libpq's manual and asyncpg's have them.
const foreign = [
  'sslmode=disable&channel_binding=require',
  'connect_timeout=10&target_session_attrs=any&gssencmode=disable&passfile=%2Fx',
  'target_session_attrs=read-write&load_balance_hosts=random',
  'keepalives=1&keepalives_idle=30&keepalives_interval=5&keepalives_count=5&tcp_user_timeout=3',
  'sslmode=disable&sslrootcert=%2Fca.pem&sslcert=%2Fc&sslkey=%2Fk&ssl_min_protocol_version=TLSv1.2',
  'pgbouncer=true&connection_limit=1&pool_timeout=5&supa=base-pooler.x',
  'application_name=mine&options=-c%20search_path%3Dpublic&client_encoding=latin1',
  'ssl=false&command_timeout=5&prepared_statement_cache_size=0',
  'fallback_application_name=x&sslcompression=0&requirepeer=me&krbsrvname=x&service=y',
];

test.skipIf(testServerUrl === undefined)('a server takes what others’ strings hold', async () => {
  for (const parameters of foreign) {
    const url = driverUrl(normalizeDatabaseUrl(`${testServerUrl}?${parameters}`));
    const client = postgres(url, { max: 1 });
    const settings = await client`select current_setting('client_encoding') as encoding`;
    expect([parameters, settings[0]?.encoding]).toEqual([parameters, 'UTF8']);
    await client.end();
  }
});

test('a description has everything but the password', () => {
  expect(describeDatabaseUrl('postgres://me:hunter2@h:5433/%E6%95%B0?sslpassword=hunter2')).toBe(
    'postgres://me@h:5433/数',
  );
});

test('for PostgreSQL’s own programs it has what they know, nothing a shell reads, and no password', () => {
  const url = normalizeDatabaseUrl(
    `postgresql+asyncpg://o'me:hunter2@h:5433/a%20$(x)'"%25?sslmode=require&application_name=x&TimeZone=UTC&options=-c%20a%3Db`,
  );
  expect(libpqUrl(url)).toBe(
    'postgres://o%27me@h:5433/a%20%24(x)%27%22%25?sslmode=require&options=-c%20a%3Db',
  );
});

test('a URL without a database is shown with the one that is used', () => {
  expect(describeDatabaseUrl('postgres://me@h')).toBe('postgres://me@h/me');
  expect(describeDatabaseUrl('postgres://h/')).toBe('postgres://h/postgres');
});

test('an sslmode that does not exist is refused, and one that the driver does not know is said otherwise', () => {
  expect(() => normalizeDatabaseUrl('postgres://h/d?sslmode=bogus')).toThrow(
    /the sslmode "bogus"; it must be one of disable,/,
  );
  expect(normalizeDatabaseUrl('postgres://h/d?sslmode=allow')).toBe('postgres://h/d?sslmode=prefer');
  expect(normalizeDatabaseUrl('postgres://h/d?ssl=false')).toBe('postgres://h/d?sslmode=disable');
});

test('a database name may hold anything', () => {
  const name = 'A-b "c" 数据库/?#%';
  expect(databaseName(withDatabaseName('postgres://h/x?sslmode=require', name))).toBe(name);
  expect(databaseName('postgres://me@h')).toBe('me');
});
