// Numbers, money and days as people say them, in the page's language.
import type { Locale } from '../state/settings.ts';

export const number = (value: number, locale: Locale): string => new Intl.NumberFormat(locale).format(value);

/** `12.3K`; for where there is little room. */
export const shortNumber = (value: number, locale: Locale): string =>
  new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 }).format(value);

/** Prices have no currency of their own: whoever sets them knows it. */
export const money = (value: number, locale: Locale): string =>
  new Intl.NumberFormat(locale, {
    minimumFractionDigits: 2,
    maximumFractionDigits: value !== 0 && Math.abs(value) < 0.1 ? 4 : 2,
  }).format(value);

/** A day of the ledger, which is one of UTC. */
export const dayText = (day: string, locale: Locale, style: 'short' | 'long' = 'short'): string => {
  const date = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(date.getTime())) return day;
  const options =
    style === 'short' ? ({ month: 'numeric', day: 'numeric' } as const) : ({ dateStyle: 'medium' } as const);
  return new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' }).format(date);
};
