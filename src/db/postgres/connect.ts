// How a connection is opened: at which of the servers, and with what its statements rely on.
import type postgres from 'postgres';
import { databaseErrorCode } from '../errors.ts';
import { type Connection, type ConnectionOptions, openConnection } from './connection.ts';
import { databaseName, driverUrl, type ServerPlace, serverPlaces } from './database-url.ts';
import { firstThatWrites } from './first-that-writes.ts';

type OnClose = (connection: Connection) => void;

/**
 * Gives a function that opens a connection to the first of the servers that lets anything be written, beginning with the
 * last that did; to one that does not, if that is all there is. `lockMs`: how long a statement waits for a lock; a
 * `patient` one takes as long as it takes, whatever the database or the role says.
 */
export function connector(
  url: string,
  { prepare, lockMs, patient = false }: { prepare: boolean; lockMs: number; patient?: boolean },
): (onClose: OnClose) => Promise<Connection> {
  const places = serverPlaces(url);
  let first = 0;
  let everything = true;
  const all = {
    ...taken,
    ...refusedByPoolers,
    lock_timeout: String(lockMs),
    ...(patient ? { statement_timeout: '0' } : {}),
  };

  async function openAt(place: ServerPlace | undefined, onClose: OnClose): Promise<Connection> {
    const open = (settings: Record<string, string>) => {
      const options = { ...common, prepare, database: databaseName(url), connection: settings };
      return openConnection(driverUrl(url), place, options, onClose);
    };
    if (!everything) return open(taken);
    try {
      return await open(all);
    } catch (error) {
      if (!isUnknownSetting(error)) throw error;
      const connection = await open(taken);
      everything = false;
      return connection;
    }
  }

  return async (onClose) => {
    if (places.length === 1) return openAt(places[0], onClose);
    const order = places.map((_, index) => (first + index) % places.length);
    const found = await firstThatWrites(order.map((index) => () => openAt(places[index], onClose)));
    const { connection, index } = found;
    if (!connection.readOnly) first = order[index] ?? 0;
    return connection;
  };
}

// A database, or a role, may have others. Times are read in this form, in whatever time zone.
const taken = { application_name: 'agentchat', DateStyle: 'ISO', standard_conforming_strings: 'on' };

// A pooler keeps the ones above for each of its clients, and may not know these, or `lock_timeout`. Without them: what is
// not read committed conflicts more often, and is asked again; and a start refuses another search path.
const refusedByPoolers = { search_path: 'public', default_transaction_isolation: 'read committed' };
/** What PgBouncer says to a setting that it does not keep, and PostgreSQL's relatives to one they do not have. */
const isUnknownSetting = (error: unknown): boolean =>
  /^(08P01|42704|0A000)$/.test(databaseErrorCode(error) ?? '') &&
  error instanceof Error &&
  /parameter|setting/i.test(error.message);

const asIs = (text: unknown) => text;
const texts = (to: number): postgres.PostgresType => ({ to, from: [to], serialize: asIs, parse: asIs });

// As Drizzle wants them: it reads times itself, and writes JSON.
const common: ConnectionOptions = {
  types: {
    date: texts(1082),
    timestamp: texts(1114),
    timestamptz: texts(1184),
    json: { to: 114, from: [], serialize: asIs, parse: asIs },
    jsonb: { to: 3802, from: [], serialize: asIs, parse: asIs },
  },
};
