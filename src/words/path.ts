// Which places of a session with versions are shown: a path from its beginning to what was said last.

/** Ranges of places, as from, to, from, to, …, from: the last one is open. Null: all there are. */
export type Path = readonly number[] | null;

/** Ranges that all have an end. */
export type Beginning = readonly number[];

export const isOnPath = (path: Path, place: number): boolean => {
  if (path === null) return true;
  const last = path.findLastIndex((from, index) => index % 2 === 0 && from <= place);
  return last >= 0 && place <= (path[last + 1] ?? place);
};

/** What of a path stands up to and with this place, which is on it. */
export function upTo(path: Path, place: number): Beginning {
  const before = (path ?? [1]).filter((bound) => bound <= place);
  if (place === 0 || before.length === 0) return [];
  return before.length % 2 === 0 ? before : [...before, place];
}

/** The path that goes on at `place`, the first that is not given yet. */
export function goingOn(beginning: Beginning, place: number): Path {
  const path = beginning.at(-1) === place - 1 ? beginning.slice(0, -1) : [...beginning, place];
  return path.length === 1 && path[0] === 1 ? null : path;
}

/** Beginning of what is said at the places `from` to `to`, behind `before`. */
export function followedBy(before: Beginning, from: number, to: number): Beginning {
  return before.at(-1) === from - 1 ? [...before.slice(0, -1), to] : [...before, from, to];
}
