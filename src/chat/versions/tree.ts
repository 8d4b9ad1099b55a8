// The tree of what was said in a session, and the paths through it.
import type { SessionKey } from '../../db/owner.ts';
import type { Store } from '../../db/store.ts';
import type { TreePlace } from '../../db/versions/versions.ts';
import { type Beginning, followedBy, isOnPath, type Path, upTo } from '../../words/path.ts';

/** What stands before this place, and the place itself, where something was said; on which versions it ever was. */
export async function beginningTo(
  store: Pick<Store, 'versions'>,
  session: SessionKey,
  path: Path,
  place: number,
): Promise<Beginning> {
  if (place === 0) return [];
  return isOnPath(path, place) ? upTo(path, place) : beginningIn(await store.versions.tree(session), place);
}

/** What a turn is shown, which is not what its session shows, where that has gone to another version since. */
export async function pathOfTurn(
  store: Pick<Store, 'versions'>,
  session: SessionKey,
  path: Path,
  { seq, replySeq, asksSeq }: { seq: number; replySeq: number; asksSeq?: number | null },
): Promise<Path> {
  if (isOnPath(path, replySeq)) return path;
  const question = await beginningTo(store, session, path, asksSeq ?? seq);
  return followedBy(question, replySeq, replySeq);
}

/** The same in a tree; `until`: where it ends. */
export function beginningIn(tree: readonly TreePlace[], place: number, until = place): Beginning {
  const places = new Map(tree.map((one) => [one.seq, one]));
  const before: TreePlace[] = [];
  for (let at = places.get(place); at; at = places.get(at.parent)) before.push(at);
  return before.reduceRight<Beginning>((beginning, { seq }, index) => {
    const next = before[index - 1];
    if (!next) return followedBy(beginning, seq, until);
    if (next.behind === null) return followedBy(beginning, seq, next.seq - 1);
    const own = followedBy(beginning, seq, seq);
    // Of a reply that never came there may be steps.
    return next.behind === seq ? own : followedBy(own, next.behind, next.behind);
  }, []);
}

/** Up to what was said last behind this place: of several the newest, each time. */
export function beginningThrough(tree: readonly TreePlace[], place: number): Beginning {
  const newest = new Map<number, TreePlace>();
  for (const one of tree) {
    const other = newest.get(one.parent);
    if (!other || other.seq <= one.seq) newest.set(one.parent, one);
  }
  let last = tree.find(({ seq }) => seq === place);
  for (let next = last; next; next = newest.get(next.seq)) last = next;
  return last ? beginningIn(tree, last.seq, last.until) : [];
}
