// What lets somebody in: keys, and the tokens of the page's cookies. Each has 256 bits of chance, so a hash without salt
// tells nothing of it. It is found by an index of hashes: how far an index's search comes tells of the hash alone, which who
// guesses cannot steer. One that is revoked is looked up by the same statement as one that never was; one that has not the
// form of a key is not looked up, which tells no more than the form, and that is no secret.

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
