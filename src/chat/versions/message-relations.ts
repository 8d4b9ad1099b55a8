// What the messages of a page stand behind, and their other versions.
import type { PageRow } from '../../db/messages.ts';
import type { SessionKey } from '../../db/owner.ts';
import type { Store } from '../../db/store.ts';
import type { Relation } from '../../db/versions/versions.ts';
import { eventTypes } from '../../words/steps.ts';

/** By their ids; `rows` are oldest first. Where a session has no versions, a message stands behind the one before it. */
export async function relationsOf(
  store: Pick<Store, 'versions'>,
  session: SessionKey,
  rows: readonly PageRow[],
  page: { offset: number; before?: string | undefined },
): Promise<ReadonlyMap<string, Relation>> {
  const [first] = rows;
  if (!first) return new Map();
  if (first.hasVersions)
    return store.versions.relations(
      session,
      rows.map(({ id }) => id),
    );
  const isStart = page.before === undefined && page.offset === 0;
  const { parentId = null } =
    (isStart ? undefined : (await store.versions.relations(session, [first.id])).get(first.id)) ?? {};
  return inLine(rows, parentId);
}

/** What a turn says, which all has one place, stands behind its question. */
function inLine(rows: readonly PageRow[], parentId: string | null): Map<string, Relation> {
  const relations = new Map<string, Relation>();
  let parent = parentId;
  let last = { seq: -1, id: parentId };
  for (const { id, seq, type } of rows) {
    if (seq > last.seq) parent = last.id;
    relations.set(id, { parentId: parent, versions: undefined });
    if (!isEvent(type)) last = { seq, id };
  }
  return relations;
}

const isEvent = (type: string): boolean => eventTypes.some((one) => one === type);
