// Fills a database with conversations, and checks afterwards that what was added is whole.
import { sessionIdSql } from './processes/protocol.ts';

/**
 * `set` names the sessions; see `sessionId`. `messages` in each is even: questions and replies. Session `n` is that of the
 * owner at `n` modulo their number; without owners all are those of the one that there is, 1.
 */
export type Seed = { set: number; sessions: number; messages: number; owners?: number[] };

const filler = `' ' || repeat('Words of a conversation that went on for a while. ', 2)`;

/** SQL that makes the sessions with their messages and finished turns, updated a second after each other. */
export function seedSql({ set, sessions, messages, owners = [1] }: Seed): string {
  const owner = `(array[${owners}])[1 + n % ${owners.length}]`;
  const id = sessionIdSql(String(set), 'n');
  const uuid = 'gen_random_uuid()';
  const messageId = (seq: string) => `md5('${set}-' || n || '-' || ${seq})::uuid`;
  return `
    -- The rows are right by themselves: their keys need not be looked up.
    set session_replication_role = replica;
    insert into chat_sessions (owner_id, id, name, name_given, message_count, last_seq, updated_at)
      select ${owner}, ${id}, 'Session ' || n, true, ${messages}, ${messages}, now() - interval '1 day' + n * interval '10 milliseconds'
      from generate_series(0, ${sessions - 1}) as n;
    insert into chat_messages (owner_id, session_id, seq, attempt, id, role, source, content, models_usage, metadata)
      select ${owner}, ${id}, seq, case when seq % 2 = 0 then 1 end, ${messageId('seq')}, case when seq % 2 = 1 then 'user' else 'assistant' end,
        case when seq % 2 = 1 then 'user' else 'assistant' end, 'Message ' || seq || ' of ' || n || '.' || ${filler},
        case when seq % 2 = 0 then '{"prompt_tokens": 20, "completion_tokens": 8}'::jsonb end,
        case when seq % 2 = 0 then '{"model": "bench"}'::jsonb else '{}'::jsonb end
      from generate_series(0, ${sessions - 1}) as n, generate_series(1, ${messages}) as seq;
    insert into chat_turns (owner_id, session_id, id, status, seq, reply_seq, reply_id, lease, started_at, finished_at)
      select ${owner}, ${id}, ${uuid}, 'completed', seq, seq + 1, ${messageId('(seq + 1)')}, ${uuid}, now(), now()
      from generate_series(0, ${sessions - 1}) as n, generate_series(1, ${messages}, 2) as seq;
    set session_replication_role = origin;`;
}

/** What a server does by itself after a while; done now, it does not fall into a measurement. */
export const settleSql = ['vacuum analyze', 'checkpoint'];

/**
 * SQL that gives, of all that was added to the sessions of a seed: how many turns, and how many faults (a turn that
 * is not completed, a message without its turn, a reply that is not its question's, a count that is wrong).
 */
export function checkSql(
  { set, messages, owners = [1] }: Seed,
  isReply: 'repeats the tag' | 'is paced',
): string {
  const mine = (table: string, id: string) =>
    `${table}.owner_id = any(array[${owners}])
      and ${table}.${id} between ${sessionIdSql(String(set), '0')} and ${sessionIdSql(String(set), '999999999999')}`;
  const fits =
    isReply === 'is paced'
      ? `reply.content like '@0:%'`
      : `position(substr(question.content, 1, 13) in reply.content) > 0`;
  return `
    select
      (select count(*)::int from chat_turns as turn where ${mine('turn', 'session_id')} and seq > ${messages}) as turns,
      (select count(*)::int from chat_turns as turn
        left join chat_messages as question on question.owner_id = turn.owner_id and question.session_id = turn.session_id
          and question.seq = turn.seq
        left join chat_messages as reply on reply.owner_id = turn.owner_id and reply.session_id = turn.session_id
          and reply.seq = turn.reply_seq and reply.step = turn.step and reply.id = turn.reply_id
        where ${mine('turn', 'session_id')} and turn.seq > ${messages}
          and (turn.status <> 'completed' or question.role is distinct from 'user'
            or reply.role is distinct from 'assistant' or (${fits}) is not true)) +
      (select count(*)::int from chat_sessions as session where ${mine('session', 'id')} and (running_lease is not null
        or message_count <> last_seq or message_count <> (
          select count(*) from chat_messages where owner_id = session.owner_id and session_id = session.id)
      )) as faults`;
}
