// What happens in a turn, in AutoGen's words.
import type { PieceEvent } from '../db/turns/turn-events.ts';
import type { FinalStatus } from '../words/turn-status.ts';
import type { FailureCode, FailureDetails } from './failure.ts';
import type { TextMessage, ThoughtEvent } from './messages.ts';

/** An event without its place. `error` holds the code; whoever shows it makes the sentence. */
export type TurnEventBody =
  | { event: 'turn'; data: { turn_id: string; session_id: string; message: TextMessage } }
  | { event: 'ThoughtStreamingChunkEvent'; data: Chunk<'ThoughtStreamingChunkEvent'> }
  | { event: 'ModelClientStreamingChunkEvent'; data: Chunk<'ModelClientStreamingChunkEvent'> }
  | { event: 'ThoughtEvent'; data: ThoughtEvent }
  | { event: 'TextMessage'; data: TextMessage }
  | { event: 'restart'; data: { turn_id: string; attempt: number } }
  | { event: 'error'; data: { code: FailureCode; details: FailureDetails; turn_id: string } }
  | { event: 'done'; data: { turn_id: string; status: FinalStatus } };

type Chunk<T extends string> = { source: string; content: string; type: T };

export type PieceBody = Extract<TurnEventBody, { event: PieceEvent }>;

export const isPiece = (body: TurnEventBody): body is PieceBody =>
  body.event === 'ThoughtStreamingChunkEvent' || body.event === 'ModelClientStreamingChunkEvent';

export const thoughtChunk = (source: string, content: string): PieceBody => ({
  event: 'ThoughtStreamingChunkEvent',
  data: { source, content, type: 'ThoughtStreamingChunkEvent' },
});

export const contentChunk = (source: string, content: string): PieceBody => ({
  event: 'ModelClientStreamingChunkEvent',
  data: { source, content, type: 'ModelClientStreamingChunkEvent' },
});
