// What messages stand behind, and what else was said in the same place.
//
// A turn says where it stands (`parent_seq`), and one that answers again also what it answers (`asks_seq`); without that, a
// message stands behind what was said before it in the session. A place may be empty, as that of a reply which never came:
// what stands behind that stands behind its question.
import { type SQL, sql } from 'drizzle-orm';
import { stepsBetween } from '../messages.ts';
import { inSession } from '../owner.ts';
import { param } from '../prepared.ts';
import { chatMessages, chatTurns } from '../schema.ts';

const mine = sql`owner_id = ${param('owner', 'int')} and session_id = ${param('session', 'uuid')}`;
const isShown = sql`type not in ${stepsBetween}`;
/** The turn that a message is of: it has its question's place, and its reply the next. */
const ownTurn = (message: SQL): SQL =>
  sql`${chatTurns} as own on own.owner_id = ${param('owner', 'int')} and own.session_id = ${param('session', 'uuid')}
    and own.seq = ${message}.seq - case when ${message}.role = 'assistant' then 1 else 0 end`;

/**
 * Two parts of a statement: `asked`, the messages for which `where` holds, and `standing`, what each stands behind: `parent`,
 * 0 for nothing, `parent_id`, and the place `behind` up to which all of that is shown. `until`: up to where it is shown itself.
 */
export const standingParts = (where: SQL): SQL => sql`asked as (
    select id, seq, role, ${isShown} as is_shown from ${chatMessages} where ${inSession(chatMessages)} and ${where}
  ), placed as (
    select asked.*, coalesce(case when role = 'assistant' then own.asks_seq else own.parent_seq end, asked.seq - 1) as behind,
      case when role = 'assistant' then own.asks_seq else own.parent_seq end is not null as is_elsewhere,
      case when role = 'user' then coalesce(own.reply_seq, asked.seq) else asked.seq end as until
    from asked left join ${ownTurn(sql`asked`)}
  ), standing as (
    select placed.*, coalesce(there.id, question.id, before.id) as parent_id,
      coalesce(there.seq, question.seq, before.seq, 0) as parent
    from placed
    left join lateral (select id, seq from ${chatMessages} where ${mine} and is_elsewhere and seq = placed.behind and ${isShown}
      order by step desc limit 1) as there on true
    left join lateral (select said.id, said.seq from ${chatTurns} as turn join ${chatMessages} as said
        on said.owner_id = turn.owner_id and said.session_id = turn.session_id
        and said.seq = coalesce(turn.asks_seq, turn.seq) and said.step = 0
      where turn.owner_id = ${param('owner', 'int')} and turn.session_id = ${param('session', 'uuid')}
        and is_elsewhere and there.id is null and turn.seq = placed.behind - 1) as question on true
    left join lateral (select id, seq from ${chatMessages} where ${mine} and not is_elsewhere and seq <= placed.behind and ${isShown}
      order by seq desc, step desc limit 1) as before on true
  )`;

const theirs = sql`turn.owner_id = ${param('owner', 'int')} and turn.session_id = ${param('session', 'uuid')}`;

/**
 * Parts behind these: `versions`, of each `parent` what stands behind it, oldest first, where that is more than one. Turns are
 * looked through once, and again only where an answer never came: no index is worth what it would cost each turn.
 */
export const versionsParts = sql`places as (
    select distinct parent from standing where is_shown
  ), elsewhere as materialized (
    select seq, reply_seq, asks_seq, parent_seq from ${chatTurns}
    where ${mine} and parent_seq = any (array (select parent from places))
  ), answers as (
    select parent, turn.reply_seq as place from places join ${chatTurns} as turn on ${theirs}
      and turn.seq = parent and turn.asks_seq is null
    union all
    select parent_seq, reply_seq from elsewhere where asks_seq is not null
  ), answered as materialized (
    select answers.*, said.id, said.seq, said.created_at from answers left join lateral (
      select id, seq, created_at from ${chatMessages} where ${mine} and seq = place and ${isShown}
      order by step desc limit 1) as said on true
  ), asked_elsewhere as (
    select parent_seq as parent, seq from elsewhere where asks_seq is null
    union all
    select answered.parent, turn.seq from answered join ${chatTurns} as turn on ${theirs}
      and turn.parent_seq = answered.place and turn.asks_seq is null
    where answered.id is null and exists (select 1 from answered where id is null)
  ), versions as (
    select parent, json_agg(json_build_object('id', id, 'ms', floor(extract(epoch from created_at) * 1000)::bigint) order by seq) as versions
    from (
      select parent, id, seq, created_at from answered where id is not null
      union
      select parent, said.id, said.seq, said.created_at from asked_elsewhere join ${chatMessages} as said
        on said.owner_id = ${param('owner', 'int')} and said.session_id = ${param('session', 'uuid')}
        and said.seq = asked_elsewhere.seq and said.step = 0
      union
      select parent, next.id, next.seq, next.created_at from places cross join lateral (
        select id, seq, role, created_at from ${chatMessages} where ${mine} and seq > parent and ${isShown}
        order by seq, step desc limit 1) as next
      left join ${ownTurn(sql`next`)}
      where own.parent_seq is null
    ) as sibling group by parent having count(*) > 1
  )`;
