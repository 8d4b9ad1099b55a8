// Reads some entries of a ZIP archive, and never more than so much of them: what an archive says of its sizes counts for
// nothing, only what is really inflated.
import { Inflate } from 'fflate';

/** Of all that is read of an archive together, in bytes. */
const mostInflated = 32 * 1024 * 1024;
const mostEntries = 5000;
/** So much is inflated at once: at the most a thousand times as much comes of it. */
const inputBytes = 4096;

export type ZipEntry = { name: string; read(): Uint8Array };
/** `isCut`: some of what was read was left out. */
export type ZipEntries = { entries: ZipEntry[]; isCut(): boolean };

/** What the directory at the end of the archive lists; undefined where there is none. */
export function zipEntries(bytes: Uint8Array): ZipEntries | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const directory = directoryOf(view);
  if (directory === undefined) return undefined;
  let left = mostInflated;
  let cut = false;
  const entries: ZipEntry[] = [];
  for (let at = directory; entries.length < mostEntries && at + 46 <= bytes.length; ) {
    if (view.getUint32(at, true) !== 0x02014b50) break;
    const method = view.getUint16(at + 10, true);
    const size = view.getUint32(at + 20, true);
    const [nameLength, extraLength, remarkLength] = [28, 30, 32].map((place) =>
      view.getUint16(at + place, true),
    );
    const local = view.getUint32(at + 42, true);
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + (nameLength ?? 0)));
    entries.push({
      name,
      read() {
        const packed = packedBytes(bytes, view, local, size);
        const { content, isCut } = method === 8 ? inflated(packed, left) : stored(packed, left, method);
        cut ||= isCut;
        left -= content.length;
        return content;
      },
    });
    at += 46 + (nameLength ?? 0) + (extraLength ?? 0) + (remarkLength ?? 0);
  }
  return { entries, isCut: () => cut };
}

/** Where the directory begins: the end of the archive says it, before a remark of up to 64 KiB. */
function directoryOf(view: DataView): number | undefined {
  const least = Math.max(0, view.byteLength - 22 - 0xffff);
  for (let at = view.byteLength - 22; at >= least; at--)
    if (view.getUint32(at, true) === 0x06054b50) return view.getUint32(at + 16, true);
  return undefined;
}

function packedBytes(bytes: Uint8Array, view: DataView, local: number, size: number): Uint8Array {
  if (local + 30 > bytes.length || view.getUint32(local, true) !== 0x04034b50) return new Uint8Array(0);
  const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  return bytes.subarray(start, start + size);
}

type Read = { content: Uint8Array; isCut: boolean };

function stored(packed: Uint8Array, most: number, method: number): Read {
  if (method !== 0) return { content: new Uint8Array(0), isCut: true };
  return { content: packed.subarray(0, most), isCut: packed.length > most };
}

/** What is broken is read as far as it goes. */
function inflated(packed: Uint8Array, most: number): Read {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let isCut = false;
  const inflate = new Inflate((chunk) => {
    chunks.push(chunk);
    size += chunk.length;
  });
  try {
    for (let at = 0; at < packed.length && size < most; at += inputBytes)
      inflate.push(packed.subarray(at, at + inputBytes), at + inputBytes >= packed.length);
  } catch {
    isCut = true;
  }
  const content = new Uint8Array(Math.min(size, most));
  let offset = 0;
  for (const chunk of chunks) {
    content.set(chunk.subarray(0, content.length - offset), offset);
    offset = Math.min(content.length, offset + chunk.length);
  }
  return { content, isCut: isCut || size >= most };
}
