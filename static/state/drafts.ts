// What was typed and not sent, and the files that are to come along, for each session; it survives a reload.
import { type Signal, signal } from '@preact/signals';
import { list, parseJson, record } from '../api/json.ts';
import type { FileRef } from '../api/wire.ts';
import type { Storage } from './storage.ts';

/** `new` is the session that does not exist yet. */
export type Place = string | 'new';

/** Its `id` is empty until the server has it. */
export type DraftFile = FileRef & { key: string };

export type Drafts = {
  read: (place: Place) => string;
  keep: (place: Place, text: string) => void;
  files: (place: Place) => Signal<readonly DraftFile[]>;
  /** Those that the server has, for a message; they are no longer in the draft then. */
  takeFiles: (place: Place) => DraftFile[];
  /** All that were asked for. */
  known: ReadonlyMap<Place, Signal<readonly DraftFile[]>>;
  count: () => number;
};

// As long as each other.
const [textPrefix, filesPrefix] = ['draft.', 'files.'];

export function createDrafts(storage: Storage): Drafts {
  const known = new Map<Place, Signal<readonly DraftFile[]>>();

  function files(place: Place): Signal<readonly DraftFile[]> {
    const before = known.get(place);
    if (before) return before;
    const name = filesPrefix + place;
    const kept = signal<readonly DraftFile[]>(keptFiles(parseJson(storage.read(name) ?? '')));
    known.set(place, kept);
    kept.subscribe((now) => storage.write(name, now.length > 0 ? JSON.stringify(now) : null));
    return kept;
  }

  return {
    read: (place) => storage.read(textPrefix + place) ?? '',
    keep: (place, text) => storage.write(textPrefix + place, text),
    files,
    takeFiles(place) {
      const all = files(place).value;
      files(place).value = all.filter(({ id }) => id === '');
      return all.filter(({ id }) => id !== '');
    },
    known,
    count: () =>
      new Set(
        [...storage.names(textPrefix), ...storage.names(filesPrefix)]
          .filter((name) => storage.read(name)?.trim())
          .map((name) => name.slice(textPrefix.length)),
      ).size,
  };
}

/** Files, as this page wrote them. */
export const keptFiles = (value: unknown): DraftFile[] =>
  list(value).filter((one): one is DraftFile => typeof record(one).id === 'string');
