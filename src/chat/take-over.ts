// Turns whose process is gone, or was too slow: another attempt here, or an end.
import { v7 as newId } from 'uuid';
import { isDatabaseAway } from '../db/errors.ts';
import type { AbandonedTurn, TakenOver } from '../db/turns/turn-leases.ts';
import type { TurnKey } from '../db/turns/turns.ts';
import { EventLog } from './event-log.ts';
import { textMessage } from './messages.ts';
import { ReplyDraft, saysSomething } from './reply-draft.ts';
import type { BegunRun, TurnParts } from './run-turn.ts';
import { assistantSource } from './state.ts';

/**
 * Takes turns that nobody holds; `regardless` of leases, where no other process can hold any. Gives those that are to
 * run here. Turns that were interrupted too often have failed then, with what they had streamed, and can be retried.
 */
export async function* takeOver(
  parts: TurnParts,
  turns: AbandonedTurn[],
  regardless: boolean,
): AsyncGenerator<BegunRun> {
  for (const abandoned of turns) {
    try {
      const { owner, session, turn } = abandoned;
      const key = { owner, session, turn, lease: crypto.randomUUID() };
      const taken = await parts.store.leases.takeOver(abandoned, key.lease, regardless);
      if (taken?.last) await end(parts, key, taken);
      else if (taken) yield await beginAgain(parts, abandoned, key, taken);
    } catch (error) {
      if (isDatabaseAway(error)) throw error;
      // The others are not to wait for this one for ever.
      parts.log.error('a turn could not be taken over', { turn_id: abandoned.turn, error });
    }
  }
}

async function beginAgain(
  { store, log }: TurnParts,
  { attempt }: AbandonedTurn,
  key: TurnKey,
  taken: TakenOver,
): Promise<BegunRun> {
  log.warn('took over a turn whose process is gone', {
    turn_id: key.turn,
    session_id: key.session,
    attempt: taken.attempt,
    was_running: taken.attempt > attempt,
  });
  const events = new EventLog(taken.attempt);
  const row = await store.turns.find(key);
  if (row) {
    const message = textMessage(row.userMessage);
    events.append({ event: 'turn', data: { turn_id: key.turn, session_id: key.session, message } });
  }
  return { key, events, begun: taken, requestId: undefined };
}

async function end({ store, assistant, log }: TurnParts, key: TurnKey, taken: TakenOver): Promise<void> {
  const streamed = await store.events.partial(key);
  const fields = { turn_id: key.turn, session_id: key.session, attempt: taken.attempt };
  if (taken.cancel && saysSomething(streamed)) {
    const reply = new ReplyDraft(newId()).finished(assistantSource, assistant.model, 'cancelled', streamed);
    await store.turns.complete(key, 'cancelled', reply, true);
  } else {
    await store.turns.endWithoutReply(key, taken.cancel ? null : { code: 'interrupted' }, streamed);
  }
  log.warn(
    taken.cancel ? 'a turn was cancelled after its process' : 'a turn was interrupted too often',
    fields,
  );
}
