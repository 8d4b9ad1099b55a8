// Ends the run of a turn that cannot go on: it failed, somebody said stop, or another process has it.
import type { Failure } from './failure.ts';
import { saysSomething } from './reply-draft.ts';
import {
  type BegunRun,
  Leaving,
  type OpenStep,
  type RunEnd,
  type RunningTurn,
  type TurnParts,
} from './running-turn.ts';
import { readShown } from './shown-conversation.ts';
import { complete } from './store-step.ts';
import { failureOf, logFailure } from './turn-failure.ts';
import { patiently } from './while-database-is-away.ts';

/** `reason` is why it cannot go on. What a cancelled step had said before somebody said stop is the reply. */
export async function endRun(
  parts: TurnParts,
  turn: RunningTurn,
  step: OpenStep,
  reason: unknown,
): Promise<RunEnd> {
  await step.pieces.close();
  if (reason instanceof Leaving) return { left: { why: reason.why } };
  const failure = failureOf(reason);
  if (failure.code !== 'cancelled' || !saysSomething(turn.events)) {
    const { thought, content } = turn.events;
    const said = { thought, content, modelsUsage: step.draft.usage };
    await turn.spending.said(said, () => readShown(parts, turn));
    return endWithout(parts, turn, failure);
  }
  try {
    return await complete(parts, turn, step, 'cancelled');
  } catch (error) {
    if (error instanceof Leaving) return { left: { why: error.why } };
    return endWithout(parts, turn, failureOf(error));
  }
}

/** Ends a turn that has no reply. */
async function endWithout({ store, log }: TurnParts, turn: RunningTurn, failure: Failure): Promise<RunEnd> {
  const { events, key, agent, begun } = turn;
  const spent = turn.spending.total();
  const fields = fieldsOf(turn);
  logFailure(log, failure, fields);
  const isCancelled = failure.code === 'cancelled';
  const error = isCancelled ? null : { code: failure.code, ...failure.details };
  const record = () => store.turns.endWithoutReply(key, error, events, spent);
  try {
    const isGone = failure.code === 'session_deleted';
    if (!(await record())) {
      if (!isGone) return { left: { why: undefined } };
      // What a deleted session used was used all the same.
      if (spent) await store.usage.add(key.owner, begun.keyId, agent.name, spent);
    }
  } catch (cause) {
    // A caller does not wait for a database that is away.
    const unstored = () => log.error('the end of a turn could not be stored', { ...fields, cause });
    return { left: { why: failureOf(cause), recorded: patiently(record).then(() => {}, unstored) } };
  }
  const { code, details } = failure;
  if (!isCancelled) events.append({ event: 'error', data: { code, details, turn_id: key.turn } });
  const status = isCancelled || code === 'session_deleted' ? 'cancelled' : 'failed';
  events.append({ event: 'done', data: { turn_id: key.turn, status } });
  return 'ended';
}

const fieldsOf = ({ key, requestId }: BegunRun): Record<string, string> => ({
  turn_id: key.turn,
  session_id: key.session,
  ...(requestId === undefined ? {} : { request_id: requestId }),
});
