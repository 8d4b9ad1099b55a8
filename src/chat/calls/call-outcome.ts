// What is told of a call: its result to the model, what became of it and what a person was asked to everybody else.
import { ASK_USER } from '../../agent/ask-user.ts';
import { callsOf } from '../../agent/said-step.ts';
import type { CallRow } from '../../db/turns/call-parts.ts';
import type { ApprovalRequest, CallOutcome, FunctionCall, FunctionResult } from '../../words/steps.ts';

/** What the model is told of a call; of one without a result, why there is none, and whether it may have taken effect. */
export function resultOf(call: CallRow): FunctionResult {
  const { callId, name, status, result, isError } = call;
  return result !== null && status !== 'denied'
    ? { content: result, name, call_id: callId, is_error: isError ?? false }
    : { content: withoutResult(call), name, call_id: callId, is_error: true };
}

function withoutResult({ name, status, said, startedAt }: CallRow): string {
  const before = startedAt ? ' It may have taken effect before.' : '';
  switch (status) {
    case 'denied': {
      const refused = name === ASK_USER ? 'The user did not answer' : 'The user denied this call';
      return `${refused}${said ? `: ${said}` : '.'}${before}`;
    }
    case 'cancelled':
      return 'Error: the turn was stopped before this call was made. It did not take effect.';
    case 'unknown':
      return 'Error: the turn was stopped while this call was made. It is unknown whether it took effect.';
    case 'started':
      return 'Error: there is no result yet. The call may have taken effect.';
    default:
      return `Error: there is no result yet. The call has not been made.${before}`;
  }
}

/** With what it was called, or is to be. */
export const madeWith = ({ arguments: written, givenArguments }: CallRow): string =>
  givenArguments ?? written;

/** What is told of it beside what its model is. `asked`: as its model asked for it. */
export const outcomeOf = (
  call: CallRow,
  asked: Pick<FunctionCall, 'arguments'> | undefined,
): CallOutcome => ({
  call_id: call.callId,
  approval_id: call.approvalId,
  status: call.status,
  decision: call.decision,
  decided_by: call.decidedBy,
  // One that was asked about again has in its row what a person gave before.
  arguments: madeWith(call) === asked?.arguments ? null : madeWith(call),
  started_at: call.startedAt?.toISOString() ?? null,
  finished_at: call.finishedAt?.toISOString() ?? null,
});

/** The same of calls of one step, which asks for them. */
export function outcomesOf(calls: readonly CallRow[], step: { data: unknown }): CallOutcome[] {
  const asked = callsOf(step);
  return calls.map((call) => outcomeOf(call, asked[call.position]));
}

/** What a person is asked, or was, of these calls. */
export const requestsOf = (calls: readonly CallRow[]): ApprovalRequest[] =>
  calls.flatMap(({ approvalId: id, callId, name, server, arguments: given, expiresAt }) =>
    expiresAt
      ? [
          {
            id,
            call: { id: callId, arguments: given, name },
            server: server || null,
            expires_at: expiresAt.toISOString(),
          },
        ]
      : [],
  );
