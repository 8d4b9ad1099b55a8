// The kinds of values that requests carry, each with the rule it must keep.
import { z } from '@hono/zod-openapi';
import type { Rule } from '../validation.ts';

/** What a refinement says of a value that keeps not to the rule. */
export const broken = (rule: Rule) => ({ params: rule, abort: true });

/** Text that PostgreSQL can hold: no NUL, no half surrogate pair. */
export const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

/**
 * Storable text of `minimum` to `maximum` characters (code points). `told`: the least that its error speaks of, where less
 * is seldom right.
 */
export function text(minimum: number, maximum: number, told = minimum) {
  return z
    .string()
    .refine((value) => hasLength(value, minimum, maximum), broken({ rule: 'length', minimum: told, maximum }))
    .refine(isStorable, broken({ rule: 'storable' }))
    .openapi({ type: 'string', minLength: minimum, maxLength: maximum });
}

function hasLength(value: string, minimum: number, maximum: number): boolean {
  if (value.length < minimum || value.length > 2 * maximum) return false;
  if (value.length <= maximum && value.length >= 2 * minimum) return true;
  let count = 0;
  for (const _ of value) count++;
  return count >= minimum && count <= maximum;
}

/** A UUID of any version, in either case; lower case from here on. */
export const uuid = z
  .string()
  .refine((value) => uuidPattern.test(value), broken({ rule: 'uuid' }))
  .transform((value) => value.toLowerCase())
  .openapi({ type: 'string', format: 'uuid' });

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** A whole number in a query string. */
export function wholeNumber(minimum: number, maximum: number, fallback: number) {
  return z
    .string()
    .refine(
      (value) => /^\d{1,10}$/.test(value) && Number(value) >= minimum && Number(value) <= maximum,
      broken({ rule: 'whole_number', minimum, maximum }),
    )
    .transform(Number)
    .optional()
    .transform((value) => value ?? fallback)
    .openapi({ type: 'integer', minimum, maximum, default: fallback });
}

/** The largest number of rows that PostgreSQL's `offset` and ours can be about. */
export const largestOffset = 2_147_483_647;

/** `true` or `false` (also 1 and 0) in a query string. */
export const yesOrNo = z
  .string()
  .refine((value) => /^(true|false|1|0)$/i.test(value), broken({ rule: 'boolean' }))
  .transform((value) => /^(true|1)$/i.test(value))
  .openapi({ type: 'boolean' });

const metadataBytes = 16 * 1024;
const metadataDepth = 64;

/** An object with any keys, `__proto__` too, in which `faultOf` finds no fault. Zod's record drops that key. */
export const anyObject = (faultOf: (value: Record<string, unknown>) => Rule | undefined) =>
  z
    .custom<Record<string, unknown>>(isObject, broken({ rule: 'object' }))
    .superRefine((value, context) => {
      const fault = faultOf(value);
      if (fault) context.addIssue({ code: 'custom', params: fault });
    })
    .openapi({ type: 'object', additionalProperties: true });

const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** An object of the caller's own: it comes back as it was sent. */
export const metadata = anyObject(metadataFault);

/** Arguments of a tool's call: a model may write as long ones as a body may be. */
export const callArguments = anyObject((value) => storableFault(value, metadataDepth));

function metadataFault(value: Record<string, unknown>): Rule | undefined {
  const fault = storableFault(value, metadataDepth);
  if (fault) return fault;
  const bytes = new TextEncoder().encode(JSON.stringify(value)).length;
  return bytes > metadataBytes ? { rule: 'bytes', maximum: metadataBytes } : undefined;
}

/** What keeps a JSON value from being stored: depth, or a text or a number in it. */
export function storableFault(value: unknown, depth: number): Rule | undefined {
  if (typeof value === 'string') return isStorable(value) ? undefined : { rule: 'storable' };
  if (typeof value === 'number') return isExact(value) ? undefined : { rule: 'number' };
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth === 0) return { rule: 'too_deep' };
  for (const [key, part] of Object.entries(value)) {
    const fault = isStorable(key) ? storableFault(part, depth - 1) : ({ rule: 'storable' } as const);
    if (fault) return fault;
  }
  return undefined;
}

// 1e400 is JSON and read as infinity, which is not; of an integer beyond 2^53 that is written out in digits (as
// those below 1e21 are) the last ones are already lost.
const isExact = (value: number): boolean =>
  Number.isFinite(value) &&
  (!Number.isInteger(value) || Number.isSafeInteger(value) || Math.abs(value) >= 1e21);
