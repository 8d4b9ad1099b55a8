// The SQL of an adoption: what stands in the FastAPI application's columns, as AgentChat's columns hold it.
import { type SQL, sql } from 'drizzle-orm';
import type { Owner } from '../owner.ts';
import { chatMessages, chatSessions } from '../schema.ts';

/** What of a message's columns depends on the application's version. */
export type MessageColumns = { metadataColumn: 'metadata' | 'meta_data' | undefined; hasThought: boolean };

/** Positions `after < position <= upTo` of the order table; the sessions that come in with them. */
export type Step = {
  after: number;
  upTo: number;
  /** Sessions with an id above this were not copied yet; null: none was. */
  afterSession: string | null;
  /** The last session to copy; null: all that are left. */
  upToSession: string | null;
};

/** The functions that the copy makes for itself in the schema of the old tables, in this order. */
export function copyHelpers(aside: string): SQL[] {
  const { toJsonb, toState } = namesIn(aside);
  return [
    // json keeps what jsonb refuses: NUL, halves of surrogate pairs, numbers beyond numeric. The first two are
    // put right, where it did refuse. Escaped backslashes are spelled as \u005c for that: from then on each
    // backslash begins an escape.
    sql`create function ${toJsonb}(source text) returns jsonb language plpgsql immutable strict as ${sql.raw(String.raw`$function$
      declare
        mended text;
      begin
        begin
          return source::jsonb;
        exception when data_exception then
          mended := replace(source, '\\', '\u005c');
        end;
        mended := regexp_replace(mended,
          '\\u([dD][89abAB][[:xdigit:]]{2})\\u([dD][c-fC-F][[:xdigit:]]{2})', '\\pair\1\2', 'g');
        mended := regexp_replace(mended, '\\u[dD][89a-fA-F][[:xdigit:]]{2}', '\\ufffd', 'g');
        mended := regexp_replace(mended, '\\pair(.{4})(.{4})', '\\u\1\\u\2', 'g');
        return replace(mended, '\u0000', '')::jsonb;
      exception when data_exception or program_limit_exceeded then
        return null;
      end
      $function$`)}`,
    // Just what the conversation's reader takes: a state that it refused would make the session unreadable.
    sql`create function ${toState}(source text) returns jsonb language plpgsql immutable strict as $function$
      declare
        state jsonb := ${toJsonb}(source);
        messages jsonb := state #> '{llm_context,messages}';
      begin
        if jsonb_typeof(messages) is distinct from 'array' or messages = '[]' then
          return null;
        end if;
        if exists (
          select from jsonb_array_elements(messages) as message where case message ->> 'type'
            when 'SystemMessage' then ${isNot('content', 'string')}
            when 'UserMessage' then ${isNot('source', 'string')} or case jsonb_typeof(message -> 'content')
              when 'string' then false
              when 'array' then exists (
                select from jsonb_array_elements(message -> 'content') as part
                where jsonb_typeof(part) <> 'string' and jsonb_typeof(part -> 'data') is distinct from 'string')
              else true end
            when 'AssistantMessage' then ${isNot('source', 'string')}
              or coalesce(jsonb_typeof(message -> 'thought'), 'null') not in ('null', 'string')
              or case jsonb_typeof(message -> 'content')
                when 'string' then false
                when 'array' then exists (
                  select from jsonb_array_elements(message -> 'content') as part
                  where ${lacksStrings('id', 'arguments', 'name')})
                else true end
            when 'FunctionExecutionResultMessage' then case jsonb_typeof(message -> 'content')
              when 'array' then exists (
                select from jsonb_array_elements(message -> 'content') as part
                where ${lacksStrings('content', 'name', 'call_id')}
                  or coalesce(jsonb_typeof(part -> 'is_error'), 'null') not in ('null', 'boolean'))
              else true end
            else true end
        ) then
          return null;
        end if;
        return state;
      end
      $function$`,
  ];
}

const isNot = (key: string, type: string) =>
  sql.raw(`jsonb_typeof(message -> '${key}') is distinct from '${type}'`);

const lacksStrings = (...keys: string[]) =>
  sql.raw(keys.map((key) => `jsonb_typeof(part -> '${key}') is distinct from 'string'`).join(' or '));

/** Takes away what `copyHelpers` and `orderTables` made. */
export function dropCopyHelpers(aside: string): SQL[] {
  const { toJsonb, toState, told, order } = namesIn(aside);
  return [
    sql`drop table ${order}`,
    sql`drop table ${told}`,
    sql`drop function ${toState}(text)`,
    sql`drop function ${toJsonb}(text)`,
  ];
}

export function copySessions(aside: string, owner: Owner, step: Step): SQL {
  const { toState, order, sessions } = namesIn(aside);
  return sql`insert into ${chatSessions} (owner_id, id, name, name_given, metadata, agent_state, agent_state_seq,
      message_count, last_seq, created_at, updated_at)
    select ${owner}::int, session.id, session.name,
      session.name ~ '[^[:space:]]' and session.name not in ('新会话', 'New session', 'New Chat'),
      '{}', kept.state, case when kept.state is null then 0 else counted.messages end,
      counted.messages, counted.messages, session.created_at::timestamptz, session.updated_at::timestamptz
    from ${sessions} as session
    cross join lateral (select coalesce(max(seq), 0) as messages from ${order} as placed
      where placed.session_id = session.id) as counted
    cross join lateral (select ${toState}(session.agent_state::text) as state offset 0) as kept
    where (${step.afterSession}::uuid is null or session.id > ${step.afterSession}::uuid)
      and (${step.upToSession}::uuid is null or session.id <= ${step.upToSession}::uuid)`;
}

export function copyMessages(aside: string, owner: Owner, columns: MessageColumns, step: Step): SQL {
  const { toJsonb, order, messages } = namesIn(aside);
  const thought = columns.hasThought ? sql`message.thought` : sql`null`;
  const metadata =
    columns.metadataColumn === undefined ? sql`null` : sql`message.${sql.identifier(columns.metadataColumn)}`;
  // `offset 0` keeps the planner from putting the conversion in for each use of its result.
  return sql`insert into ${chatMessages} (owner_id, session_id, seq, id, role, source, type, content, thought, models_usage,
      metadata, created_at)
    select ${owner}::int, placed.session_id, placed.seq, message.id,
      case when placed.is_reply then 'assistant' else 'user' end,
      message.source, message.type, message.content, ${thought},
      case when jsonb_typeof(json.usage -> 'prompt_tokens') = 'number'
        and jsonb_typeof(json.usage -> 'completion_tokens') = 'number' then json.usage end,
      case when jsonb_typeof(json.metadata) = 'object' then json.metadata else '{}' end,
      message.created_at::timestamptz
    from ${order} as placed
    join ${messages} as message on message.id = placed.id
    cross join lateral (select ${toJsonb}(message.models_usage::text) as usage,
      ${toJsonb}((${metadata})::text) as metadata offset 0) as json
    where placed.position > ${step.after}::bigint and placed.position <= ${step.upTo}::bigint`;
}

/** The adopted sessions whose state said something that AgentChat cannot read; needs the helpers. */
export function unreadableStates(aside: string): SQL {
  const { toJsonb, sessions } = namesIn(aside);
  return sql`${chatSessions} as own join ${sessions} as old on old.id = own.id
    cross join lateral (select coalesce(${toJsonb}(old.agent_state::text), '"unreadable"') as state offset 0) as kept
    where own.agent_state is null and old.agent_state is not null and kept.state not in ('null', '{}')
      and coalesce(kept.state #> '{llm_context,messages}', '"none"') <> '[]'`;
}

/** Names in the schema that the FastAPI application's tables were moved to. */
export function namesIn(aside: string) {
  const name = (local: string) => sql`${sql.identifier(aside)}.${sql.identifier(local)}`;
  return {
    sessions: name('chat_sessions'),
    messages: name('chat_messages'),
    told: name('agentchat_told'),
    order: name('agentchat_order'),
    toJsonb: name('agentchat_jsonb'),
    toState: name('agentchat_state'),
  };
}
