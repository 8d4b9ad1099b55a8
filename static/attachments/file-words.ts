// What a file is and how large, in words.
import type { Locale } from '../state/settings.ts';
import type { Word } from './words.ts';

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

/** Such as “3.4 MB”, by thousands, as systems show it. */
export function sizeText(bytes: number, locale: Locale): string {
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  const value = bytes / 1000 ** power;
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: units[power] ?? 'byte',
    unitDisplay: power === 0 ? 'long' : 'short',
    maximumFractionDigits: power === 0 ? 0 : 1,
  }).format(value);
}

const names: [type: RegExp, name: string][] = [
  [/^image\/(\w+)$/, ''],
  [/\/pdf$/, 'PDF'],
  [/wordprocessingml/, 'Word'],
  [/spreadsheetml/, 'Excel'],
  [/presentationml/, 'PowerPoint'],
  [/\/csv$/, 'CSV'],
  [/\/markdown$/, 'Markdown'],
  [/\/json$/, 'JSON'],
  [/\/zip$/, 'ZIP'],
];

export function typeText(mediaType: string, say: (word: Word) => string): string {
  for (const [type, name] of names) {
    const [whole, kind = ''] = type.exec(mediaType) ?? [];
    if (whole) return name || kind.toUpperCase();
  }
  return say(mediaType.startsWith('text/') ? 'text' : 'file');
}
