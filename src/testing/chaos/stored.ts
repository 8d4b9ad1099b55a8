// What is stored after a run: as the servers tell it, and as the tables have it.
import { z } from 'zod';
import { localOwner } from '../../db/owner.ts';
import { threeStepsName } from '../three-steps.ts';
import { withClient } from './postgres-faults.ts';
import { tagIn } from './scripted-reply.ts';
import { type Message, message, session, stepData, type Turn, turn } from './wire.ts';
import type { World } from './world.ts';

const messageRow = z.object({
  id: z.string(),
  seq: z.number(),
  step: z.number(),
  attempt: z.number().nullable(),
  role: z.enum(['user', 'assistant']),
  source: z.string(),
  type: z.string(),
  data: stepData.nullable(),
  content: z.string(),
  thought: z.string().nullable(),
});
const turnRow = z.object({
  id: z.string(),
  seq: z.number(),
  reply_seq: z.number(),
  reply_id: z.string().nullable(),
  agent: z.string(),
  step: z.number(),
  status: z.string(),
  attempt: z.number(),
});
const sessionRow = z.object({
  id: z.string(),
  message_count: z.number(),
  queued_turns: z.number(),
  running_lease: z.string().nullable(),
  waiting_turn: z.string().nullable(),
});

export type MessageRow = z.infer<typeof messageRow>;
export type TurnRow = z.infer<typeof turnRow>;

export type StoredSession = {
  id: string;
  history: Message[];
  turns: Turn[];
  messageCount: number;
  row: z.infer<typeof sessionRow> | undefined;
  messageRows: MessageRow[];
  turnRows: TurnRow[];
};

/** What a turn has said, as it is stored: its steps in order. */
export const stepsOf = ({ messageRows }: StoredSession, turn: TurnRow | undefined): MessageRow[] =>
  messageRows.filter(({ role, seq }) => role === 'assistant' && seq === turn?.reply_seq);

const pageSize = 500;

/** Every session that clients talked in. */
export async function readStored(world: World, databaseUrl: string): Promise<StoredSession[]> {
  const ids = [...new Set(world.record.sent.map(({ sessionId }) => sessionId))];
  const stored: StoredSession[] = [];
  await withClient(databaseUrl, async (sql) => {
    for (const id of ids) {
      const sessions = await sql`
        select id, message_count, queued_turns, running_lease, waiting_turn from chat_sessions
        where owner_id = ${localOwner} and id = ${id}`;
      const messages = await sql`
        select id, seq, step, attempt, role, source, type, data, content, thought from chat_messages
        where owner_id = ${localOwner} and session_id = ${id} order by seq, step`;
      const turns = await sql`
        select id, seq, reply_seq, reply_id, agent, step, status, attempt from chat_turns
        where owner_id = ${localOwner} and session_id = ${id} order by seq`;
      stored.push({
        id,
        history: await readHistory(world, id),
        turns: await world.api.pages(turn, `/api/sessions/${id}/turns?limit=100`),
        messageCount: (await world.api.patient(session, 'GET', `/api/sessions/${id}`)).message_count,
        row: z.array(sessionRow).parse(sessions)[0],
        messageRows: z.array(messageRow).parse(messages),
        turnRows: z.array(turnRow).parse(turns),
      });
    }
  });
  return stored;
}

async function readHistory(world: World, id: string): Promise<Message[]> {
  const all: Message[] = [];
  for (;;) {
    const path = `/api/sessions/${id}/history?limit=${pageSize}&offset=${all.length}`;
    const page = await world.api.patient(z.array(message), 'GET', path);
    all.push(...page);
    if (page.length < pageSize) return all;
  }
}

/** Waits until no turn is queued, running or waiting; gives those that still are when the time is up. */
export async function waitForEnds(databaseUrl: string, withinMs: number): Promise<string[]> {
  const row = z.object({ id: z.string(), session_id: z.string(), status: z.string() });
  return withClient(databaseUrl, async (sql) => {
    for (const deadline = Date.now() + withinMs; ; await Bun.sleep(250)) {
      const rows = await sql`
        select id, session_id, status from chat_turns where status in ('queued', 'running', 'waiting') order by session_id, seq`;
      const open = z.array(row).parse(rows);
      if (open.length === 0 || Date.now() > deadline)
        return open.map((one) => `turn ${one.id} of session ${one.session_id} is still ${one.status}`);
    }
  });
}

export type Timing = {
  slowest_s: number;
  taken_over: number;
  of_three: number;
  /** What became of those that lost their process in each step. */
  of_killed: { [status: string]: number };
  statuses: { [status: string]: number };
};

/** Numbers about all turns, for the table. `killed`: tags of turns that lost their process in each step. */
export async function readTiming(
  databaseUrl: string,
  stored: readonly StoredSession[],
  killed: readonly string[],
): Promise<Timing> {
  const ofKilled: Timing['of_killed'] = {};
  for (const { status, user_message } of stored.flatMap(({ turns }) => turns))
    if (killed.includes(tagIn(user_message.content) ?? '')) ofKilled[status] = (ofKilled[status] ?? 0) + 1;
  return withClient(databaseUrl, async (sql) => {
    const rows = await sql`
      select status, count(*)::int as n, count(*) filter (where attempt > 1)::int as again,
        count(*) filter (where agent = ${threeStepsName})::int as of_three,
        coalesce(max(extract(epoch from finished_at - created_at)), 0)::float8 as slowest
      from chat_turns group by status order by status`;
    const row = z.object({
      status: z.string(),
      n: z.number(),
      again: z.number(),
      of_three: z.number(),
      slowest: z.number(),
    });
    const parsed = z.array(row).parse(rows);
    return {
      slowest_s: Math.max(0, ...parsed.map(({ slowest }) => slowest)),
      taken_over: parsed.reduce((sum, { again }) => sum + again, 0),
      of_three: parsed.reduce((sum, one) => sum + one.of_three, 0),
      of_killed: ofKilled,
      statuses: Object.fromEntries(parsed.map(({ status, n }) => [status, n])),
    };
  });
}
