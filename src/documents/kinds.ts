// The types that files have here.
import type { imageTypes } from '../words/files.ts';

const office = 'application/vnd.openxmlformats-officedocument';
export const docx = `${office}.wordprocessingml.document` as const;
export const xlsx = `${office}.spreadsheetml.sheet` as const;
export const pptx = `${office}.presentationml.presentation` as const;

export type FileKind =
  | (typeof imageTypes)[number]
  | 'application/pdf'
  | 'application/zip'
  | typeof docx
  | typeof xlsx
  | typeof pptx
  | 'text/plain'
  | 'text/csv'
  | 'text/markdown'
  | 'application/json'
  | 'application/octet-stream';

/** The most characters of a file that a model is ever given. */
export const mostCharacters = 200_000;
