// Lets a turn wait for what a person says of its calls: nobody holds it meanwhile.
import type { Store } from '../../db/store.ts';
import type { CallRow } from '../../db/turns/call-parts.ts';
import type { TurnWithSteps } from '../../db/turns/find-turns.ts';
import type { TurnName } from '../../db/turns/turn-name.ts';
import type { ApprovalRequest } from '../../words/steps.ts';
import { Failure } from '../failure.ts';
import { approvalEvents } from '../log/turn-event.ts';
import {
  Leaving,
  type OpenStep,
  type RunEnd,
  type RunningTurn,
  type TurnParts,
} from '../turns/running-turn.ts';
import { patiently } from '../while-database-is-away.ts';
import { requestsOf } from './call-tools.ts';

/** What a person is asked in the open step of a turn, or was: that of one that has not ended. */
export async function openRequests(
  store: Store,
  name: TurnName,
  row: TurnWithSteps,
): Promise<ApprovalRequest[]> {
  if (row.reply || row.settled.at(-1)?.type !== 'ToolCallRequestEvent') return [];
  return requestsOf(await store.calls.ofTurn(name, row.settled.length - 1));
}

/** Throws a Leaving where the turn is another's by now, and a Failure where it is to be cancelled. */
export async function waitFor(
  { store, approvalSeconds }: TurnParts,
  turn: RunningTurn,
  { source, pieces }: OpenStep,
  calls: readonly CallRow[],
): Promise<RunEnd> {
  const { key, events } = turn;
  await pieces.close();
  const ids = calls.map(({ id }) => id);
  const servers = Object.fromEntries(calls.map(({ id, server }) => [id, server]));
  const spent = turn.spending.total();
  const waits = await patiently(() =>
    store.calls.wait(key, events.step - 1, ids, { seconds: approvalSeconds, spent, servers }),
  );
  if (waits === 'cancel') throw new Failure('cancelled');
  if (!waits) throw new Leaving();
  // One that is asked about again is so in another attempt, which this log does not tell.
  const isAgain = waits.some(({ id, approvalId }) => approvalId !== id);
  if (!isAgain) for (const event of approvalEvents(source, requestsOf(waits))) events.append(event);
  return { left: { why: undefined } };
}
