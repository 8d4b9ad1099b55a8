// What a request with an idempotency key asked for, as a fingerprint: the same key may not ask for something else.
import type { NewTurn } from '../db/turns.ts';

/** SHA-256 of everything that was said, in hexadecimal. */
export async function requestHash({
  content,
  source,
  type,
  modelsUsage,
  metadata,
}: Omit<NewTurn['message'], 'id'>): Promise<string> {
  const said = JSON.stringify([content, source, type, modelsUsage, metadata]);
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(said));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
