// The server's calls about files.
import { numberOf, record } from './json.ts';
import { Problem, unreachable } from './problem.ts';
import { accepted, callHeaders, readJson, request, requestJson } from './request.ts';
import { type FileRef, readFile } from './wire.ts';

export const filePath = (id: string): string => `api/files/${encodeURIComponent(id)}`;

/** What browsers show and models with eyes see. */
export const isPicture = ({ mediaType }: Pick<FileRef, 'mediaType'>): boolean =>
  /^image\/(png|jpeg|gif|webp)$/.test(mediaType);

/** The largest file that the server takes, in bytes; 0 where it does not say. */
export const mostFileBytes = async (): Promise<number> =>
  numberOf(record(await requestJson('api/me', { anybody: true })).max_file_bytes);

/** False where it is gone, or somebody else's. */
export async function isThere(id: string): Promise<boolean> {
  try {
    await request(filePath(id), { method: 'HEAD' });
    return true;
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return false;
    throw error;
  }
}

/** `isRead`: there is something in it for a model. */
export type StoredFile = { file: FileRef; isRead: boolean };

/** How long nothing may go out, and nothing come back once all of it has. */
const silentMs = { sending: 60_000, answering: 240_000 };

/** Sends a file; `sent` is told how much of it has gone, from 0 to 1. Throws a Problem. */
export async function storeFile(
  file: File,
  sent: (part: number) => void,
  signal: AbortSignal,
): Promise<StoredFile> {
  const stored = await readJson(await accepted(await send(file, sent, signal)));
  const read = readFile(stored);
  return { file: read, isRead: isPicture(read) || record(stored).text !== null };
}

/** Only this kind of request says how far it is. */
function send(file: File, sent: (part: number) => void, signal: AbortSignal): Promise<Response> {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    const leave = () => call.abort();
    let silence = setTimeout(leave, silentMs.sending);
    const wait = (ms: number) => {
      clearTimeout(silence);
      silence = setTimeout(leave, ms);
    };
    call.open('POST', 'api/files');
    const headers = { ...callHeaders(), 'Content-Type': 'application/octet-stream' };
    for (const [name, value] of Object.entries(headers)) call.setRequestHeader(name, value);
    call.setRequestHeader('X-File-Name', encodeURIComponent(file.name.toWellFormed()));
    call.upload.onprogress = ({ loaded }) => {
      wait(silentMs.sending);
      sent(loaded / Math.max(file.size, 1));
    };
    call.upload.onload = () => {
      wait(silentMs.answering);
      sent(1);
    };
    call.onload = () => resolve(responseOf(call));
    call.onerror = () => reject(unreachable());
    call.onabort = () => reject(signal.aborted ? signal.reason : unreachable());
    call.onloadend = () => {
      clearTimeout(silence);
      signal.removeEventListener('abort', leave);
    };
    signal.addEventListener('abort', leave);
    if (signal.aborted) leave();
    call.send(file);
  });
}

function responseOf(call: XMLHttpRequest): Response {
  const headers = new Headers();
  for (const name of ['Content-Type', 'Retry-After', 'X-Request-Id']) {
    const value = call.getResponseHeader(name);
    if (value !== null) headers.set(name, value);
  }
  return new Response(call.responseText, { status: call.status, headers });
}
