// Queries on the versions of what was said in a session: where messages stand, and which of them it shows.
import { sql } from 'drizzle-orm';
import type { Beginning, Path } from '../../words/path.ts';
import type { Db } from '../database.ts';
import { stepsBetween } from '../messages.ts';
import type { SessionKey } from '../owner.ts';
import { pathGoingOn, pathText } from '../path-parts.ts';
import { as, cte, flag, param } from '../prepared.ts';
import { chatMessages, chatSessions, chatTurns } from '../schema.ts';
import { idle } from '../turns/statement-parts.ts';
import { prepareFork } from './fork.ts';
import { standingParts, versionsParts } from './relations.ts';

export type Version = { id: string; createdAt: Date };

/** What a message stands behind, and all that was said there, oldest first, where that is more than one. */
export type Relation = { parentId: string | null; versions: Version[] | undefined };

/**
 * A place where something was said. `parent`: that of what it stands behind, 0 for nothing. `behind`: the place that was said
 * of it, where nothing may have been said; null: whatever was before it in the session. `until`: its turn's last place.
 */
export type TreePlace = { seq: number; parent: number; behind: number | null; until: number };

/** A session as it is looked at, with the place of the message that was asked for, null where it shows none of this id. */
export type Standing = {
  seq: number | null;
  path: Path;
  lastSeq: number;
  agentStateSeq: number;
  /** Whether the message's turn has not ended. */
  open: boolean;
};

export type VersionQueries = ReturnType<typeof versionQueries>;

export function versionQueries(db: Db) {
  const standing = prepareStanding(db);
  const tree = prepareTree(db);
  const relations = prepareRelations(db);
  const show = prepareShow(db);
  const fork = prepareFork(db);

  return {
    /** Undefined where there is no such session. */
    standing: async (key: SessionKey, id: string | null): Promise<Standing | undefined> =>
      (await standing.execute({ ...key, id }))[0],

    /** All places of the session, of all versions. */
    tree: (key: SessionKey): Promise<TreePlace[]> => tree.execute(key),

    /** Of messages of the session, by their ids. */
    relations: async (key: SessionKey, ids: readonly string[]): Promise<Map<string, Relation>> => {
      const rows = await relations.execute({ ...key, ids: JSON.stringify(ids) });
      return new Map(
        rows.map(({ id, parentId, versions }) => {
          const all = versions?.map(({ id, ms }) => ({ id, createdAt: new Date(ms) }));
          return [id, { parentId, versions: all?.some((version) => version.id === id) ? all : undefined }];
        }),
      );
    },

    /**
     * Lets the session show this and what is said next; false where a turn has begun in it since `lastSeq` was given, or has
     * not ended.
     */
    show: async (key: SessionKey, beginning: Beginning, lastSeq: number): Promise<boolean> =>
      (await show.execute({ ...key, beginning: pathText(beginning), lastSeq })).length > 0,

    /** Makes a session of these places of another; undefined where there is none. `id`: its own. */
    fork: async (key: SessionKey, id: string, beginning: Beginning) =>
      (
        await fork.execute({
          ...key,
          fork: id,
          beginning: pathText(beginning),
          lastSeq: beginning.at(-1) ?? 0,
        })
      )[0],
  };
}

function prepareStanding(db: Db) {
  const isTheirs = sql`${chatTurns.ownerId} = ${param('owner', 'int')} and ${chatTurns.sessionId} = ${param('session', 'uuid')}`;
  const found = cte(
    db,
    'found',
    {
      seq: sql<number | null>`seq`.as('seq'),
      path: as(chatSessions.path),
      lastSeq: as(chatSessions.lastSeq),
      agentStateSeq: as(chatSessions.agentStateSeq),
      open: flag('open'),
    },
    sql`select said.seq, path, last_seq, agent_state_seq, exists (select 1 from ${chatTurns} where ${isTheirs}
          and status in ('queued', 'running', 'waiting') and seq in (said.seq, said.seq - 1)) as open
        from ${chatSessions} left join ${chatMessages} as said on said.owner_id = ${param('owner', 'int')}
          and said.session_id = ${param('session', 'uuid')} and said.id = ${param('id', 'uuid')} and said.type not in ${stepsBetween}
        where ${chatSessions.ownerId} = ${param('owner', 'int')} and ${chatSessions.id} = ${param('session', 'uuid')}`,
  );
  return db.with(found).select().from(found).prepare('message_standing');
}

function prepareTree(db: Db) {
  const columns = {
    seq: sql<number>`seq`.as('seq'),
    parent: sql<number>`parent`.as('parent'),
    behind: sql<number | null>`behind`.as('behind'),
    until: sql<number>`until`.as('until'),
  };
  const tree = cte(
    db,
    'tree',
    columns,
    sql`with ${standingParts(sql`type not in ${stepsBetween}`)} select seq, parent, case when is_elsewhere then behind end as behind, until from standing`,
  );
  return db.with(tree).select().from(tree).prepare('message_tree');
}

function prepareRelations(db: Db) {
  const columns = {
    id: as(chatMessages.id),
    parentId: sql<string | null>`parent_id`.as('parent_id'),
    versions: sql<{ id: string; ms: number }[] | null>`versions`.as('versions'),
  };
  const related = cte(
    db,
    'related',
    columns,
    sql`with ${standingParts(sql`id in (select value::uuid from json_array_elements_text(${param('ids', 'json')}))`)},
      ${versionsParts}
      select id, parent_id, versions from standing left join versions using (parent)`,
  );
  return db.with(related).select().from(related).prepare('message_relations');
}

// Asked again behind its commit it changes nothing that anybody sees: the path is the same.
function prepareShow(db: Db) {
  const shown = cte(
    db,
    'shown',
    { id: as(chatSessions.id) },
    sql`update ${chatSessions} set path = ${pathGoingOn(sql`last_seq + 1`, param('beginning', 'text'))}, updated_at = now()
      where owner_id = ${param('owner', 'int')} and id = ${param('session', 'uuid')} and ${idle}
        and last_seq = ${param('lastSeq', 'int')} returning id`,
  );
  return db.with(shown).select().from(shown).prepare('session_show');
}
