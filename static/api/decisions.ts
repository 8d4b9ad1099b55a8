// What a person says of a call that waits for them.
import type { Approval, DecisionKind } from './calls-wire.ts';
import { record, textOf } from './json.ts';
import { requestJson } from './request.ts';
import { turnPath } from './turns.ts';

export type Decision =
  | { decision: 'approve'; arguments?: Record<string, unknown> }
  | { decision: 'deny'; reason?: string }
  | { decision: 'answer'; answer: string };

/** Says what is to become of a call. A Problem of status 409: it was decided otherwise, or its time is over. */
export async function decideCall(
  sessionId: string,
  { id, turnId }: Approval,
  decision: Decision,
): Promise<{ decision: DecisionKind; decidedBy: string }> {
  const path = `${turnPath(sessionId, turnId)}/approvals/${encodeURIComponent(id)}`;
  const said = record(await requestJson(path, { method: 'POST', body: decision }));
  return { decision: decision.decision, decidedBy: textOf(said.decided_by) };
}
