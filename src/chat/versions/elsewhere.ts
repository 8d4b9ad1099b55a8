// Saying something elsewhere than behind what was said last: where that is. Throws a Failure where it cannot be.
import type { SessionKey } from '../../db/owner.ts';
import type { Store } from '../../db/store.ts';
import type { TurnRow } from '../../db/turns/find-turns.ts';
import type { Elsewhere } from '../../db/turns/standing.ts';
import type { Standing } from '../../db/versions/versions.ts';
import { Failure } from '../failure.ts';
import { importedPlace } from '../imported-messages.ts';
import { beginningTo } from './tree.ts';

type Versions = Pick<Store, 'versions'>;

/** Behind the message of this id, or for null where the first one stands. */
export async function behindMessage(
  store: Versions,
  session: SessionKey,
  id: string | null,
): Promise<Elsewhere> {
  const { seq, path, agentStateSeq } = await standingOf(store, session, id, 'parent_id');
  const place = seq ?? 0;
  if (place < agentStateSeq) throw inState('parent_id');
  return { beginning: await beginningTo(store, session, path, place), parentSeq: place, asksSeq: null };
}

/** Another answer to what a turn answers. */
export async function answeringAgain(
  store: Versions,
  session: SessionKey,
  { userMessage }: Pick<TurnRow, 'userMessage'>,
): Promise<Elsewhere> {
  const { path } = await standingOf(store, session, userMessage.id, 'parent_id');
  const { seq } = userMessage;
  return { beginning: await beginningTo(store, session, path, seq), parentSeq: seq, asksSeq: seq };
}

/** Where the message of this id stands; `field` has named it. */
export async function standingOf(
  store: Versions,
  session: SessionKey,
  id: string | null,
  field: 'parent_id' | 'message_id',
): Promise<Standing> {
  const standing = await store.versions.standing(session, id);
  if (!standing) throw new Failure('session_not_found');
  if (id === null || standing.seq !== null) return standing;
  throw importedPlace(session.session, id) === undefined ? new Failure('message_not_found') : inState(field);
}

/** What an imported state holds, it holds whole. */
export const inState = (field: 'parent_id' | 'message_id'): Failure =>
  new Failure('invalid_request', {
    field,
    reason: {
      'zh-CN': '在导入的状态之内；只能接在导入的内容之后',
      en: 'is within the imported state; only what comes behind that has versions',
    },
  });
