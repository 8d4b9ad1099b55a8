// In which order the FastAPI application's messages were said, and by whom: its rows do not tell it alone.
import { type SQL, sql } from 'drizzle-orm';
import { type MessageColumns, namesIn } from './statements.ts';

/**
 * Makes the tables that the copy goes by, after `copyHelpers`: of each message its place in its session, its place
 * among all, and whether it is a reply.
 */
export function orderTables(aside: string, { hasThought }: Pick<MessageColumns, 'hasThought'>): SQL[] {
  const { toState, told, order, messages, sessions } = namesIn(aside);
  return [
    // What the agents' states remember of each text: who said it (if always the same one), and where it stands. `nth`
    // tells apart what was said more than once.
    sql`create unlogged table ${told} as
      select *, case when bool_and(is_reply) over same = bool_or(is_reply) over same then is_reply end as surely_reply,
        row_number() over (same order by place) as nth
      from (
        select session.id as session_id, place, message ->> 'source' as source,
          hashtextextended(message ->> 'content', 0) as said, message ->> 'type' = 'AssistantMessage' as is_reply
        from ${sessions} as session
        cross join lateral (select ${toState}(session.agent_state::text) as state offset 0) as kept
        cross join lateral jsonb_array_elements(kept.state #> '{llm_context,messages}')
          with ordinality as listed (message, place)
        where message ->> 'type' in ('UserMessage', 'AssistantMessage')
          and jsonb_typeof(message -> 'content') = 'string') as message
      window same as (partition by session_id, source, said)`,
    sql`analyze ${told}`,
    // The two messages of a turn share one created_at, and the question comes first. Which one that is, the state
    // says; else it is the one whose source is "user", or not the agent's; else the one without usage and thought.
    // Several turns may share one created_at too: then the first question goes with the first reply, and so on.
    sql`create unlogged table ${order} as
      with message as (
        select message.id, session_id, source, message.created_at, hashtextextended(content, 0) as said,
          coalesce(models_usage::text, 'null') <> 'null' as has_usage,
          ${hasThought ? sql`thought is not null` : sql`false`} as has_thought
        from ${messages} as message join ${sessions} as session on session.id = session_id
      ), numbered as (
        select *, row_number() over (partition by session_id, source, said order by created_at, id) as nth from message
      ), remembered as (
        select id, session_id, created_at, place, has_usage, has_thought,
          coalesce(surely_reply, case when source = 'user' then false end) as is_reply,
          source in (select source from ${told} where is_reply)
            or not exists (select from ${told} where is_reply) as is_agents
        from numbered left join ${told} using (session_id, source, said, nth)
      ), told_apart as (
        select id, session_id, created_at, place, case
          when is_reply is not null then is_reply
          when count(*) over together <> 2 then is_agents
          when bool_or(is_reply) over together then false
          when not bool_and(is_reply) over together then true
          else row_number() over (together order by is_agents, has_usage, has_thought, id) = 2 end as is_reply
        from remembered window together as (partition by session_id, created_at)
      ), in_turns as (
        select *, row_number() over (partition by session_id, created_at, is_reply order by place, id) as turn
        from told_apart
      )
      select id, session_id, is_reply, row_number() over (order by session_id, ${spoken}) as position,
        (row_number() over (partition by session_id order by ${spoken}))::integer as seq
      from in_turns`,
    sql`create unique index on ${order} (position)`,
    sql`create unique index on ${order} (session_id, seq)`,
    // Nobody else can do it before the commit, and the plans of a large copy depend on it.
    sql`analyze ${order}`,
    sql`analyze ${messages}`,
    sql`analyze ${sessions}`,
  ];
}

const spoken = sql.raw('created_at, turn, is_reply, id');
