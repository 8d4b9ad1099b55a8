// Queries on files: storing them piece by piece, finding them, and letting them go. What is not all there is nobody's yet.
import { and, asc, eq, isNotNull, type SQL, sql } from 'drizzle-orm';
import type { FileReading, FileText } from '../../words/files.ts';
import type { Db } from '../database.ts';
import { databaseErrorCode } from '../errors.ts';
import type { Owner, SessionKey } from '../owner.ts';
import { as, cte, param } from '../prepared.ts';
import { chatFilePieces, chatFiles, chatSessionFiles } from '../schema.ts';

export type FileKey = { owner: Owner; id: string };

export type FileRow = {
  id: string;
  name: string;
  mediaType: string;
  size: number;
  sha256: string;
  createdAt: Date;
};

/** What is known of a file once all of it is there; `text` is what a model is given to read, if there is anything. */
export type WholeFile = Pick<FileRow, 'mediaType' | 'size' | 'sha256'> & { text: FileText | undefined };

export type NamedFile = Pick<FileRow, 'id' | 'name' | 'mediaType' | 'size'> & { text: FileReading | null };

/** How long one is kept that no message has, and what was begun and never ended. */
const unusedHours = 24;
const halfHours = 1;

const foreignKeyViolation = '23503';

export type FileQueries = ReturnType<typeof fileQueries>;

/** What a process does for all goes through `reserved`; with `served`, for those of that owner. */
export function fileQueries(db: Db, reserved: Db, served?: Owner) {
  const thisOne = and(eq(chatFiles.ownerId, param('owner')), eq(chatFiles.id, param('id')));
  const find = db
    .select({
      id: chatFiles.id,
      name: chatFiles.name,
      mediaType: chatFiles.mediaType,
      size: chatFiles.size,
      sha256: sql<string>`${chatFiles.sha256}`,
      createdAt: chatFiles.createdAt,
    })
    .from(chatFiles)
    .where(and(thisOne, isNotNull(chatFiles.sha256)))
    .prepare('file_find');
  const begin = db
    .insert(chatFiles)
    .values({ ownerId: param('owner'), id: param('id'), name: param('name') })
    .prepare('file_begin');
  const add = db
    .insert(chatFilePieces)
    .values({
      ownerId: param('owner'),
      fileId: param('id'),
      position: param('position'),
      bytes: sql.placeholder('bytes'),
    })
    .prepare('file_add_piece');
  const complete = db
    .update(chatFiles)
    .set({
      mediaType: param('mediaType'),
      size: param('size'),
      sha256: param('sha256'),
      text: param('text'),
      textCut: param('cut'),
    })
    .where(and(thisOne, sql`sha256 is null`))
    .returning({ createdAt: chatFiles.createdAt, characters })
    .prepare('file_complete');
  const piece = db
    .select({ bytes: chatFilePieces.bytes })
    .from(chatFilePieces)
    .where(
      and(
        eq(chatFilePieces.ownerId, param('owner')),
        eq(chatFilePieces.fileId, param('id')),
        eq(chatFilePieces.position, param('position')),
      ),
    )
    .prepare('file_piece');
  const pieces = db
    .select({ bytes: chatFilePieces.bytes })
    .from(chatFilePieces)
    .where(and(eq(chatFilePieces.ownerId, param('owner')), eq(chatFilePieces.fileId, param('id'))))
    .orderBy(asc(chatFilePieces.position))
    .prepare('file_pieces');
  const texts = db
    .select({ id: chatFiles.id, text: chatFiles.text, cut: chatFiles.textCut })
    .from(chatFiles)
    .where(and(eq(chatFiles.ownerId, param('owner')), isOne(chatFiles.id), isNotNull(chatFiles.text)))
    .prepare('file_texts');
  const drop = db.delete(chatFiles).where(and(thisOne, isUnused)).prepare('file_drop');
  const sweep = reserved
    .delete(chatFiles)
    .where(
      sql`created_at < now() - ${halfHours} * interval '1 hour'
        and (sha256 is null or created_at < now() - ${unusedHours} * interval '1 hour') and ${isUnused} and owner_id = coalesce(${param('served', 'int')}, owner_id)`,
    )
    .prepare('file_sweep');
  const named = db
    .select({
      id: chatFiles.id,
      name: chatFiles.name,
      mediaType: chatFiles.mediaType,
      size: chatFiles.size,
      characters,
      cut: chatFiles.textCut,
    })
    .from(chatFiles)
    .where(and(eq(chatFiles.ownerId, param('owner')), isOne(chatFiles.id), isNotNull(chatFiles.sha256)))
    .prepare('file_named');
  const use = prepareUse(db);

  return {
    /** Gives what is to come a place; until `complete` there is no such file. */
    begin: async (key: FileKey, name: string): Promise<void> => {
      await begin.execute({ ...key, name });
    },

    add: async (key: FileKey, position: number, bytes: Uint8Array): Promise<void> => {
      await add.execute({ ...key, position, bytes });
    },

    /** All of it is there now. Undefined where it took so long that it was let go. */
    complete: async (
      key: FileKey,
      { text, ...file }: WholeFile,
    ): Promise<{ createdAt: Date; text: FileReading | null } | undefined> => {
      const values = { ...key, ...file, text: text?.text ?? null, cut: text?.cut ?? false };
      const [row] = await complete.execute(values);
      return row && { createdAt: row.createdAt, text: readingOf(row.characters, values.cut) };
    },

    find: async (key: FileKey): Promise<FileRow | undefined> => (await find.execute(key))[0],

    /** One of its pieces, from 0; undefined where there is none. */
    piece: async (key: FileKey, position: number): Promise<Uint8Array | undefined> =>
      (await piece.execute({ ...key, position }))[0]?.bytes,

    /** All of its bytes. */
    bytes: async (key: FileKey): Promise<Uint8Array> =>
      joined((await pieces.execute(key)).map(({ bytes }) => bytes)),

    /** Of these files, by their ids, what there is to read in them. */
    texts: async (owner: Owner, ids: readonly string[]): Promise<Map<string, FileText>> => {
      if (ids.length === 0) return new Map();
      const rows = await texts.execute({ owner, ids: JSON.stringify(ids) });
      return new Map(rows.map(({ id, text, cut }) => [id, { text: text ?? '', cut }]));
    },

    /** Of these files, by their ids, what they are: those that there are. */
    named: async (owner: Owner, ids: readonly string[]): Promise<Map<string, NamedFile>> => {
      if (ids.length === 0) return new Map();
      const rows = await named.execute({ owner, ids: JSON.stringify(ids) });
      return new Map(
        rows.map(({ characters, cut, ...row }) => [row.id, { ...row, text: readingOf(characters, cut) }]),
      );
    },

    /** The session has these from now on. False where it is not there any more, or one of them; then it has none of them. */
    use: async (key: SessionKey, ids: readonly string[]): Promise<boolean> => {
      try {
        await use.execute({ ...key, ids: JSON.stringify(ids) });
        return true;
      } catch (error) {
        if (databaseErrorCode(error) === foreignKeyViolation) return false;
        throw error;
      }
    },

    /** Lets one go that no session has. */
    drop: async (key: FileKey): Promise<void> => {
      await drop.execute(key);
    },

    /** Lets go what was begun and never ended, and what no message came for within a day. */
    sweep: async (): Promise<void> => {
      await sweep.execute({ served: served ?? null });
    },
  };
}

/** Null where nothing can be read in it. */
const characters = sql<number | null>`length(text)`;
const readingOf = (characters: number | null, cut: boolean): FileReading | null =>
  characters === null ? null : { characters, cut };

const isOne = (column: typeof chatFiles.id): SQL =>
  sql`${column} in (select value::uuid from json_array_elements_text(${param('ids', 'json')}))`;

const isUnused = sql`not exists (select 1 from ${chatSessionFiles} as used
  where used.owner_id = ${chatFiles.ownerId} and used.file_id = ${chatFiles.id})`;

// A file that is let go meanwhile, or a session, breaks a reference.
function prepareUse(db: Db) {
  const used = cte(
    db,
    'used',
    { id: as(chatSessionFiles.fileId, 'id') },
    sql`insert into ${chatSessionFiles} (owner_id, file_id, session_id)
      select ${param('owner', 'int')}, value::uuid, ${param('session', 'uuid')}
      from json_array_elements_text(${param('ids', 'json')}) on conflict do nothing returning file_id as id`,
  );
  return db.with(used).select().from(used).prepare('file_use');
}

function joined(pieces: Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((size, { length }) => size + length, 0));
  let offset = 0;
  for (const piece of pieces) {
    all.set(piece, offset);
    offset += piece.length;
  }
  return all;
}
