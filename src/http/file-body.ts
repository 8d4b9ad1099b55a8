// Reads a file out of a request as it comes: the body itself, or a part of a form. Nothing but what just came is held.
import type { Context } from 'hono';
import { type MultipartError, make, type PartInfo } from 'multipasta';
import { cutShort, discard, tooLarge, tooSlow } from './body.ts';
import { HttpProblem } from './problem.ts';
import type { AppEnv } from './router.ts';
import { invalidValue } from './validation.ts';

/** `most`: so many bytes of it come at most. */
export type FileBody = { name: string; chunks: AsyncIterable<Uint8Array>; most: number };

/** How long nothing may come, and how long it may take altogether. */
const silentMs = 30_000;
const wholeMs = 600_000;

/** What a form may have around the file. */
const formBytes = 64 * 1024;

/** Rejects, as its chunks do, with a problem where the file is too large, or does not come. */
export async function fileBody(c: Context<AppEnv>): Promise<FileBody> {
  const most = c.get('parts').settings.maxFileBytes;
  const type = c.req.header('content-type') ?? '';
  const isForm = /^multipart\/form-data\s*;/i.test(type);
  const given = c.req.header('x-file-name');
  const { body } = c.req.raw;
  if (!isForm && body === null && given === undefined) throw noFile(c);
  const chunks = bodyChunks(c, most, isForm ? formBytes : 0);
  const told = Number(c.req.header('content-length') ?? most);
  const coming = Math.min(most, Number.isNaN(told) ? most : told);
  if (!isForm) return { name: headerText(given ?? ''), chunks, most: coming };
  return { ...(await formFile(c, chunks, type, most)), most: coming };
}

/** The body as it comes, up to `most` bytes, and those `around` them. */
async function* bodyChunks(c: Context<AppEnv>, most: number, around: number): AsyncGenerator<Uint8Array> {
  const told = c.req.header('content-length');
  const reader = c.req.raw.body?.getReader();
  if (!reader) return;
  const deadline = performance.now() + wholeMs;
  let size = 0;
  let isOver = false;
  try {
    if (Number(told) > most + around) throw tooLarge(most);
    for (;;) {
      const next = await within(reader.read(), Math.min(silentMs, deadline - performance.now()));
      if (next.done) break;
      size += next.value.length;
      if (size > most + around) throw tooLarge(most);
      yield next.value;
    }
    if (told !== undefined && size < Number(told)) throw cutShort();
    isOver = true;
  } catch (error) {
    isOver = true;
    const isTooLarge = error instanceof HttpProblem && error.code === 'body_too_large';
    if (isTooLarge) await discard(reader);
    throw error instanceof HttpProblem ? error : cutShort();
  } finally {
    // Who reads no further leaves it so.
    if (!isOver) await reader.cancel().catch(() => {});
  }
}

async function within<T>(wait: Promise<T>, ms: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooSlow(silentMs)), Math.max(0, ms));
  });
  try {
    return await Promise.race([wait, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The one file of a form; what else is in it counts for nothing. */
async function formFile(
  c: Context<AppEnv>,
  body: AsyncGenerator<Uint8Array>,
  type: string,
  most: number,
): Promise<Omit<FileBody, 'most'>> {
  let came: Uint8Array[] = [];
  const names: string[] = [];
  let size = 0;
  let fault: MultipartError | undefined;
  const parser = make({
    headers: { 'content-type': type },
    maxFieldSize: formBytes,
    maxParts: 20,
    isFile: (part) => fileNameIn(part) !== undefined,
    onField: () => {},
    onFile: (part) => {
      names.push(fileNameIn(part) ?? '');
      return (chunk) => {
        if (!chunk) return;
        came.push(chunk);
        size += chunk.length;
      };
    },
    onError: (error) => {
      fault ??= error;
    },
    onDone: () => {},
  });

  /** Takes the next of the body; false at its end. */
  async function advance(): Promise<boolean> {
    const next = await body.next();
    if (next.done) parser.end();
    else parser.write(next.value);
    if (names.length > 1) throw invalidValue(['body', 'file'], onlyOne, c.get('locale'));
    if (size > most) await body.throw(tooLarge(most));
    if (fault) throw cutShort();
    return !next.done;
  }

  while (names.length === 0) if (!(await advance())) throw noFile(c);
  async function* chunks(): AsyncGenerator<Uint8Array> {
    try {
      for (let more = true; more; more = await advance()) {
        yield* came;
        came = [];
      }
      yield* came;
    } finally {
      await body.return(undefined);
    }
  }
  return { name: names[0] ?? '', chunks: chunks() };
}

/** As browsers and programs write it; the package reads no other letters than Latin ones. */
function fileNameIn({ headers }: PartInfo): string | undefined {
  const disposition = [headers['content-disposition'] ?? []].flat()[0] ?? '';
  const exact = /;\s*filename\*=UTF-8''([^;\s]*)/i.exec(disposition)?.[1];
  if (exact !== undefined) return decoded(exact);
  const [, quoted, bare] = /;\s*filename=(?:"((?:\\.|[^"\\])*)"|([^;\s]*))/i.exec(disposition) ?? [];
  const escapes: Record<string, string> = { '%22': '"', '%0D': '\r', '%0A': '\n', '\\"': '"', '\\\\': '\\' };
  return quoted?.replace(/%22|%0D|%0A|\\["\\]/g, (sign) => escapes[sign] ?? sign) ?? bare;
}

const noFile = (c: Context<AppEnv>) => invalidValue(['body', 'file'], missing, c.get('locale'));
const missing = {
  'zh-CN': '缺少文件：请以 multipart/form-data 发送，或以正文发送内容并在 X-File-Name 中给出文件名',
  en: 'is missing: send a form (multipart/form-data) with a file in it, or its bytes with its name in X-File-Name',
};
const onlyOne = { 'zh-CN': '一次只能发送一个文件', en: 'must be one file: send each by itself' };

/** A browser can only send a name in `%41` form; programs send its bytes, which runtimes read as Latin-1. */
function headerText(value: string): string {
  if (/%[\da-f]{2}/i.test(value)) return decoded(value);
  const codes = [...value].map((character) => character.charCodeAt(0));
  if (codes.some((code) => code > 0xff)) return value;
  return new TextDecoder().decode(Uint8Array.from(codes));
}

/** As it is, where a percent sign in it is only that. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
