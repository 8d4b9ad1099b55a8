// Makes what a message brings the session's, if whoever is to answer can take it.
import type { Agent } from '../../agent/agent.ts';
import type { NamedFile } from '../../db/files/files.ts';
import type { SessionKey } from '../../db/owner.ts';
import type { Store } from '../../db/store.ts';
import { imageTypeOf } from '../../documents/media-type.ts';
import type { Bilingual } from '../../words/bilingual.ts';
import { isImageType } from '../../words/files.ts';
import { Failure } from '../failure.ts';
import { type Attached, type Bringing, fileRef, type SaidPart } from './attached.ts';

export type AttachParts = {
  store: Store;
  storeFile(name: string, chunks: Iterable<Uint8Array>, most: number): Promise<NamedFile>;
  /** Who could be asked instead, and sees images. */
  whoSees(): Promise<string[]>;
};

/**
 * Makes the files the session's, and files of the images. Throws a Failure where one is not there, or `agent` can take it
 * in no form.
 */
export async function attach(
  { store, storeFile, whoSees }: AttachParts,
  session: SessionKey,
  { parts, files: ids }: Bringing,
  agent: Agent,
): Promise<Attached> {
  if (!(await store.messages.sessionExists(session))) throw new Failure('session_not_found');
  const named = await store.files.named(session.owner, ids);
  const images = (parts ?? []).flatMap((part) => (typeof part === 'string' ? [] : [decodedImage(part.data)]));
  const files = ids.map((id) => named.get(id) ?? unknownFile(id));
  if (images.length > 0 || files.some(({ mediaType }) => isImageType(mediaType)))
    await refuseBlind(agent, images.length > 0 ? 'content' : 'files', whoSees);
  const unreadable = files.find(({ mediaType, text }) => !text && !isImageType(mediaType));
  if (unreadable)
    throw new Failure('invalid_request', { field: 'files', reason: notReadable(unreadable.name) });

  const stored: NamedFile[] = [];
  for (const [number, { bytes, ending }] of images.entries())
    stored.push(await storeFile(`image-${number + 1}.${ending}`, [bytes], bytes.length));
  const all = [...stored, ...files].map(fileRef);
  if (!(await store.files.use(session, [...new Set(all.map(({ id }) => id))])))
    throw new Failure('session_not_found');
  return { files: all, ...(parts ? { parts: withNumbers(parts) } : {}) };
}

/** Throws a Failure where images came with a message, and `agent`, who is to answer it once more, sees none. */
export async function refuseUnseen(
  { files }: Attached,
  agent: Agent,
  whoSees: AttachParts['whoSees'],
): Promise<void> {
  if (files.some(({ media_type }) => isImageType(media_type))) await refuseBlind(agent, 'model', whoSees);
}

async function refuseBlind(
  agent: Agent,
  field: 'content' | 'files' | 'model',
  whoSees: AttachParts['whoSees'],
): Promise<void> {
  if (!agent.model.vision)
    throw new Failure('invalid_request', { field, reason: seesNothing(agent, await whoSees()) });
}

function withNumbers(parts: readonly SaidPart[]): (string | number)[] {
  let images = 0;
  return parts.map((part) => (typeof part === 'string' ? part : images++));
}

function decodedImage(data: string): { bytes: Uint8Array; ending: string } {
  try {
    const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
    const type = imageTypeOf(bytes);
    if (type) return { bytes, ending: type.slice('image/'.length) };
  } catch {
    // It is no base64.
  }
  throw new Failure('invalid_request', { field: 'content', reason: noImage });
}

const noImage: Bilingual = {
  'zh-CN': 'data 必须是 PNG、JPEG、GIF 或 WebP 图片的 base64',
  en: 'data must be an image in base64: PNG, JPEG, GIF or WebP',
};

function unknownFile(id: string): never {
  throw new Failure('invalid_request', {
    field: 'files',
    reason: { 'zh-CN': `没有文件 ${id}`, en: `there is no file ${id}` },
  });
}

const notReadable = (name: string): Bilingual => ({
  'zh-CN': `${JSON.stringify(name)} 中没有可供模型阅读的内容；可以使用图片、文本，以及含有文字的 PDF、docx、xlsx 和 pptx`,
  en: `no model can take ${JSON.stringify(name)}, in which nothing can be read; images can be taken, texts, and PDF, docx, xlsx and pptx with text in them`,
});

function seesNothing({ model }: Agent, others: string[]): Bilingual {
  const name = JSON.stringify(model.name);
  if (others.length === 0)
    return {
      'zh-CN': `模型 ${name} 不能看图，其他模型也不能`,
      en: `the model ${name} sees no images, and no other here does`,
    };
  return {
    'zh-CN': `模型 ${name} 不能看图；能看图的有：${others.join('、')}`,
    en: `the model ${name} sees no images; these do: ${others.join(', ')}`,
  };
}
