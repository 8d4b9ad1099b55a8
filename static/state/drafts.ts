// What was typed and not sent, a text for each session; it survives a reload.
import type { Storage } from './storage.ts';

/** `new` is the session that does not exist yet. */
export type Place = string | 'new';

export type Drafts = {
  read: (place: Place) => string;
  keep: (place: Place, text: string) => void;
  count: () => number;
};

export function createDrafts(storage: Storage): Drafts {
  return {
    read: (place) => storage.read(`draft.${place}`) ?? '',
    keep: (place, text) => storage.write(`draft.${place}`, text),
    count: () => storage.names('draft.').filter((name) => storage.read(name)?.trim()).length,
  };
}
