// What the browser keeps for the page. Storage may be forbidden or full: then things last as long as the page.
import { installName } from './install.ts';

export type Storage = {
  read: (name: string) => string | null;
  /** Null or an empty text forgets it. */
  write: (name: string, text: string | null) => void;
  names: (prefix: string) => string[];
  /** Forgets all of it. */
  clear: () => void;
};

/** What is kept of the page itself, or of an owner: nobody else's page reads it. */
export function browserStorage(owner: string | null = null): Storage {
  const prefix = `${installName}.${owner === null ? '' : `of.${nameOf(owner)}.`}`;
  const fallback = new Map<string, string>();
  const storage: Storage = {
    read(name) {
      try {
        // What did not fit any more is newer than what did.
        return fallback.get(name) ?? localStorage.getItem(prefix + name);
      } catch {
        return fallback.get(name) ?? null;
      }
    },
    write(name, text) {
      fallback.delete(name);
      try {
        if (text) localStorage.setItem(prefix + name, text);
        else localStorage.removeItem(prefix + name);
      } catch {
        if (text) fallback.set(name, text);
      }
    },
    names(start) {
      const kept = new Set(fallback.keys());
      try {
        for (const key of Object.keys(localStorage))
          if (key.startsWith(prefix)) kept.add(key.slice(prefix.length));
      } catch {
        // Only what this page itself wrote is known then.
      }
      return [...kept].filter((name) => name.startsWith(start));
    },
    clear() {
      for (const name of storage.names('')) storage.write(name, null);
    },
  };
  return storage;
}

/** Without a point, which stands between names. */
const nameOf = (owner: string): string => encodeURIComponent(owner).replaceAll('.', '%2E');
