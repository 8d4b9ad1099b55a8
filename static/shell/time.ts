// Times as people say them, in the page's language.
import type { Locale, Say } from '../state/settings.ts';

const dayMs = 24 * 60 * 60 * 1000;

/** Whole days between the days of two times, as the calendar here has them. */
export function daysBetween(from: Date, to: Date): number {
  const day = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / dayMs;
  return day(to) - day(from);
}

/** The day as the heading of a group: today, yesterday, a day of the last week, or a month. */
export function dayName(iso: string, locale: Locale, t: Say, now = new Date()): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return '';
  const days = daysBetween(date, now);
  if (days <= 0) return t('today');
  if (days === 1) return t('yesterday');
  if (days < 7) return format(date, locale, { weekday: 'long' });
  if (date.getFullYear() === now.getFullYear()) return format(date, locale, { month: 'long' });
  return format(date, locale, { year: 'numeric', month: 'long' });
}

export function fullTime(iso: string, locale: Locale): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return '';
  return format(date, locale, { dateStyle: 'long', timeStyle: 'medium' });
}

/** A day; with the time of day, to the second, where it is to be exact. */
export function shortTime(iso: string, locale: Locale, exact = false): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return '';
  return format(date, locale, exact ? { dateStyle: 'medium', timeStyle: 'medium' } : { dateStyle: 'medium' });
}

/** The time of day in so many seconds, with the day if that is another. */
export function whenAgain(seconds: number, locale?: Locale, now = new Date()): string {
  const date = new Date(now.getTime() + seconds * 1000);
  const day = daysBetween(now, date) === 0 ? {} : ({ month: 'long', day: 'numeric' } as const);
  return format(date, locale, { ...day, hour: 'numeric', minute: '2-digit' });
}

/** `4.2s`, `1m 5s`. */
export function duration(ms: number, locale: Locale): string {
  const seconds = ms / 1000;
  const unit = (value: number, name: 'second' | 'minute', digits = 0) =>
    new Intl.NumberFormat(locale, {
      style: 'unit',
      unit: name,
      unitDisplay: 'narrow',
      maximumFractionDigits: digits,
    }).format(value);
  if (seconds < 10) return unit(Math.max(0.1, seconds), 'second', 1);
  if (seconds < 60) return unit(Math.round(seconds), 'second');
  return `${unit(Math.floor(seconds / 60), 'minute')} ${unit(Math.round(seconds % 60), 'second')}`;
}

const format = (date: Date, locale: Locale | undefined, options: Intl.DateTimeFormatOptions): string =>
  new Intl.DateTimeFormat(locale, options).format(date);
