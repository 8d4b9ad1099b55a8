// A turn as it is shown: its stored row as an object, and its log told again from what is stored.
import { dataOf } from '../agent/said-step.ts';
import type { MessageRow } from '../db/message-row.ts';
import type { Store } from '../db/store.ts';
import type { TurnRow, TurnWithSteps } from '../db/turns/find-turns.ts';
import type { Streamed } from '../db/turns/turn-events.ts';
import type { TurnName } from '../db/turns/turn-name.ts';
import { isModels } from '../words/steps.ts';
import { isFinal } from '../words/turn-status.ts';
import { noOpenCalls, type OpenCalls } from './calls/open-calls.ts';
import { Failure, type FailureCode, type FailureDetails } from './failure.ts';
import {
  approvalEvents,
  contentPiece,
  settledEvents,
  type TurnEventBody,
  thoughtPiece,
} from './log/turn-event.ts';
import { stepMessage, textMessage } from './messages.ts';

/** Why a stored turn failed, or undefined. */
export function turnFailure(row: TurnRow): { code: FailureCode; details: FailureDetails } | undefined {
  if (!row.error) return undefined;
  const { code, ...details } = row.error;
  return { code: code as FailureCode, details };
}

/** The stored turn. Throws a Failure that says whether the session or the turn is missing. */
export async function findTurn(store: Store, name: TurnName): Promise<TurnWithSteps> {
  const row = await store.turns.find(name);
  if (row) return row;
  throw new Failure((await store.messages.sessionExists(name)) ? 'turn_not_found' : 'session_not_found');
}

const nothing: Streamed = { source: undefined, thought: '', content: '' };

/** The events of a turn, as far as it is stored, in order; `partial` is what its open step had streamed, `open` what is known of its calls. */
export function storedEvents(
  row: TurnWithSteps,
  partial = nothing,
  { requests, stopped }: OpenCalls = noOpenCalls,
): TurnEventBody[] {
  const turn_id = row.id;
  const told = row.reply ? [...row.settled, row.reply] : row.settled;
  const steps = told.map(toldStep);
  if (!row.reply)
    steps.push({
      attempt: undefined,
      events: [
        ...pieces({ ...partial, source: partial.source ?? row.agent }),
        ...approvalEvents(row.agent, requests),
        ...(stopped ? settledEvents(stopped) : []),
      ],
    });
  const message = textMessage(row.userMessage);
  const events = steps.flatMap(({ attempt = row.attempt, events }, step): TurnEventBody[] => [
    { event: 'step', data: { turn_id, step, attempt } },
    ...(step === 0
      ? [{ event: 'turn' as const, data: { turn_id, session_id: row.sessionId, message } }]
      : []),
    ...events,
  ]);
  const failure = turnFailure(row);
  if (failure) events.push({ event: 'error', data: { ...failure, turn_id } });
  if (isFinal(row.status)) events.push({ event: 'done', data: { turn_id, status: row.status } });
  return events;
}

/** What a stored step tells; without `attempt`, it is of the turn's last one. */
function toldStep(row: MessageRow): { attempt: number | undefined; events: TurnEventBody[] } {
  const { attempt, source, thought, content } = row;
  const said = settledEvents(stepMessage(row), dataOf(row));
  const streamed = isModels(row.type) ? pieces({ source, thought: thought ?? '', content }) : [];
  const events = [...streamed, ...said];
  return { attempt: attempt ?? undefined, events };
}

const pieces = ({ source, thought, content }: { source: string; thought: string; content: string }) => [
  ...(thought ? [thoughtPiece(source, thought)] : []),
  ...(content ? [contentPiece(source, content)] : []),
];
