// Ends the run of a turn that cannot go on: it failed, somebody said stop, or another process has it.
import { ModelError } from '../../models/model.ts';
import { noOpenCalls, openCalls } from '../calls/open-calls.ts';
import { readShown } from '../context/shown-conversation.ts';
import { Failure } from '../failure.ts';
import { settledEvents } from '../log/turn-event.ts';
import { patiently } from '../while-database-is-away.ts';
import { saysSomething } from './reply-draft.ts';
import {
  type BegunRun,
  Leaving,
  type OpenStep,
  type RunEnd,
  type RunningTurn,
  type TurnParts,
} from './running-turn.ts';
import { complete } from './store-step.ts';
import { failureOf, logFailure } from './turn-failure.ts';

/** `reason` is why it cannot go on. What a cancelled step had said before somebody said stop is the reply. */
export async function endRun(
  parts: TurnParts,
  turn: RunningTurn,
  step: OpenStep,
  reason: unknown,
): Promise<RunEnd> {
  await step.pieces.close();
  if (reason instanceof Leaving) return leave(parts, turn, step, reason);
  const failure = failureOf(reason);
  if (failure.code !== 'cancelled' || !saysSomething(turn.events)) {
    await countStopped(parts, turn, step, reason);
    return endWithout(parts, turn, failure);
  }
  try {
    return await complete(parts, turn, step, 'cancelled');
  } catch (error) {
    if (error instanceof Leaving) return leave(parts, turn, step, error);
    return endWithout(parts, turn, failureOf(error));
  }
}

/** Counts the step that is open. Who was asked and did not refuse has begun to answer, also where nothing came of it yet. */
async function countStopped(
  parts: TurnParts,
  { spending, events, ...turn }: RunningTurn,
  { draft }: OpenStep,
  reason: unknown,
): Promise<void> {
  const { thought, content } = events;
  const modelsUsage = draft.usage;
  if (reason instanceof ModelError && !modelsUsage && !thought && content === '') return spending.refused();
  const isGone =
    reason instanceof Leaving || (reason instanceof Failure && reason.code === 'session_deleted');
  const read = () => readShown(parts, { ...turn, events });
  await spending.said({ thought, content, modelsUsage }, isGone ? undefined : read);
}

/** Another process has the turn, or is to have it, and counts what it uses. If it is gone with its session, none does. */
async function leave(parts: TurnParts, turn: RunningTurn, step: OpenStep, leaving: Leaving): Promise<RunEnd> {
  if (leaving.why) return { left: { why: leaving.why } };
  await countStopped(parts, turn, step, leaving);
  const unstored = (error: unknown) =>
    parts.log.error('what a turn used could not be stored', { ...fieldsOf(turn), error });
  return {
    left: { why: undefined, recorded: patiently(() => countIfGone(parts, turn)).catch(unstored) },
  };
}

/** What a turn of a deleted session used was used all the same. */
async function countIfGone(
  { store }: TurnParts,
  { key, begun, agent, spending }: RunningTurn,
): Promise<void> {
  const spent = spending.total();
  if (spent) await store.usage.addIfGone(key, begun.keyId, agent.name, spent);
}

/** Ends a turn that has no reply. */
async function endWithout(parts: TurnParts, turn: RunningTurn, failure: Failure): Promise<RunEnd> {
  const { store, log } = parts;
  const { events, key } = turn;
  const fields = fieldsOf(turn);
  logFailure(log, failure, fields);
  const isCancelled = failure.code === 'cancelled';
  const error = isCancelled ? null : { code: failure.code, ...failure.details };
  const isGone = failure.code === 'session_deleted';
  const record = async (): Promise<boolean> => {
    if (await store.turns.endWithoutReply(key, error, events, turn.spending.total())) return true;
    await countIfGone(parts, turn);
    return isGone;
  };
  try {
    if (!(await record())) return { left: { why: undefined } };
  } catch (cause) {
    // A caller does not wait for a database that is away.
    const unstored = () => log.error('the end of a turn could not be stored', { ...fields, cause });
    return { left: { why: failureOf(cause), recorded: patiently(record).then(() => {}, unstored) } };
  }
  store.tally.ended(key.owner, turn.begun, turn.spending.total());
  const { code, details } = failure;
  if (isCancelled) await tellStopped(parts, turn);
  else events.append({ event: 'error', data: { code, details, turn_id: key.turn } });
  const status = isCancelled || isGone ? 'cancelled' : 'failed';
  events.append({ event: 'done', data: { turn_id: key.turn, status } });
  return 'ended';
}

/** What the ledger has of calls whose results are no step any more. The end is stored: whoever misses this reads it again. */
async function tellStopped({ store, log }: TurnParts, { key, events, ...turn }: RunningTurn): Promise<void> {
  if (events.step === 0) return;
  try {
    const row = await store.turns.find(key);
    const { stopped } = row ? await openCalls(store, key, row) : noOpenCalls;
    if (stopped) for (const event of settledEvents(stopped)) events.append(event);
  } catch (error) {
    log.error('what became of a turn’s calls could not be told', { ...fieldsOf({ key, ...turn }), error });
  }
}

const fieldsOf = ({ key, requestId }: Pick<BegunRun, 'key' | 'requestId'>): Record<string, string> => ({
  turn_id: key.turn,
  session_id: key.session,
  ...(requestId === undefined ? {} : { request_id: requestId }),
});
