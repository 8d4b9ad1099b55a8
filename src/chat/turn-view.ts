// A turn as it is shown: its stored row as an object, and its log told again from what is stored.
import type { Store } from '../db/store.ts';
import type { TurnName, TurnRow } from '../db/turns/turns.ts';
import { isFinal } from '../words/turn-status.ts';
import { Failure, type FailureCode, type FailureDetails } from './failure.ts';
import { textMessage, thoughtEvent } from './messages.ts';
import { assistantSource } from './state.ts';
import { contentChunk, type TurnEventBody, thoughtChunk } from './turn-event.ts';

/** Why a stored turn failed, or undefined. */
export function turnFailure(row: TurnRow): { code: FailureCode; details: FailureDetails } | undefined {
  if (!row.error) return undefined;
  const { code, ...details } = row.error;
  return { code: code as FailureCode, details };
}

/** The stored turn. Throws a Failure that says whether the session or the turn is missing. */
export async function findTurn(store: Store, name: TurnName): Promise<TurnRow> {
  const row = await store.turns.find(name);
  if (row) return row;
  throw new Failure((await store.messages.sessionExists(name)) ? 'turn_not_found' : 'session_not_found');
}

const nothing = { thought: '', content: '' };

/** The events of a turn, as far as it is stored, in order; `partial` is what a failed one had streamed. */
export function storedEvents(row: TurnRow, partial = nothing): TurnEventBody[] {
  const turn_id = row.id;
  const events: TurnEventBody[] = [
    { event: 'turn', data: { turn_id, session_id: row.sessionId, message: textMessage(row.userMessage) } },
  ];
  const source = row.reply?.source ?? assistantSource;
  const thought = row.reply ? row.reply.thought : partial.thought;
  const content = row.reply ? row.reply.content : partial.content;
  if (thought) events.push(thoughtChunk(source, thought));
  if (content) events.push(contentChunk(source, content));
  if (row.reply) {
    const reply = textMessage(row.reply);
    const thinking = thoughtEvent(reply);
    if (thinking) events.push({ event: 'ThoughtEvent', data: thinking });
    events.push({ event: 'TextMessage', data: reply });
  }
  const failure = turnFailure(row);
  if (failure) events.push({ event: 'error', data: { ...failure, turn_id } });
  if (isFinal(row.status)) events.push({ event: 'done', data: { turn_id, status: row.status } });
  return events;
}
