// Schemas for single values of an agent's file; each error is what the value must be, in words.
import { z } from 'zod';

export const oneOf = <const T extends string>(words: readonly [T, ...T[]]) =>
  z.enum(words, { error: `one of ${words.join(', ')}` });

const aName = { error: 'a name of at most 64 letters (A to Z), digits, _ and -' };
/** What model servers take. */
export const toolName = z.string(aName).regex(/^[\w-]{1,64}$/, aName);

/** A text; YAML makes a number of `8080`. */
export const wordOrNumber = z.preprocess(
  (value) => (typeof value === 'number' ? String(value) : value),
  z.string({ error: 'a text' }),
);

export const components = z.array(z.unknown(), { error: 'a list of components' });
