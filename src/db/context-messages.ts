// Reading what a context needs of a session: both ends of what is shown, and how much stands between.
import { and, asc, desc, gt, lte, type SQL, sql } from 'drizzle-orm';
import type { Path } from '../words/path.ts';
import type { Db } from './database.ts';
import type { ContextRow, Place } from './message-row.ts';
import { inSession, isIn, type SessionKey } from './owner.ts';
import { pathOf, pathText, rangesOf } from './path-parts.ts';
import { as, cte, param } from './prepared.ts';
import { chatMessages, chatTurns } from './schema.ts';

/** `asOf`: a turn; only the messages that were there when it ran. `path`: which are shown, all without one. */
export type ContextRange = {
  after: number;
  upTo: number;
  limit: number;
  asOf?: string | undefined;
  path?: Path | undefined;
};

const contextColumns = {
  seq: chatMessages.seq,
  step: chatMessages.step,
  role: chatMessages.role,
  source: chatMessages.source,
  type: chatMessages.type,
  data: chatMessages.data,
  content: chatMessages.content,
  thought: chatMessages.thought,
};

const contextResult = {
  seq: as(chatMessages.seq),
  step: as(chatMessages.step),
  role: as(chatMessages.role),
  source: as(chatMessages.source),
  type: as(chatMessages.type),
  data: as(chatMessages.data),
  content: as(chatMessages.content),
  thought: as(chatMessages.thought),
};

export function contextQueries(db: Db) {
  const head = prepareContext(db, 'asc');
  const tail = prepareContext(db, 'desc');
  return {
    /** The first `limit` messages after seq `after` and up to `upTo`, oldest first. */
    head,

    /** The last `limit` messages after seq `after` and up to `upTo`, oldest first. */
    tail: async (key: SessionKey, range: ContextRange): Promise<ContextRow[]> =>
      (await tail(key, range)).reverse(),

    /** How many messages stand between two places, neither counted. */
    countBetween: (
      key: SessionKey,
      after: Place,
      before: Place,
      { asOf, path = null }: Pick<ContextRange, 'asOf' | 'path'> = {},
    ): Promise<number> =>
      db.$count(
        chatMessages,
        and(
          isIn(chatMessages, key),
          isBeyond('>', after),
          isBeyond('<', before),
          asOf === undefined ? undefined : wasThere(sql`${asOf}::uuid`),
          path === null
            ? undefined
            : sql`exists (select 1 from ${rangesOf(pathOf(sql`${pathText(path)}::text`), 'asc')} as range
                where ${chatMessages.seq} between range.first and range.last)`,
        ),
      ),
  };
}

function prepareContext(db: Db, order: 'asc' | 'desc') {
  const name = order === 'asc' ? 'context_head' : 'context_tail';
  const ordered = order === 'asc' ? asc : desc;
  const all = (where?: SQL) =>
    db
      .select(contextColumns)
      .from(chatMessages)
      .where(
        and(
          inSession(chatMessages),
          gt(chatMessages.seq, param('after')),
          lte(chatMessages.seq, param('upTo')),
          where,
        ),
      )
      .orderBy(ordered(chatMessages.seq), ordered(chatMessages.step))
      .limit(sql.placeholder('limit'));
  const now = all().prepare(name);
  const past = all(wasThere(param('turn', 'uuid'))).prepare(`${name}_past`);
  const onPath = preparePath(db, order, name);
  return async (key: SessionKey, { asOf, path = null, ...range }: ContextRange): Promise<ContextRow[]> => {
    if (path !== null) return onPath.execute({ ...key, ...range, turn: asOf ?? null, path: pathText(path) });
    return asOf === undefined
      ? now.execute({ ...key, ...range })
      : past.execute({ ...key, turn: asOf, ...range });
  };
}

// One range after the other, each from its own end: what stands between two is not looked at, however much it is.
function preparePath(db: Db, order: 'asc' | 'desc', name: string) {
  const limit = param('limit', 'int');
  const shown = cte(
    db,
    'shown',
    contextResult,
    sql`select message.* from ${rangesOf(pathOf(param('path', 'text')), order)} as range cross join lateral (
        select seq, step, role, source, type, data, content, thought from ${chatMessages}
        where ${inSession(chatMessages)} and seq > ${param('after', 'int')} and seq <= ${param('upTo', 'int')}
          and seq between range.first and range.last
          and (${param('turn', 'uuid')} is null or ${wasThere(param('turn', 'uuid'))})
        order by seq ${sql.raw(order)}, step ${sql.raw(order)} limit ${limit}
      ) as message where range.first <= ${param('upTo', 'int')} limit ${limit}`,
  );
  return db
    .with(shown)
    .select()
    .from(shown)
    .orderBy(sql.raw(`seq ${order}, step ${order}`))
    .prepare(`${name}_on_path`);
}

// Only a reply can come late: to a turn that was run again after one behind it had ended.
const wasThere = (turn: SQL): SQL =>
  sql`(${chatMessages.role} = 'user' or ${chatMessages.createdAt} < (
    select coalesce(ended.finished_at, 'infinity') from ${chatTurns} as ended
    where ended.owner_id = ${chatMessages.ownerId} and ended.session_id = ${chatMessages.sessionId}
      and ended.id = ${turn}))`;

export const isBeyond = (side: '<' | '>', { seq, step }: Record<keyof Place, unknown>): SQL =>
  sql`(${chatMessages.seq}, ${chatMessages.step}) ${sql.raw(side)} (${seq}, ${step})`;
