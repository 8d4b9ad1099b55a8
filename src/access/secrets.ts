// What lets somebody in: keys, and the tokens of the page's cookies. Each has 256 bits of chance, so a hash without salt
// tells nothing of it, and finding it by its hash takes the same time for any that is wrong.

export const keyPattern = /^ack_[\w-]{43}$/;
export const tokenPattern = /^[\w-]{43}$/;

/** A key as it is shown once: `ack_` and 43 characters. */
export const newKey = (): string => `ack_${newToken()}`;

/** 43 characters. */
export function newToken(): string {
  const bytes = String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32)));
  return btoa(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** How it begins, by which people know which it is. */
export const hintOf = (key: string): string => key.slice(0, 12);

/** SHA-256, in hexadecimal digits. */
export async function hashOf(secret: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(secret));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
