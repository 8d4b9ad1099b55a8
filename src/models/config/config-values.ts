// Schemas for single values of a configuration file; each error is what the value must be, in words.
import { z } from 'zod';

const NUMERIC = /^\s*-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;

/** A number, also as text (`"30"`, or what an environment variable held), as AutoGen's pydantic takes it. */
export function looseNumber(expected: string, accepts: (value: number) => boolean = () => true) {
  return z.preprocess(
    (value) => (typeof value === 'string' && NUMERIC.test(value) ? Number(value) : value),
    z.number({ error: expected }).refine(accepts, { error: expected }),
  );
}

/** `true` or `false`, also as text. */
export const looseBoolean = z.preprocess(
  (value) => (value === 'true' ? true : value === 'false' ? false : value),
  z.boolean({ error: 'true or false' }),
);

/** Any text but the empty one. */
export const text = z.string({ error: 'a text' }).min(1, { error: 'a text that is not empty' });

/** A mapping of anything. */
export const mapping = z.record(z.string(), z.unknown(), { error: 'a mapping' });

/** Headers that a request can carry. */
export const headers = z.record(
  z.string().regex(/^[!#$%&'*+.^_`|~\w-]+$/, { error: 'a mapping of header names to texts' }),
  z
    .string({ error: 'a text' })
    .regex(/^[\t\x20-\x7e\x80-\xff]*$/, { error: 'a text that a header can carry (no line breaks)' }),
  { error: 'a mapping of header names to texts' },
);

function isHttpUrl(value: string): boolean {
  return /^https?:\/\//i.test(value) && URL.canParse(value);
}

const anAddress = { error: 'an http:// or https:// address' };

/** An absolute address, as it is. */
export const webAddress = z.string(anAddress).trim().refine(isHttpUrl, anAddress);

/** The same, without the slash at its end. */
export const address = webAddress.transform((value) => value.replace(/\/+$/, ''));

export const seconds = looseNumber('a number of seconds above 0', (value) => value > 0);
