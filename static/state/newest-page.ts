// The newest messages of a session and its newest turns, as the server has them now.
import { messagesBefore, newestMessages } from '../api/history.ts';
import { latestTurns } from '../api/turns.ts';
import type { Message, Turn } from '../api/wire.ts';

export type NewestPage = { messages: Message[]; turns: Turn[]; hasEarlier: boolean };

/**
 * At least `limit` messages where there are so many. The newest turn says where the end is, however long the session:
 * what a session counts itself comes with the whole of the agent's state.
 */
export async function readNewest(
  sessionId: string,
  limit: number,
  known?: readonly Turn[],
): Promise<NewestPage> {
  const turns = [...(known ?? (await latestTurns(sessionId)))];
  const [newest] = turns;
  if (!newest) {
    const messages = await newestMessages(sessionId, limit);
    return { messages, turns, hasEarlier: messages.length >= limit };
  }
  // The steps before its reply are among them; those of a turn without one come with its events.
  const last = newest.reply ?? newest.userMessage;
  const before = await messagesBefore(sessionId, last.id, limit);
  if (last.role === 'assistant') last.rounds = before.open;
  const messages = [...before.messages, last];
  return { messages, turns, hasEarlier: before.more };
}
