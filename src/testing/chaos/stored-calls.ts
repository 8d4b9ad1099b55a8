// The ledger of calls after a run, and the conversations as those get them who read calls too.
import { z } from 'zod';
import { chaosTools, type ToolName, toolNames } from './chaos-tools.ts';
import { withClient } from './postgres-faults.ts';
import { message, result } from './wire.ts';
import type { World } from './world.ts';

const callRow = z.object({
  session_id: z.string(),
  turn_id: z.string(),
  turn_status: z.string(),
  step: z.number(),
  id: z.string(),
  call_id: z.string(),
  name: z.enum(toolNames),
  arguments: z.string(),
  given_arguments: z.string().nullable(),
  status: z.string(),
  approval_id: z.string(),
  decision: z.string().nullable(),
  decided_by: z.string().nullable(),
  said: z.string().nullable(),
  result: z.string().nullable(),
  is_error: z.boolean().nullable(),
});
export type CallRow = z.output<typeof callRow>;

export async function readCalls(databaseUrl: string): Promise<CallRow[]> {
  return withClient(databaseUrl, async (sql) => {
    const rows = await sql`
      select call.*, turn.status as turn_status from chat_tool_calls as call
      join chat_turns as turn on turn.owner_id = call.owner_id and turn.session_id = call.session_id and turn.id = call.turn_id
      order by call.session_id, call.turn_id, call.step, call.position`;
    return z.array(callRow).parse(rows);
  });
}

/** The call did what it was asked to, and its model was told so. */
export const isDone = ({ status, is_error, decision }: CallRow): boolean =>
  status === 'finished' && is_error === false && decision !== 'answer';

export const effectOf = (name: ToolName) => chaosTools[name].effect;

export const named = ({ name, call_id, session_id, turn_id, status }: CallRow): string =>
  `${name} ${call_id}, ${status}, of turn ${turn_id} of session ${session_id}`;

const stateMessage = z.object({
  type: z.string(),
  content: z.union([z.string(), z.array(z.unknown())]),
});
const state = z.object({
  agent_state: z.object({ llm_context: z.object({ messages: z.array(stateMessage) }) }),
});
const calls = z.array(z.object({ id: z.string() }));
const results = z.array(result);

/** What stands in a conversation: calls asked for, or what came of them, by the ids of the calls. */
export type Told = { kind: 'calls' | 'results' | 'other'; ids: string[] };
export type ToldSession = { id: string; history: Told[]; state: Told[] };

export async function readTold({ api }: World, id: string): Promise<ToldSession> {
  const path = `/api/sessions/${id}`;
  const history = await api.patient(
    z.array(message.or(aside)),
    'GET',
    `${path}/history?limit=1000&include=events`,
  );
  const { agent_state } = await api.patient(state, 'GET', path);
  return {
    id,
    history: history.flatMap(({ type, content }) => toldIn(type, parsed(type, content))),
    state: agent_state.llm_context.messages.flatMap(({ type, content }) => toldIn(type, content)),
  };
}

/** What stands beside calls and texts: a thought, and what a person was asked. */
const aside = z.object({
  type: z.enum(['ThoughtEvent', 'ApprovalRequestEvent']),
  content: z.string().default(''),
});

/** As `message` reads it: the id is the first field of each. */
const parsed = (type: string, content: string): unknown =>
  type.startsWith('ToolCall')
    ? z.array(z.tuple([z.string()]).rest(z.unknown())).parse(JSON.parse(content))
    : content;

function toldIn(type: string, content: unknown): Told[] {
  if (aside.shape.type.safeParse(type).success) return [];
  if (!Array.isArray(content)) return [{ kind: 'other', ids: [] }];
  const isResults = type === 'ToolCallExecutionEvent' || type === 'FunctionExecutionResultMessage';
  return [{ kind: isResults ? 'results' : 'calls', ids: content.map(idOf) }];
}

function idOf(one: unknown): string {
  if (Array.isArray(one)) return String(one[0]);
  const [call] = calls.safeParse([one]).data ?? [];
  const [came] = results.safeParse([one]).data ?? [];
  return call?.id ?? came?.call_id ?? 'none';
}
