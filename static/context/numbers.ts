// Numbers as the page's language writes them.
import { useSettings } from '../shell/settings-context.ts';

/** Gives what writes them; `digits`: behind the point, at most. */
export function useNumber(): (value: number, digits?: number) => string {
  const locale = useSettings().locale.value;
  return (value, digits = 0) =>
    new Intl.NumberFormat(locale, { maximumSignificantDigits: digits || 21 }).format(value);
}
