// What a model is given to read of a file: its text, as much as that may be, and what the file turns out to be with it.
import type { FileText } from '../words/files.ts';
import { type FileKind, mostCharacters } from './kinds.ts';
import type { Seen } from './look-at-bytes.ts';
import { readOffice } from './office-text.ts';

/** Reads a PDF, somewhere where it can be stopped; undefined where there is nothing to read, or it takes too long. */
export type ReadPdf = (bytes: Uint8Array) => Promise<FileText | undefined>;

export type ReadDocument = { mediaType: FileKind; text: FileText | undefined };

/** `bytes` is asked for only where there is something to read; without `readPdf` nothing is read of those. */
export async function readDocument(
  { mediaType, encoding }: Seen,
  bytes: () => Promise<Uint8Array>,
  readPdf?: ReadPdf,
): Promise<ReadDocument> {
  if (encoding) return { mediaType, text: whole(new TextDecoder(encoding).decode(await bytes())) };
  if (mediaType === 'application/pdf') {
    const read = await readPdf?.(await bytes());
    return { mediaType, text: read && whole(read.text, read.cut) };
  }
  if (mediaType !== 'application/zip') return { mediaType, text: undefined };
  const office = readOffice(await bytes());
  if (!office) return { mediaType, text: undefined };
  return { mediaType: office.mediaType, text: whole(office.text, office.cut) };
}

/** As it can be stored; undefined where it says nothing. */
function whole(text: string, cut = false): FileText | undefined {
  const isLong = text.length > mostCharacters;
  const kept = text.slice(0, mostCharacters).replaceAll('\0', '').toWellFormed();
  return kept.trim() === '' ? undefined : { text: kept, cut: cut || isLong };
}
