// What the open step of a turn answers.
import type { Conversation } from '../../agent/context.ts';
import type { BegunRun, TurnParts } from '../turns/running-turn.ts';
import { pathOfTurn } from '../versions/tree.ts';
import { readConversation } from './conversation.ts';

/** As it is stored: up to the user's message, and what the turn has said since. */
export async function readShown(
  { store }: Pick<TurnParts, 'store'>,
  turn: Pick<BegunRun, 'key' | 'begun' | 'agent'> & { events: { step: number } },
): Promise<Conversation> {
  const { key, begun, agent, events } = turn;
  const upTo = events.step > 0 ? begun.replySeq : begun.seq;
  const path = await pathOfTurn(store, key, begun.path, begun);
  const conversation = await readConversation(store, agent, key, { ...begun, path }, upTo);
  // It is long, nobody needs it while the reply streams, and the next step is shown more than it.
  begun.tail = undefined;
  return conversation;
}
