// Going to another version of what was said.
import type { SessionKey } from '../../db/owner.ts';
import type { Store } from '../../db/store.ts';
import { Failure } from '../failure.ts';
import { beginningThrough } from './tree.ts';

/** How often it is tried while turns begin and end meanwhile. */
const mostTries = 5;

/**
 * Lets the session show a message with what stands before it, and what was said last behind it. Throws a Failure where there
 * is no such message, or while a turn of the session has not ended.
 */
export async function showVersion(
  store: Pick<Store, 'versions'>,
  session: SessionKey,
  id: string,
): Promise<void> {
  let before: number | undefined;
  for (let tries = 0; tries < mostTries; tries++) {
    const standing = await store.versions.standing(session, id);
    if (!standing) throw new Failure('session_not_found');
    const { seq, lastSeq } = standing;
    if (seq === null) throw new Failure('message_not_found');
    // Nothing has begun since it was refused: something runs.
    if (lastSeq === before) break;
    before = lastSeq;
    const tree = await store.versions.tree(session);
    if (await store.versions.show(session, beginningThrough(tree, seq), lastSeq)) return;
  }
  throw new Failure('session_busy', { retry_after: 2 });
}
