// Runs one turn that the database has begun: waits for its place, lets its agent say one step after another, and stores
// each before the next.
import type { NextStep, SaidStep } from '../agent/agent.ts';
import type { ReplyEvent } from '../agent/ask.ts';
import type { Conversation } from '../agent/context.ts';
import { orAborted } from '../models/watchdog.ts';
import { endRun } from './end-turn.ts';
import type { EventLog } from './event-log.ts';
import { ReplyDraft } from './reply-draft.ts';
import { Leaving, type OpenStep, type RunEnd, type RunningTurn, type TurnParts } from './running-turn.ts';
import { readShown } from './shown-conversation.ts';
import { complete, settle } from './store-step.ts';
import { contentPiece, thoughtPiece } from './turn-event.ts';
import { patiently } from './while-database-is-away.ts';

/** Runs the turn to its `done` event, or until it has to leave it. Never rejects. */
export async function runTurn(parts: TurnParts, turn: RunningTurn): Promise<RunEnd> {
  const { agent, begun, events, signal } = turn;
  let step = openStep(turn);
  try {
    if (!begun.running) await waitInQueue(parts, turn);
    for (const said: SaidStep[] = [...turn.settled]; ; step = openStep(turn)) {
      const next = agent.next(said);
      if (!next) throw new Error(`${agent.name} has nothing to say`);
      step.source = next.source;
      await say(turn, next, await patiently(() => readShown(parts, turn), { signal }), step);
      const isLast = !agent.next([...said, saidBy(next, events)]);
      if (isLast) return await complete(parts, turn, step, 'completed');
      said.push(await settle(parts, turn, step));
      signal.throwIfAborted();
    }
  } catch (error) {
    const leaves = error instanceof Leaving;
    return endRun(parts, turn, step, signal.aborted && !leaves ? signal.reason : error);
  }
}

/** As it will be stored. */
const saidBy = ({ source }: NextStep, { thought, content }: EventLog): SaidStep => ({
  source,
  content,
  thought: thought || null,
});

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
  { source, reply }: NextStep,
  conversation: Conversation,
  { draft }: OpenStep,
): Promise<void> {
  function take(event: ReplyEvent): boolean {
    if (event.type === 'thought') events.append(thoughtPiece(source, event.text));
    else if (event.type === 'content') events.append(contentPiece(source, event.text));
    return draft.take(event);
  }
  signal.throwIfAborted();
  spending.asks(conversation);
  const replying = reply(conversation, signal, (said) => {
    spending.answers();
    return !signal.aborted && said.every(take);
  });
  // A model that does not heed the signal is left all the same, and then not listened to.
  await orAborted(replying, signal);
}
