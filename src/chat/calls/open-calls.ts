// The calls of a step whose results are not stored as a step of their own: their turn goes on, or was stopped before.
import type { MessageRow } from '../../db/message-row.ts';
import type { SessionKey } from '../../db/owner.ts';
import type { Store } from '../../db/store.ts';
import type { CallRow } from '../../db/turns/call-parts.ts';
import type { StoppedCalls } from '../../db/turns/find-calls.ts';
import type { TurnWithSteps } from '../../db/turns/find-turns.ts';
import type { TurnName } from '../../db/turns/turn-name.ts';
import type { ApprovalRequest } from '../../words/steps.ts';
import { isoTime, type StepEvent } from '../messages.ts';
import { outcomesOf, requestsOf, resultOf } from './call-outcome.ts';

/** What a person is asked in the open step, or was, and what came of its calls where their turn was cancelled. */
export type OpenCalls = { requests: readonly ApprovalRequest[]; stopped?: StepEvent };

export const noOpenCalls: OpenCalls = { requests: [] };

export async function openCalls(store: Store, name: TurnName, row: TurnWithSteps): Promise<OpenCalls> {
  const asks = row.settled.at(-1);
  if (row.reply || asks?.type !== 'ToolCallRequestEvent') return noOpenCalls;
  const calls = await store.calls.ofTurn(name, row.settled.length - 1);
  const requests = requestsOf(calls);
  return row.status === 'cancelled' && calls.length > 0
    ? { requests, stopped: stoppedResults(asks, calls) }
    : { requests };
}

type Asking = Pick<MessageRow, 'id' | 'sessionId' | 'role' | 'source' | 'data' | 'createdAt'>;

/** The results of calls that were stopped with their turn, as those are told that a step holds. `asks`: the step of the calls. */
export function stoppedResults(asks: Asking, calls: readonly CallRow[]): StepEvent {
  const ends = calls.flatMap(({ finishedAt }) => finishedAt ?? []);
  return {
    id: resultsId(asks.id),
    session_id: asks.sessionId,
    role: asks.role,
    source: asks.source,
    type: 'ToolCallExecutionEvent',
    content: calls.map(resultOf),
    created_at: isoTime(new Date(Math.max(asks.createdAt.getTime(), ...ends.map((end) => end.getTime())))),
    models_usage: null,
    metadata: {},
    outcomes: outcomesOf(calls, asks),
  };
}

/** The event's own id, always the same for one step: that of the calls as a version 6 UUID, which no message has. */
const resultsId = (id: string): string => `${id.slice(0, 14)}6${id.slice(15)}`;

type Placed = Pick<MessageRow, 'seq' | 'step' | 'type'>;

/** Of these rows, which follow each other, those that ask for calls whose results do not stand behind them; with their calls. */
export async function stoppedCalls<R extends Placed>(
  store: Store,
  session: SessionKey,
  rows: readonly R[],
): Promise<Map<R, StoppedCalls>> {
  const asking = rows.filter((row, place) => {
    const next = rows[place + 1];
    return row.type === 'ToolCallRequestEvent' && !(next?.seq === row.seq && next.step === row.step + 1);
  });
  if (asking.length === 0) return new Map();
  const found = await store.calls.stopped(session, [...new Set(asking.map(({ seq }) => seq))]);
  return new Map(
    asking.flatMap((row) => {
      const its = found.find(({ seq, step }) => seq === row.seq && step === row.step);
      return its ? [[row, its]] : [];
    }),
  );
}
