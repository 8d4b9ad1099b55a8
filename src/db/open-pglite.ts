// Opens the embedded database. Imported only where it is used: PGlite brings 15 MB along.
import { PGlite, protocol } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import type { Database } from './database.ts';
import { databaseClosed } from './errors.ts';
import * as schema from './schema.ts';

/**
 * Opens (or makes) PGlite's files in `folder`; without one, in memory. The caller holds the folder's lock:
 * two processes on one folder would destroy it.
 */
export async function openPglite(folder?: string): Promise<Database> {
  const client = new WholeTexts(folder === undefined ? {} : { dataDir: folder });
  await client.waitReady;
  const db = drizzle(client, { schema });
  return {
    db,
    reserved: db,
    patient: db,
    kind: 'embedded',
    description: folder === undefined ? 'embedded, in memory' : `embedded, in ${folder}`,
    close: () => client.close(),
  };
}

/** PGlite has no code for its end, and takes U+FEFF at the beginning of a text for a mark that is not part of it. */
class WholeTexts extends PGlite {
  override async _checkReady() {
    await super._checkReady().catch((error) => {
      throw this.closed || /is closing/.test(String(error)) ? databaseClosed() : error;
    });
  }

  override async execProtocolStream(...asked: Parameters<PGlite['execProtocolStream']>) {
    const { messages, data } = await this.execProtocol(...asked);
    const rows = messages.filter((message) => message instanceof protocol.messages.DataRowMessage);
    let next = 0;
    for (const marked of markedFields(data)) {
      const fields = rows[next++]?.fields;
      for (const index of marked) if (fields) fields[index] = `\uFEFF${fields[index]}`;
    }
    return messages;
  }
}

const dataRow = 'D'.charCodeAt(0);

/** For each row of an answer as the server sends it, which of its fields begin with U+FEFF in UTF-8. */
function* markedFields(data: Uint8Array): Generator<number[]> {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  for (let at = 0; at + 5 <= data.length; at += 1 + view.getInt32(at + 1)) {
    if (data[at] !== dataRow) continue;
    const marked: number[] = [];
    let field = at + 7;
    for (let index = 0; index < view.getInt16(at + 5); index++) {
      const length = view.getInt32(field);
      field += 4;
      if (length >= 3 && data[field] === 0xef && data[field + 1] === 0xbb && data[field + 2] === 0xbf)
        marked.push(index);
      field += Math.max(0, length);
    }
    yield marked;
  }
}
