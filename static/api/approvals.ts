// The server's calls about what waits for a person.
import { type Approval, type Outcome, readCall, readOutcome, type ToolCall } from './calls-wire.ts';
import { list, record, textOf } from './json.ts';
import { request, requestJson } from './request.ts';
import { turnPath } from './turns.ts';
import { readAll } from './wire.ts';

/** A call that waits for somebody. */
export type WaitingCall = { sessionId: string; approval: Approval; call: ToolCall };

/** What waits, over all sessions, what expires first at the beginning; `more`: there is more than that. */
export async function waitingCalls(): Promise<{ calls: WaitingCall[]; more: boolean }> {
  const response = await request('api/approvals?status=pending&limit=100');
  const calls = readAll(await response.json().catch(() => []), readWaiting);
  return { calls, more: response.headers.has('Link') };
}

function readWaiting(value: unknown): WaitingCall {
  const { id, session_id, turn_id, call, server, expires_at } = record(value);
  const approval = {
    id: textOf(id),
    turnId: textOf(turn_id),
    server: textOf(server),
    expiresAt: textOf(expires_at),
  };
  return { sessionId: textOf(session_id), approval, call: { ...readCall(call), approval } };
}

/** What became of the calls of a turn so far. */
export async function turnOutcomes(sessionId: string, turnId: string): Promise<Outcome[]> {
  const turn = record(await requestJson(`${turnPath(sessionId, turnId)}?outcomes=true`));
  return list(turn.outcomes).map(readOutcome);
}
