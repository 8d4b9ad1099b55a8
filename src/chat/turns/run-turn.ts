// Runs one turn that the database has begun: waits for its place, lets its agent say one step after another, and stores
// each before the next.
import type { AskStep, NextStep } from '../../agent/agent.ts';
import type { ReplyEvent } from '../../agent/ask.ts';
import type { Conversation } from '../../agent/context.ts';
import type { SaidStep } from '../../agent/said-step.ts';
import type { CallRow } from '../../db/turns/call-parts.ts';
import { orAborted } from '../../sleep.ts';
import { callTools } from '../calls/call-tools.ts';
import { waitFor } from '../calls/wait-for-person.ts';
import { readShown } from '../context/shown-conversation.ts';
import { contentPiece, thoughtPiece } from '../log/turn-event.ts';
import { patiently } from '../while-database-is-away.ts';
import { endRun } from './end-turn.ts';
import { ReplyDraft } from './reply-draft.ts';
import { Leaving, type OpenStep, type RunEnd, type RunningTurn, type TurnParts } from './running-turn.ts';
import { complete, settle } from './store-step.ts';

/** Runs the turn to its `done` event, or until it has to leave it, or to wait for a person. Never rejects. */
export async function runTurn(parts: TurnParts, turn: RunningTurn): Promise<RunEnd> {
  const { agent, begun, signal } = turn;
  let step = openStep(turn);
  try {
    if (!begun.running) await waitInQueue(parts, turn);
    for (const said: SaidStep[] = [...turn.settled]; ; step = openStep(turn)) {
      const next = agent.next(said);
      if (!next) throw new Error(`${agent.name} has nothing to say`);
      step.source = next.source;
      const waits = await take(parts, turn, next, step, said);
      if (waits) return await waitFor(parts, turn, step, waits);
      const isLast = !agent.next([...said, saidBy(step, turn)]);
      if (isLast) return await complete(parts, turn, step, 'completed');
      said.push(await settle(parts, turn, step));
      signal.throwIfAborted();
    }
  } catch (error) {
    const leaves = error instanceof Leaving;
    return endRun(parts, turn, step, signal.aborted && !leaves ? signal.reason : error);
  }
}

/** Takes the step, as far as it goes here; gives the calls that a person has to decide of first. */
async function take(
  parts: TurnParts,
  turn: RunningTurn,
  next: NextStep,
  step: OpenStep,
  said: readonly SaidStep[],
): Promise<CallRow[] | undefined> {
  const { signal } = turn;
  signal.throwIfAborted();
  if (next.kind === 'tell') step.told = next.said;
  else if (next.kind === 'ask')
    await say(turn, next, await patiently(() => readShown(parts, turn), { signal }), step);
  else {
    // A tool that does not heed the signal is left all the same, and then not listened to.
    const called = await orAborted(callTools(parts, turn, said.at(-1) ?? { data: null }), signal);
    if ('waits' in called) return called.waits;
    step.told = { type: 'ToolCallExecutionEvent', content: '', data: called };
  }
  return undefined;
}

/** As it will be stored. */
function saidBy({ source, draft, told }: OpenStep, { events }: RunningTurn): SaidStep {
  if (told) return { source, thought: null, ...told };
  const { thought, content } = events;
  const { calls, structured } = draft;
  const said = { source, content, thought: thought || null };
  if (calls) return { ...said, type: 'ToolCallRequestEvent', data: { calls } };
  if (structured) return { ...said, type: 'StructuredMessage', data: { structured } };
  return { ...said, type: 'TextMessage', data: null };
}

const openStep = ({ agent, storePieces }: RunningTurn): OpenStep => ({
  source: agent.name,
  draft: new ReplyDraft(),
  pieces: storePieces(),
});

async function waitInQueue({ store }: TurnParts, turn: RunningTurn): Promise<void> {
  const { key, begun, signal, queue } = turn;
  while (!(await patiently(() => store.turns.claim(key, begun.seq), { signal }))) {
    await queue.wait(key, begun.seq, signal);
    signal.throwIfAborted();
  }
}

async function say(
  { events, signal, spending }: RunningTurn,
  { source, reply, structured }: AskStep,
  conversation: Conversation,
  { draft }: OpenStep,
): Promise<void> {
  function take(event: ReplyEvent): boolean {
    if (event.type === 'thought') events.append(thoughtPiece(source, event.text));
    else if (event.type === 'content') events.append(contentPiece(source, event.text));
    return draft.take(event);
  }
  spending.asks(conversation);
  const replying = reply(conversation, signal, (said) => {
    spending.answers();
    return !signal.aborted && said.every(take);
  });
  // A model that does not heed the signal is left all the same, and then not listened to.
  await orAborted(replying, signal);
  if (structured && !draft.calls) draft.structured = structured(events.content);
}
