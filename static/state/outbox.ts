// Messages on their way. One stays here from the moment it is sent until the server has stored it, or the reader has
// taken it back, so that neither a reload nor a lost network loses it.
import { parseJson, record, textOf } from '../api/json.ts';
import type { FileRef } from '../api/wire.ts';
import { keptFiles } from './drafts.ts';
import type { Storage } from './storage.ts';

/** What somebody says. */
export type Said = { text: string; files: readonly FileRef[] };

/** `key` is the one it is sent with: sent twice, it is still one message. */
export type Outgoing = Said & {
  key: string;
  sessionId: string;
  /** The one that is to answer it, where that was chosen. */
  model?: string | undefined;
  /** What it is said behind, null for the beginning, where that is not the end of the session. */
  parentId?: string | null | undefined;
};

export type Outbox = {
  put: (message: Outgoing) => void;
  remove: (key: string) => void;
  of: (sessionId: string) => Outgoing[];
  count: () => number;
};

const prefix = 'outbox.';

export function createOutbox(storage: Storage): Outbox {
  return {
    put: (message) => storage.write(prefix + message.key, JSON.stringify(message)),
    remove: (key) => storage.write(prefix + key, null),
    of: (sessionId) =>
      storage
        .names(prefix)
        .sort()
        .map((name) => record(parseJson(storage.read(name) ?? '')))
        .map(({ key, sessionId, text, files, model, parentId }) => ({
          key: textOf(key),
          sessionId: textOf(sessionId),
          text: textOf(text),
          files: keptFiles(files),
          model: textOf(model) || undefined,
          parentId: parentId === null ? null : textOf(parentId) || undefined,
        }))
        .filter((message) => message.sessionId === sessionId && message.key !== ''),
    count: () => storage.names(prefix).length,
  };
}

/** Sorts by time; randomUUID is missing on pages served without TLS, and this is as random. */
export function newKey(): string {
  const random = [...crypto.getRandomValues(new Uint8Array(12))].map((n) => n.toString(16).padStart(2, '0'));
  return `${Date.now().toString(36)}-${random.join('')}`;
}
