// What a request with an idempotency key asked for, as a fingerprint: the same key may not ask for something else.
import type { Wanted } from '../answerer.ts';
import type { UserMessage } from '../user-message.ts';

/** SHA-256 of everything that was said, of whom and where, in hexadecimal; the order of keys says nothing. */
export async function requestHash(
  { content, files = [], source, type, modelsUsage, metadata }: UserMessage,
  { agent, model }: Wanted = {},
  where: { parent?: string | null; again?: string } = {},
): Promise<string> {
  const wanted = agent === undefined && model === undefined ? [] : [{ agent, model }];
  const brought = files.length === 0 ? [] : [{ files }];
  const elsewhere = Object.keys(where).length === 0 ? [] : [where];
  const more = [...wanted, ...brought, ...elsewhere];
  const said = JSON.stringify([content, source, type, modelsUsage, metadata, ...more], inOrder);
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(said));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A replacer of JSON.stringify that writes the keys of each object in order. */
function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
