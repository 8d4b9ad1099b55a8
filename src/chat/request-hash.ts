// What a request with an idempotency key asked for, as a fingerprint: the same key may not ask for something else.
import type { NewTurn } from '../db/turns/change-turns.ts';
import type { Wanted } from './answerer.ts';

/** SHA-256 of everything that was said, and of whom, in hexadecimal; the order of keys says nothing. */
export async function requestHash(
  { content, source, type, modelsUsage, metadata }: Omit<NewTurn['message'], 'id' | 'data'>,
  { agent, model }: Wanted = {},
): Promise<string> {
  const wanted = agent === undefined && model === undefined ? [] : [{ agent, model }];
  const said = JSON.stringify([content, source, type, modelsUsage, metadata, ...wanted], inOrder);
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(said));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A replacer of JSON.stringify that writes the keys of each object in order. */
function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
