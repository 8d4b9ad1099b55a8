// Messages with what came with them, as a model is shown it: images as they are, of all else its text, as much as fits.
import type { ContextRow } from '../../db/message-row.ts';
import type { Owner } from '../../db/owner.ts';
import type { Store } from '../../db/store.ts';
import { countTokens } from '../../models/tokens.ts';
import { type FileRef, type FileText, isImageType } from '../../words/files.ts';
import { type Attached, attachedOf, type SaidPart } from '../files/attached.ts';

/** `tokens` of texts and `imageBytes` altogether, of the newest messages first. */
export type Room = { sees: boolean; tokens: number; imageBytes: number };

/** `shown` stands in place of the text. */
export type ShownRow = ContextRow & { shown?: string | SaidPart[] };

/** Reads what came with these messages, where anything did. */
export async function withFiles(
  store: Store,
  owner: Owner,
  rows: readonly ContextRow[],
  room: Room,
): Promise<ShownRow[]> {
  const shown: ShownRow[] = [...rows];
  const left = { ...room };
  for (let place = rows.length - 1; place >= 0; place--) {
    const row = rows[place];
    const attached = row?.role === 'user' ? attachedOf(row) : undefined;
    if (row && attached)
      shown[place] = { ...row, shown: await readAttached(store, owner, row.content, attached, left) };
  }
  return shown;
}

/** Takes what it needs of `left`. */
async function readAttached(
  store: Store,
  owner: Owner,
  text: string,
  { files, parts = [text] }: Attached,
  left: Room,
): Promise<string | SaidPart[]> {
  const texts = await store.files.texts(
    owner,
    files.filter(({ media_type }) => !isImageType(media_type)).map(({ id }) => id),
  );
  left.tokens -= countTokens(text);
  let unread = texts.size;
  const shownFile = async (file: FileRef): Promise<SaidPart> => {
    if (isImageType(file.media_type)) return shownImage(store, owner, file, left);
    const read = texts.get(file.id);
    if (!read) return gone(file);
    const share = Math.max(0, Math.floor(left.tokens / unread--));
    const told = toldText(file, read, share);
    left.tokens -= countTokens(told);
    return told;
  };
  const mentioned = new Set(parts);
  const shown: SaidPart[] = [];
  for (const part of [
    ...parts,
    ...files.map((_, number) => number).filter((number) => !mentioned.has(number)),
  ]) {
    const file = typeof part === 'number' ? files[part] : undefined;
    if (file) shown.push(await shownFile(file));
    else if (typeof part === 'string' && part !== '') shown.push(part);
  }
  // Servers of models without eyes mostly take no lists.
  return shown.every((part) => typeof part === 'string') ? shown.join('\n\n') : shown;
}

async function shownImage(store: Store, owner: Owner, file: FileRef, left: Room): Promise<SaidPart> {
  if (!left.sees || file.size > left.imageBytes) return `[Image ${JSON.stringify(file.name)}: not shown]`;
  left.imageBytes -= file.size;
  const bytes = await store.files.bytes({ owner, id: file.id });
  return bytes.length === 0 ? gone(file) : { data: base64Of(bytes) };
}

const gone = ({ name }: FileRef): string => `[File ${JSON.stringify(name)}: it is gone]`;

/** What is in the file stands between fences that are not in it, so that it reads as a file and not as what is said. */
function toldText({ name, media_type }: FileRef, { text, cut }: FileText, tokens: number): string {
  const kept = cutTo(text, tokens);
  const isCut = cut || kept.length < text.length;
  const longest = Math.max(2, ...[...kept.matchAll(/`{3,}/g)].map(([fence]) => fence.length));
  const fence = '`'.repeat(longest + 1);
  const note = isCut ? `\n(Only the first ${kept.length} characters of the file are shown here.)` : '';
  return `File ${JSON.stringify(name)} (${media_type}):\n${fence}\n${kept}\n${fence}${note}`;
}

/** The beginning of a text that is so many tokens, about. */
function cutTo(text: string, tokens: number): string {
  // No text has more tokens than characters.
  if (text.length <= tokens) return text;
  let kept = text;
  for (let count = countTokens(kept); count > tokens; count = countTokens(kept))
    kept = kept.slice(0, Math.floor(kept.length * Math.min(0.98, tokens / count)));
  return kept.isWellFormed() ? kept : kept.slice(0, -1);
}

function base64Of(bytes: Uint8Array): string {
  const chunks: string[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes)
    chunks.push(btoa(String.fromCharCode(...bytes.subarray(at, at + chunkBytes))));
  return chunks.join('');
}

/** Three bytes are four letters: chunks of threes can be put together. */
const chunkBytes = 3 * 8192;
