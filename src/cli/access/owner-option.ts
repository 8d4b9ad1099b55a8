// `--owner NAME`: as it is written, since nobody else is called nearly so.
import { isOwnerName, longestOwnerName } from '../../words/access.ts';
import { type CommandInput, UsageError } from '../command-shape.ts';

/** Undefined where it is not given. `besides`: what else it may be. */
export function namedOwner({ owner }: CommandInput['values'], besides?: string): string | undefined {
  if (typeof owner !== 'string') return undefined;
  if (owner === besides || isOwnerName(owner)) return owner;
  throw new UsageError(
    `--owner must have 1 to ${longestOwnerName} characters, no control characters, and no spaces or anything invisible at its ends.`,
  );
}
