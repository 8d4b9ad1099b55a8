// The least SQL that leaves behind what a turn of AgentChat leaves, and that reads what its pages show: what the
// bare handler and pgbench run. Values are named `:name`; the owner is the one that there is, 1.

/** Stores the user's message and the running turn, and reads the conversation before it, at most 200 messages. */
export const beginTurn = `
with session as (
  update chat_sessions set last_seq = last_seq + 2, message_count = message_count + 1, updated_at = now(),
    running_lease = :lease
  where owner_id = 1 and id = :session and running_lease is null
  returning id, last_seq - 1 as seq
), turn as (
  insert into chat_turns (owner_id, session_id, id, seq, reply_seq, reply_id, status, lease, lease_until, started_at)
  select 1, id, :turn, seq, seq + 1, :reply, 'running', :lease, now() + interval '8 seconds', now() from session
), message as (
  insert into chat_messages (owner_id, session_id, seq, id, role, source, content)
  select 1, id, seq, :message, 'user', 'user', :content from session
)
select session.seq, (select json_agg(json_build_object('role', role, 'content', content) order by seq, step) from (
  select seq, step, role, content from chat_messages where owner_id = 1 and session_id = :session
  order by seq desc, step desc limit 200
) as newest) as context from session`;

/** Stores the reply and ends the turn. */
export const completeTurn = `
with session as (
  update chat_sessions set running_lease = null, message_count = message_count + 1, updated_at = now()
  where owner_id = 1 and id = :session and running_lease = :lease returning id
), turn as (
  update chat_turns set status = 'completed', finished_at = now(), lease_until = null
  from session where owner_id = 1 and session_id = session.id and chat_turns.id = :turn
  returning session_id, reply_seq, attempt
)
insert into chat_messages (owner_id, session_id, seq, attempt, id, role, source, content, models_usage, metadata)
select 1, session_id, reply_seq, attempt, :reply, 'assistant', 'assistant', :content, :usage, :metadata from turn
returning seq, created_at`;

export const history = `
select session_id, seq, step, id, role, source, type, content, thought, models_usage, metadata, created_at
from chat_messages where owner_id = 1 and session_id = :session order by seq, step limit 100`;

const sessionRow = 'id, name, metadata, message_count, created_at, updated_at';

export const sessionList = `
select ${sessionRow} from chat_sessions where owner_id = 1 order by updated_at desc, id desc limit 20`;

export const sessionSearch = `
select ${sessionRow} from chat_sessions where owner_id = 1 and (name ilike :pattern or exists (
  select 1 from chat_messages where owner_id = 1 and session_id = chat_sessions.id and content ilike :pattern))
order by updated_at desc, id desc limit 20`;

/** A statement with the driver's numbered places, and the names in their order. */
export function numbered(statement: string): { text: string; names: string[] } {
  const names: string[] = [];
  const text = statement.replace(named, (_, before: string, name: string) => {
    if (!names.includes(name)) names.push(name);
    return `${before}$${names.indexOf(name) + 1}`;
  });
  return { text, names };
}

/** A statement with an expression in place of each name. */
export const written = (statement: string, expressions: Record<string, string>): string =>
  statement.replace(
    named,
    (_, before: string, name: string) => `${before}${expressions[name] ?? `:${name}`}`,
  );

// Not the second colon of a cast.
const named = /(^|[^:]):([a-z]+)/g;
