// Lets a turn wait for what a person says of its calls: nobody holds it meanwhile.
import type { CallRow } from '../../db/turns/call-parts.ts';
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
import { requestsOf } from './call-outcome.ts';

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
