// Somebody's files. Throws a Failure where there is none of theirs, or they may not.
import { v7 as newId } from 'uuid';
import type { FileKey, FileRow } from '../db/files/files.ts';
import { fileNameOf } from '../documents/file-name.ts';
import { lookAtBytes } from '../documents/look-at-bytes.ts';
import type { FileReading } from '../words/files.ts';
import type { ChatParts } from './chat-parts.ts';
import { Failure } from './failure.ts';
import { type Caller, mayWrite } from './principal.ts';

/** What is kept in memory of a file that comes in or goes out. */
export const pieceBytes = 256 * 1024;

/** `text`: how much of it can be read, if anything can. */
export type StoredFile = FileRow & { text: FileReading | null };

export function ownFiles({ store: { files }, documents }: ChatParts, caller: Caller) {
  const { owner } = caller;

  async function takeIn(
    name: string,
    chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<StoredFile> {
    const key: FileKey = { owner, id: newId() };
    await files.begin(key, name);
    try {
      const look = lookAtBytes(name);
      let position = 0;
      for await (const piece of inPieces(chunks)) {
        look.push(piece);
        await files.add(key, position++, piece);
      }
      const seen = look.end();
      const whole = { ...seen, ...(await documents.read(owner, seen, () => files.bytes(key))) };
      const stored = await files.complete(key, whole);
      if (!stored) throw new Error('the file was let go before it was complete');
      const { size, sha256, mediaType } = whole;
      return { id: key.id, name, size, sha256, mediaType, ...stored };
    } catch (error) {
      // Where the database is away it is swept up later.
      await files.drop(key).catch(() => {});
      throw error;
    }
  }

  return {
    /** Throws a Failure for who may not. */
    mayStore: () => mayWrite(caller),

    /**
     * Stores a file as its bytes come, `most` of them; where they do not all come, or anything fails, nothing is left of it.
     */
    store: async (
      name: string,
      chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
      most: number,
    ): Promise<StoredFile> => {
      mayWrite(caller);
      return documents.takeIn(owner, most, () => takeIn(fileNameOf(name), chunks));
    },

    find: async (id: string): Promise<FileRow> => {
      const row = await files.find({ owner, id });
      if (!row) throw new Failure('file_not_found');
      return row;
    },

    /** The bytes from `start` up to `end`, which is not among them, piece by piece. */
    read: (id: string, { start, end }: { start: number; end: number }): AsyncGenerator<Uint8Array> =>
      readRange((position) => files.piece({ owner, id }, position), start, end),
  };
}

async function* readRange(
  piece: (position: number) => Promise<Uint8Array | undefined>,
  start: number,
  end: number,
): AsyncGenerator<Uint8Array> {
  for (let position = Math.floor(start / pieceBytes); position * pieceBytes < end; position++) {
    const bytes = await piece(position);
    // It was let go while it was sent: what comes is shorter than was said, which its reader sees.
    if (!bytes) throw new Error('the file was let go while it was read');
    const before = position * pieceBytes;
    yield bytes.subarray(Math.max(0, start - before), Math.min(bytes.length, end - before));
  }
}

/** The same bytes, all pieces but the last of one size. */
async function* inPieces(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let piece = new Uint8Array(pieceBytes);
  let length = 0;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + pieceBytes - length);
      piece.set(part, length);
      length += part.length;
      at += part.length;
      if (length < pieceBytes) continue;
      yield piece;
      piece = new Uint8Array(pieceBytes);
      length = 0;
    }
  }
  if (length > 0) yield piece.slice(0, length);
}
