// What came with a message: the files that it names, and where in its text they stand.
import { z } from 'zod';
import type { NamedFile } from '../../db/files/files.ts';
import type { MessageRow } from '../../db/message-row.ts';
import type { FileRef } from '../../words/files.ts';

/** A part of what is said: a text, or an image as AutoGen writes it, in base64. */
export type SaidPart = string | { data: string };

const file = z.object({
  id: z.string(),
  name: z.string(),
  media_type: z.string(),
  size: z.number(),
  text: z.object({ characters: z.number(), cut: z.boolean() }).nullable().optional(),
});

/** As it is stored with the message. A number in `parts` is one of its files, from 0; without `parts` they follow the text. */
const attached = z.object({
  files: z.array(file).min(1),
  parts: z.array(z.union([z.string(), z.number()])).optional(),
});
export type Attached = z.infer<typeof attached>;

export const attachedOf = ({ data }: Pick<MessageRow, 'data'>): Attached | undefined =>
  data && 'files' in data ? attached.safeParse(data).data : undefined;

/** What a message brings beside its text: parts with images in it, and the ids of files. */
export type Bringing = { parts?: readonly SaidPart[] | undefined; files: readonly string[] };

/** The texts of what is said, as what it is listed, searched and shown by. */
export const textOf = (content: string | readonly SaidPart[]): string =>
  typeof content === 'string' ? content : content.filter((part) => typeof part === 'string').join('\n');

export const fileRef = ({ id, name, mediaType, size, text }: NamedFile): FileRef => ({
  id,
  name,
  media_type: mediaType,
  size,
  text,
});
