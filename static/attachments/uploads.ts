// Files on their way to the server. A few go at a time; what the network breaks off goes again when the server is back.
import { type Signal, signal } from '@preact/signals';
import { isThere, mostFileBytes, storeFile } from '../api/files.ts';
import { isAway, Problem } from '../api/problem.ts';
import type { App } from '../state/app.ts';
import type { DraftFile, Place } from '../state/drafts.ts';
import { newKey } from '../state/outbox.ts';
import { pause } from '../state/pause.ts';
import { inTurn } from './in-turn.ts';

export type Trouble = Problem | 'tooLarge' | 'tooLargeBefore' | 'nothingRead' | 'cannotRead' | 'lost';

export type Upload = {
  file: File;
  /** How much of it has gone, from 0 to 1; null while it waits for others, `again` for the server. */
  sent: Signal<number | null | 'again'>;
  trouble: Signal<Trouble | null>;
  stop: AbortController;
};

export type Uploads = {
  /** Undefined for one that this page did not send. */
  of: (key: string) => Upload | undefined;
  add: (place: Place, files: readonly File[]) => void;
  retry: (key: string) => void;
  remove: (place: Place, file: DraftFile) => void;
  /** Looks whether what a draft has from before is still there. */
  check: (files: readonly DraftFile[]) => Promise<void>;
  /** The most that a file may have, in bytes; 0 while that is not known. */
  most: Signal<number>;
};

/** A browser has six connections to a server for all its pages. */
const atOnce = 2;

/** `ended` is told of each that arrived, and of each that did not. */
export function createUploads(
  { drafts, connection }: App,
  ended: (upload: Upload, file: DraftFile) => void,
): Uploads {
  const uploads = new Map<string, Upload>();
  const checked = new Set<string>();
  const most = signal(0);
  const next = inTurn(atOnce);

  /** Wherever the draft is by now. */
  function change(key: string, to: DraftFile): void {
    for (const files of drafts.known.values())
      if (files.value.some((file) => file.key === key))
        files.value = files.value.map((file) => (file.key === key ? to : file));
  }

  async function run(draft: DraftFile, upload: Upload): Promise<void> {
    const { file, trouble, stop } = upload;
    trouble.value = null;
    try {
      most.value ||= await mostFileBytes().catch(() => 0);
      if (most.value > 0 && file.size > most.value) trouble.value = 'tooLarge';
      else await next(stop.signal, () => send(draft, upload));
    } catch (error) {
      if (stop.signal.aborted) return;
      if (!(error instanceof Problem)) throw error;
      trouble.value = error.status === 413 && error.code === '' ? 'tooLargeBefore' : error;
    }
    if (!stop.signal.aborted) ended(upload, draft);
  }

  /** Until the server has it, or does not want it. */
  async function send(draft: DraftFile, upload: Upload): Promise<void> {
    const { file, sent, trouble, stop } = upload;
    const { signal } = stop;
    while (true) {
      sent.value = 0;
      try {
        const stored = await storeFile(
          file,
          (part) => {
            sent.value = part;
          },
          signal,
        );
        checked.add(draft.key);
        if (stored.isRead) change(draft.key, { ...stored.file, key: draft.key });
        else trouble.value = 'nothingRead';
        return;
      } catch (error) {
        if (!(error instanceof Problem && isAway(error))) throw error;
        if (!(await canBeRead(file))) {
          trouble.value = 'cannotRead';
          return;
        }
        sent.value = 'again';
        connection.suspect(error);
        if (error.retryAfter !== null) await pause(error.retryAfter * 1000 * (1 + Math.random() / 2));
        await connection.untilReady(signal);
      }
    }
  }

  return {
    of: (key) => uploads.get(key),
    most,
    add(place, files) {
      const added = files.map((file) => {
        const key = newKey();
        const upload = {
          file,
          sent: signal<Upload['sent']['value']>(null),
          trouble: signal<Trouble | null>(null),
          stop: new AbortController(),
        };
        uploads.set(key, upload);
        const draft = { key, id: '', name: file.name, mediaType: '', size: file.size, cutTo: null };
        return { draft, upload };
      });
      drafts.files(place).value = [...drafts.files(place).value, ...added.map(({ draft }) => draft)];
      for (const { draft, upload } of added) void run(draft, upload);
    },
    retry(key) {
      const upload = uploads.get(key);
      if (!upload?.trouble.value) return;
      const { name, size } = upload.file;
      void run({ key, id: '', name, mediaType: '', size, cutTo: null }, upload);
    },
    remove(place, { key }) {
      uploads.get(key)?.stop.abort(new DOMException('removed', 'AbortError'));
      uploads.delete(key);
      drafts.files(place).value = drafts.files(place).value.filter((file) => file.key !== key);
    },
    async check(files) {
      for (const file of files) {
        if (file.id === '' || checked.has(file.key)) continue;
        checked.add(file.key);
        // Where nobody says, it is seen once it is sent.
        if (!(await isThere(file.id).catch(() => true))) change(file.key, { ...file, id: '' });
      }
    },
  };
}

/** One that was changed, moved or deleted since fails as if the network did. */
async function canBeRead(file: File): Promise<boolean> {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}
