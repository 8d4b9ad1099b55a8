// What happens in a turn, in AutoGen's words.
import { progressOf } from '../../agent/said-step.ts';
import type { Piece as StoredPiece } from '../../db/turns/turn-events.ts';
import type { ApprovalRequest, CallProgress, StepData } from '../../words/steps.ts';
import type { FinalStatus } from '../../words/turn-status.ts';
import type { FailureCode, FailureDetails } from '../failure.ts';
import {
  isEvent,
  type StepEvent,
  type StepMessage,
  type TextMessage,
  type ThoughtEvent,
  thoughtEvent,
} from '../messages.ts';

/**
 * An event without its place. `error` holds the code; whoever shows it makes the sentence. `step`: the one from 0 that is
 * said now, by this attempt; all before it are settled.
 */
export type TurnEventBody =
  | { event: 'turn'; data: { turn_id: string; session_id: string; message: TextMessage } }
  | { event: 'step'; data: { turn_id: string; step: number; attempt: number } }
  | { event: 'ThoughtStreamingChunkEvent'; data: Piece<'ThoughtStreamingChunkEvent'> }
  | { event: 'ModelClientStreamingChunkEvent'; data: Piece<'ModelClientStreamingChunkEvent'> }
  | { event: 'ThoughtEvent'; data: ThoughtEvent }
  | { event: ReplyType; data: TextMessage }
  | { event: StepEvent['type']; data: StepEvent }
  | { event: 'ApprovalRequestEvent'; data: ApprovalRequestEvent }
  | { event: 'ToolProgressEvent'; data: ToolProgressEvent }
  | { event: 'restart'; data: { turn_id: string; attempt: number; step: number } }
  | { event: 'error'; data: { code: FailureCode; details: FailureDetails; turn_id: string } }
  | { event: 'done'; data: { turn_id: string; status: FinalStatus } };

/** What a reply may be. */
const replyTypes = ['TextMessage', 'StructuredMessage', 'ToolCallSummaryMessage', 'HandoffMessage'] as const;
export type ReplyType = (typeof replyTypes)[number];

/** What waits for a person. */
export type ApprovalRequestEvent = ApprovalRequest & { source: string; type: 'ApprovalRequestEvent' };

/** How far a call is: it moves no cursor, and may be told more than once; the newest counts. */
export type ToolProgressEvent = CallProgress & { source: string; type: 'ToolProgressEvent' };

/** What is text, of which a reader has so many characters. */
export type TextEvent = 'ThoughtStreamingChunkEvent' | 'ModelClientStreamingChunkEvent';

type Piece<T extends string> = { source: string; content: string; type: T };

export type PieceBody = Extract<TurnEventBody, { event: TextEvent }>;

export const isPiece = (body: TurnEventBody): body is PieceBody =>
  body.event === 'ThoughtStreamingChunkEvent' || body.event === 'ModelClientStreamingChunkEvent';

export const isReply = (body: TurnEventBody): body is Extract<TurnEventBody, { event: ReplyType }> =>
  replyTypes.some((type) => type === body.event);

export const thoughtPiece = (source: string, content: string): PieceBody => ({
  event: 'ThoughtStreamingChunkEvent',
  data: { source, content, type: 'ThoughtStreamingChunkEvent' },
});

export const contentPiece = (source: string, content: string): PieceBody => ({
  event: 'ModelClientStreamingChunkEvent',
  data: { source, content, type: 'ModelClientStreamingChunkEvent' },
});

export const pieceOf = ({ event, source }: { event: TextEvent; source: string }, content: string) =>
  (event === 'ThoughtStreamingChunkEvent' ? thoughtPiece : contentPiece)(source, content);

export const progressEvent = (source: string, progress: CallProgress) => ({
  event: 'ToolProgressEvent' as const,
  data: { source, type: 'ToolProgressEvent' as const, ...progress },
});

/** What a stored piece tells. */
export const toldPiece = ({ event, source, content }: StoredPiece): TurnEventBody =>
  event === 'ToolProgressEvent'
    ? progressEvent(source, progressOf(content))
    : pieceOf({ event, source }, content);

/** What is told of a step once it is stored, behind its pieces: with what a person was asked in it, and how far its calls came. */
export function settledEvents(
  message: StepMessage,
  { requests = [], progress = [] }: Pick<StepData, 'requests' | 'progress'> = {},
): TurnEventBody[] {
  if (isEvent(message)) {
    if (message.type === 'ToolCallExecutionEvent')
      return [
        ...approvalEvents(message.source, requests),
        ...progress.map((one) => progressEvent(message.source, one)),
        { event: message.type, data: message },
      ];
    return [...thoughtEvents(message), { event: message.type, data: message }];
  }
  return [...thoughtEvents(message), { event: replyType(message.type), data: message }];
}

function thoughtEvents(message: StepMessage): TurnEventBody[] {
  const thought = thoughtEvent(message);
  return thought ? [{ event: 'ThoughtEvent', data: thought }] : [];
}

/** What a person is asked, or was. */
export const approvalEvents = (source: string, requests: readonly ApprovalRequest[]): TurnEventBody[] =>
  approvalRequests(source, requests).map((data) => ({ event: data.type, data }));

export const approvalRequests = (
  source: string,
  requests: readonly ApprovalRequest[],
): ApprovalRequestEvent[] =>
  requests.map((request) => ({ source, type: 'ApprovalRequestEvent', ...request }));

const replyType = (type: string): ReplyType =>
  replyTypes.find((one) => type === one || type.startsWith(`${one}[`)) ?? 'TextMessage';
