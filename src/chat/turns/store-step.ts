// Stores what a turn has said, and tells it: a step that settles while the turn goes on, or the last one, with which it
// ends.
import { v7 as newId } from 'uuid';
import type { SaidStep } from '../../agent/said-step.ts';
import { findsNothing, waitsForPerson } from '../../agent/toolbox.ts';
import { databaseFault } from '../../db/errors.ts';
import type { NewCall } from '../../db/turns/call-parts.ts';
import type { TurnWithSteps } from '../../db/turns/find-turns.ts';
import type { NewStep } from '../../db/turns/settle-step.ts';
import type { FunctionCall } from '../../words/steps.ts';
import { isFinal } from '../../words/turn-status.ts';
import { readShown } from '../context/shown-conversation.ts';
import { Failure } from '../failure.ts';
import { settledEvents } from '../log/turn-event.ts';
import { goneMetadata, stepMessage } from '../messages.ts';
import { patiently } from '../while-database-is-away.ts';
import { modelMetadata, temperatureMetadata } from './reply-draft.ts';
import { Leaving, type OpenStep, type RunEnd, type RunningTurn, type TurnParts } from './running-turn.ts';
import { failureOf } from './turn-failure.ts';

/**
 * Settles the open step and opens the next. Cancelling is not heeded until it is known whether it is stored: it may not be
 * said twice. Where that cannot be known, the turn is left to whoever finds out when the database is back.
 */
export async function settle(parts: TurnParts, turn: RunningTurn, open: OpenStep): Promise<SaidStep> {
  const { key, events } = turn;
  const { attempt, step } = events;
  await open.pieces.close();
  const said = finished(turn, open, newId(), 'completed');
  await turn.spending.said(said, () => readShown(parts, turn));
  const calls = open.draft.calls && (await newCalls(turn, open.draft.calls));
  const store = () =>
    calls ? parts.store.calls.settle(key, step, said, calls) : parts.store.turns.settle(key, step, said);
  const stored = await patiently(store).catch((error) => {
    throw databaseFault(error) ? new Leaving(failureOf(error)) : error;
  });
  const message = stored
    ? messageOf(turn, said, stored.createdAt)
    : stepMessage((await findStored(parts, turn, said.id, ({ settled }) => settled[step])).message);
  // What a person was asked is in the log since the turn was taken over behind the wait.
  for (const event of settledEvents(message)) events.append(event);
  events.append({ event: 'step', data: { turn_id: key.turn, step: step + 1, attempt } });
  return { ...said, type: said.type ?? 'TextMessage', data: said.data ?? null };
}

/** Ends the turn with the open step as its reply, whole or cancelled half-way. */
export async function complete(
  parts: TurnParts,
  turn: RunningTurn,
  open: OpenStep,
  status: 'completed' | 'cancelled',
): Promise<RunEnd> {
  const { key, begun, signal, events } = turn;
  const hasPieces = (await open.pieces.close()) || events.attempt > 1 || events.step > 0;
  const reply = finished(turn, open, begun.replyId, status);
  // Also of a summary of results, or a handoff, which that model asked for.
  const { model } = turn.agent;
  reply.metadata = {
    ...modelMetadata(model),
    ...reply.metadata,
    ...temperatureMetadata(model, begun.temperature),
    ...goneMetadata(turn.insteadOf),
  };
  await turn.spending.said(reply, () => readShown(parts, turn));
  const spent = turn.spending.total();
  // By the prices of now: who asks later is told what it was then.
  if (spent && turn.agent.prices) reply.metadata.cost = String(spent.cost);
  const stop = status === 'completed' ? { signal } : {};
  const stored = await patiently(
    () => parts.store.turns.complete(key, status, reply, hasPieces, spent, begun.limited),
    stop,
  );
  const ended = stored
    ? { message: messageOf(turn, reply, stored.createdAt), status }
    : await findEnded(parts, turn);
  parts.store.tally.ended(key.owner, begun, spent);
  for (const event of settledEvents(ended.message)) events.append(event);
  events.append({ event: 'done', data: { turn_id: key.turn, status: ended.status } });
  return 'ended';
}

function finished(
  { agent, events }: RunningTurn,
  { source, draft, told }: OpenStep,
  id: string,
  status: 'completed' | 'cancelled',
): NewStep {
  if (told) return { id, source, ...told, thought: null, modelsUsage: null, metadata: {} };
  return draft.finished({ id, source }, agent.model, status, events);
}

/** The calls that a step asks for, as the ledger is to have them. */
async function newCalls({ agent, signal }: RunningTurn, calls: readonly FunctionCall[]): Promise<NewCall[]> {
  const find = (await agent.toolbox?.look(signal)) ?? findsNothing;
  return calls.map(({ id: callId, name, arguments: given }) => {
    const tool = find(name);
    return {
      id: newId(),
      callId,
      name,
      server: tool.server,
      arguments: given,
      needsApproval: waitsForPerson(tool, given),
    };
  });
}

const messageOf = ({ key }: RunningTurn, said: NewStep, createdAt: Date) =>
  stepMessage({
    type: 'TextMessage',
    data: null,
    ...said,
    createdAt,
    role: 'assistant',
    sessionId: key.session,
  });

async function findEnded(parts: TurnParts, turn: RunningTurn) {
  const { row, message } = await findStored(parts, turn, turn.begun.replyId, ({ reply }) => reply);
  // Every attempt has the same id for its reply, but not the same reply.
  if (!isFinal(row.status) || (message.attempt ?? row.attempt) !== turn.events.attempt) throw new Leaving();
  return { message: stepMessage(message), status: row.status };
}

/** A connection that broke behind the commit: the second try finds the work done. */
async function findStored(
  { store }: TurnParts,
  { key }: RunningTurn,
  id: string,
  which: (row: TurnWithSteps) => TurnWithSteps['reply'] | undefined,
) {
  const row = await patiently(() => store.turns.find(key));
  if (!row) throw new Failure('session_deleted');
  const message = which(row);
  if (message?.id !== id) throw new Leaving();
  return { row, message };
}
