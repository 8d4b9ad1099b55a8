// The statement that makes a session of what another shows up to a place. Places stay what they were, and with them what an
// imported state stands for; messages and turns are new ones.
import { sql } from 'drizzle-orm';
import type { Db } from '../database.ts';
import { pathOf, rangesOf } from '../path-parts.ts';
import { as, cte, param } from '../prepared.ts';
import { chatMessages, chatSessionFiles, chatSessions, chatToolCalls, chatTurns } from '../schema.ts';
import { sessionResult } from '../sessions.ts';

// A version 7 UUID of that time.
const idOf = (time: string) =>
  sql`(lpad(to_hex(floor(extract(epoch from ${sql.raw(time)}) * 1000)::bigint), 12, '0') || '7'
    || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid`;

const mine = sql`owner_id = ${param('owner', 'int')} and session_id = ${param('session', 'uuid')}`;
const isWanted = (seq: string) =>
  sql`exists (select 1 from ${rangesOf(pathOf(param('beginning', 'text')), 'asc')} as range
    where ${sql.raw(seq)} between range.first and range.last)`;

export function prepareFork(db: Db) {
  const { micros: _, ...columns } = sessionResult;
  const said = cte(
    db,
    'said',
    { id: as(chatMessages.id) },
    sql`insert into ${chatMessages} (owner_id, session_id, seq, step, attempt, id, role, source, type, data, content, thought,
        models_usage, metadata, created_at)
      select owner_id, ${param('fork', 'uuid')}, seq, step, attempt, ${idOf('created_at')}, role, source, type, data, content, thought,
        models_usage, metadata, created_at
      from ${chatMessages} where ${mine} and ${isWanted('seq')} returning id`,
  );
  const turns = cte(
    db,
    'turns',
    { id: as(chatTurns.id) },
    sql`insert into ${chatTurns} (owner_id, session_id, id, status, seq, reply_seq, asks_seq, parent_seq, wish, agent, step, error,
        attempt, interruptions, counted_steps, created_at, started_at, finished_at)
      select owner_id, ${param('fork', 'uuid')}, ${idOf('created_at')}, status, seq, reply_seq, asks_seq, asks_seq, wish, agent, step, error,
        attempt, interruptions, counted_steps, created_at, started_at, finished_at
      from ${chatTurns} where ${mine} and ${isWanted('reply_seq')} and status in ('completed', 'failed', 'cancelled') returning id, reply_seq`,
  );
  // What was not over when its turn failed is not made here: it is the other session's.
  const calls = cte(
    db,
    'calls',
    { id: as(chatToolCalls.id) },
    sql`insert into ${chatToolCalls} (owner_id, session_id, turn_id, step, position, id, approval_id, call_id, name, server, arguments,
        given_arguments, needs_approval, result, is_error, decision, decided_by, said, expires_at, requested_at, started_at, finished_at,
        status)
      select call.owner_id, ${param('fork', 'uuid')}, turns.id, call.step, call.position, call.id, call.approval_id, call.call_id, call.name,
        call.server, call.arguments, call.given_arguments, call.needs_approval, call.result, call.is_error, call.decision, call.decided_by,
        call.said, call.expires_at, call.requested_at, call.started_at, call.finished_at,
        case when call.status in ('finished', 'denied', 'unknown', 'cancelled') then call.status
          when call.started_at is null then 'cancelled' else 'unknown' end
      from turns join ${chatTurns} as turn on turn.reply_seq = turns.reply_seq
        join ${chatToolCalls} as call on call.owner_id = turn.owner_id and call.session_id = turn.session_id and call.turn_id = turn.id
      where turn.owner_id = ${param('owner', 'int')} and turn.session_id = ${param('session', 'uuid')} returning id`,
  );
  const files = cte(
    db,
    'files',
    { sessionId: as(chatSessionFiles.sessionId) },
    sql`insert into ${chatSessionFiles} (owner_id, file_id, session_id)
      select owner_id, file_id, ${param('fork', 'uuid')} from ${chatSessionFiles} where ${mine} returning session_id`,
  );
  const session = cte(
    db,
    'session',
    columns,
    sql`insert into ${chatSessions} (owner_id, id, name, name_given, agent, instructions, temperature, metadata, agent_state, agent_state_seq, message_count, last_seq)
      select owner_id, ${param('fork', 'uuid')}, name, name_given, agent, instructions, temperature, metadata, agent_state, agent_state_seq,
        (select count(*) from said), ${param('lastSeq', 'int')}
      from ${chatSessions} where owner_id = ${param('owner', 'int')} and id = ${param('session', 'uuid')}
      returning id, name, agent, instructions, temperature, metadata, message_count, created_at, updated_at`,
  );
  return db.with(said, turns, calls, files, session).select().from(session).prepare('session_fork');
}
