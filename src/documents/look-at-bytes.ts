// What is found out of a file while its bytes pass by: how many they are, their SHA-256, and what they are.
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { FileKind } from './kinds.ts';
import { textTypeOf, typeByBeginning } from './media-type.ts';

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';
/** `encoding` is a text's. */
export type Seen = { size: number; sha256: string; mediaType: FileKind; encoding?: Encoding };

/**
 * @example
 * const look = lookAtBytes('notes.md');
 * for await (const chunk of chunks) look.push(chunk);
 * const { mediaType } = look.end();
 */
export function lookAtBytes(name: string) {
  const hash = sha256.create();
  let size = 0;
  let beginning = new Uint8Array(0);
  let isUtf8 = true;
  const decoder = new TextDecoder('utf-8', { fatal: true });

  function checkText(bytes?: Uint8Array): void {
    if (!isUtf8) return;
    try {
      if (bytes) decoder.decode(bytes, { stream: true });
      else decoder.decode();
      if (bytes?.includes(0)) isUtf8 = false;
    } catch {
      isUtf8 = false;
    }
  }

  return {
    push(bytes: Uint8Array): void {
      hash.update(bytes);
      size += bytes.length;
      if (beginning.length < 16) beginning = new Uint8Array([...beginning, ...bytes.subarray(0, 16)]);
      checkText(bytes);
    },
    end(): Seen {
      checkText();
      const seen = { size, sha256: bytesToHex(hash.digest()) };
      const byBeginning = typeByBeginning(beginning);
      if (byBeginning) return { ...seen, mediaType: byBeginning };
      const encoding = isUtf8 ? 'utf-8' : utf16(beginning, size);
      if (!encoding) return { ...seen, mediaType: 'application/octet-stream' };
      return { ...seen, mediaType: textTypeOf(name), encoding };
    },
  };
}

/** By the mark that it begins with. */
function utf16([first, second]: Uint8Array, size: number): Encoding | undefined {
  if (size % 2 === 1) return undefined;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : undefined;
}
