// `--owner NAME`: as it is written, since nobody else is called nearly so.
import { nameFault } from '../../words/owner-name.ts';
import { type CommandInput, UsageError } from '../command-shape.ts';

/** Undefined where it is not given. `besides`: what else it may be. */
export function namedOwner({ owner }: CommandInput['values'], besides?: string): string | undefined {
  if (typeof owner !== 'string') return undefined;
  const fault = owner === besides ? undefined : nameFault(owner);
  if (fault === undefined) return owner;
  throw new UsageError(`--owner ${fault.en}.`);
}
