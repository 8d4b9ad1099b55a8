// What a file is, by its bytes alone: a short list of what is shown or read here. Whoever declares it may be wrong, or lie.
import type { FileKind } from './kinds.ts';

const beginnings: [bytes: readonly (number | undefined)[], type: FileKind][] = [
  [[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], 'image/png'],
  [[0xff, 0xd8, 0xff], 'image/jpeg'],
  [[0x47, 0x49, 0x46, 0x38, undefined, 0x61], 'image/gif'],
  [
    [0x52, 0x49, 0x46, 0x46, undefined, undefined, undefined, undefined, 0x57, 0x45, 0x42, 0x50],
    'image/webp',
  ],
  [[0x25, 0x50, 0x44, 0x46, 0x2d], 'application/pdf'],
  [[0x50, 0x4b, 0x03, 0x04], 'application/zip'],
];

/** Undefined where the bytes begin like none of these, as texts do. */
export function typeByBeginning(bytes: Uint8Array): FileKind | undefined {
  return beginnings.find(([beginning]) =>
    beginning.every((byte, place) => byte === undefined || byte === bytes[place]),
  )?.[1];
}

/** Undefined where it is no image that is shown here. */
export function imageTypeOf(bytes: Uint8Array): FileKind | undefined {
  const type = typeByBeginning(bytes);
  return type?.startsWith('image/') ? type : undefined;
}

const textTypes: [ending: RegExp, type: FileKind][] = [
  [/\.csv$/i, 'text/csv'],
  [/\.(md|markdown)$/i, 'text/markdown'],
  [/\.json$/i, 'application/json'],
];

/** What a text is, by its name. One that a browser would run, such as HTML or SVG, is plain text here. */
export const textTypeOf = (name: string): FileKind =>
  textTypes.find(([ending]) => ending.test(name))?.[1] ?? 'text/plain';
