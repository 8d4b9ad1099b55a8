// The tables as the migration 0002 left them: filled, and written by a turn. It stays as it is when tables change.
import { sessionIdSql } from './processes/protocol.ts';

export const before = '0002_search_index';

export type Filling = { sessions: number; messages: number };

const id = sessionIdSql('1', 'n');

/** SQL that fills them: each session has ten messages and five turns, and is in the index of the search. */
export function fillSql({ sessions, messages }: Filling): string[] {
  const each = Math.round(messages / sessions);
  const text = `' ' || repeat('Words of a conversation that went on for a while. ', 3)`;
  return [
    `set session_replication_role = replica; set synchronous_commit = off`,
    `drop index chat_search_parts_grams`,
    `insert into chat_sessions (id, name, name_given, message_count, last_seq, indexed_messages, updated_at)
      select ${id}, 'Session ' || n, true, ${each}, ${each}, ${each}, now() - n * interval '1 second'
      from generate_series(1, ${sessions}) as n`,
    `insert into chat_messages (session_id, seq, id, role, source, content)
      select ${id}, seq, gen_random_uuid(), role, role, 'Message ' || seq || ' of ' || n || '.' || ${text}
      from generate_series(1, ${sessions}) as n, generate_series(1, ${each}) as seq,
        lateral (select case when seq % 2 = 1 then 'user' else 'assistant' end as role) as said`,
    `insert into chat_turns (session_id, id, status, seq, lease, started_at, finished_at)
      select ${id}, gen_random_uuid(), 'completed', seq, gen_random_uuid(), now(), now()
      from generate_series(1, ${sessions}) as n, generate_series(1, ${each}, 2) as seq`,
    `insert into chat_search_parts (session_id, seq, part, grams)
      select ${id}, seq, 0, array[n, seq, 3, 4, 5, 6, 7, 8] from generate_series(1, ${sessions}) as n,
        generate_series(1, ${each}) as seq`,
    `create index chat_search_parts_grams on chat_search_parts using gin (grams) with (gin_pending_list_limit = 256)`,
    `reset session_replication_role; reset synchronous_commit`,
    'vacuum analyze',
    'checkpoint',
  ];
}

/** A turn in the session $1 of the id $2: begun, and completed. */
export const turnSql = {
  begin: `
    with session as (
      update chat_sessions set last_seq = last_seq + 2, message_count = message_count + 1, updated_at = now(),
        running_lease = $2::uuid
      where id = $1::uuid and running_lease is null returning id, last_seq - 1 as seq
    ), turn as (
      insert into chat_turns (session_id, id, seq, status, lease, lease_until, started_at)
      select id, $2::uuid, seq, 'running', $2::uuid, now() + interval '8 seconds', now() from session
    )
    insert into chat_messages (session_id, seq, id, role, source, content)
    select id, seq, gen_random_uuid(), 'user', 'user', 'What does a turn cost?' from session`,
  complete: `
    with session as (
      update chat_sessions set running_lease = null, message_count = message_count + 1, updated_at = now()
      where id = $1::uuid and running_lease = $2::uuid returning id
    ), turn as (
      update chat_turns set status = 'completed', finished_at = now(), lease_until = null
      from session where session_id = session.id and chat_turns.id = $2::uuid returning session_id, seq
    )
    insert into chat_messages (session_id, seq, id, role, source, content)
    select session_id, seq + 1, gen_random_uuid(), 'assistant', 'assistant', 'Two writes.' from turn`,
};

/** How many turns were added and completed, and how many sessions are not whole. */
export const checkSql = `
  select (select count(*)::int from chat_turns where finished_at > started_at) as turns,
    (select count(*)::int from chat_sessions as session
      left join (select session_id, count(*) from chat_messages group by session_id) as said on session_id = id
      where running_lease is null and (message_count <> last_seq or message_count is distinct from said.count)) as faults`;
