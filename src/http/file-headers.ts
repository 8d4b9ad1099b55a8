// What a file is sent with: which part of it is asked for, and how a browser is to take it.
import { isImageType } from '../words/files.ts';

/** From `start` up to `end`, which is not in it. */
export type Part = { start: number; end: number };

/**
 * The one part that a `Range` header asks for; 'whole' where it asks for none, or in a way that may be ignored (several,
 * another unit); 'none' where there is nothing there.
 */
export function partAsked(range: string | undefined, size: number): Part | 'whole' | 'none' {
  const [, first, last] = /^bytes=\s*(\d{0,15})\s*-\s*(\d{0,15})\s*$/i.exec(range ?? '') ?? [];
  if (first === undefined || last === undefined || first + last === '') return 'whole';
  if (first === '') {
    const length = Math.min(size, Number(last));
    return length === 0 ? 'none' : { start: size - length, end: size };
  }
  const start = Number(first);
  const end = last === '' ? size : Math.min(size, Number(last) + 1);
  if (last !== '' && Number(last) < start) return 'whole';
  return start >= size ? 'none' : { start, end };
}

/** Whether a list of tags, as `If-None-Match` has it, names this one. */
export const namesTag = (list: string | undefined, tag: string): boolean =>
  list?.split(',').some((one) => /^(\*|(W\/)?(.*))$/.exec(one.trim())?.[3] === tag || one.trim() === '*') ??
  false;

/** Pictures may be shown where they are; all else is saved. A name in letters that any browser reads, and as it is. */
export function disposition(name: string, mediaType: string): string {
  const plain = name.replaceAll(/[^\x20-\x7e]|["\\%;]/g, '_');
  const exact = encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  const how = isImageType(mediaType) ? 'inline' : 'attachment';
  return `${how}; filename="${plain}"; filename*=UTF-8''${exact}`;
}

/** Texts are in UTF-8 mostly; what else they are in says itself. */
export const contentType = (mediaType: string): string =>
  /^text\//.test(mediaType) ? `${mediaType}; charset=utf-8` : mediaType;

/** Nothing in a file runs, loads anything, or is read as something else than it is. */
export const fileSafety = {
  'Content-Security-Policy': "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'",
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'private, no-cache',
};
