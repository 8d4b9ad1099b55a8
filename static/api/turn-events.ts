// The events of a turn as the page's own values.
import { type Progress, type Results, type Round, readProgress, readRound } from './calls-wire.ts';
import { numberOf, parseJson, record, textOf } from './json.ts';
import { type Problem, problemFromBody } from './problem.ts';
import { type Message, readMessage, readStatus, type TurnStatus } from './wire.ts';

export type TurnEvent =
  | { kind: 'begun'; turnId: string; message: Message }
  | { kind: 'thought'; source: string; text: string }
  | { kind: 'text'; source: string; text: string }
  | { kind: 'tool'; round: Round }
  | ({ kind: 'tool-done' } & Results)
  | { kind: 'progress'; callId: string; progress: Progress }
  | { kind: 'approval'; id: string; callId: string; server: string; expiresAt: string }
  | { kind: 'reply'; message: Message }
  /** What was streamed since this step, from 1, is void: it was begun again. */
  | { kind: 'restart'; step: number }
  | { kind: 'problem'; problem: Problem }
  | { kind: 'done'; status: TurnStatus };

/** Null for an event that means nothing here; a bad one is skipped too, since the stored message follows anyway. */
export function turnEvent(name: string, text: string): TurnEvent | null {
  const data = record(parseJson(text));
  switch (name) {
    case 'turn':
      return { kind: 'begun', turnId: textOf(data.turn_id), message: readMessage(data.message) };
    case 'ThoughtStreamingChunkEvent':
      return { kind: 'thought', source: textOf(data.source), text: textOf(data.content) };
    case 'ModelClientStreamingChunkEvent':
      return { kind: 'text', source: textOf(data.source), text: textOf(data.content) };
    case 'ToolCallRequestEvent':
      return { kind: 'tool', round: readRound(data) };
    case 'ToolCallExecutionEvent':
      return { kind: 'tool-done', results: data.content, outcomes: data.outcomes };
    case 'ToolProgressEvent':
      return { kind: 'progress', callId: textOf(data.id), progress: readProgress(data) };
    case 'ApprovalRequestEvent':
      return {
        kind: 'approval',
        id: textOf(data.id),
        callId: textOf(record(data.call).id),
        server: textOf(data.server),
        expiresAt: textOf(data.expires_at),
      };
    case 'restart':
      return { kind: 'restart', step: Math.max(1, numberOf(data.step)) };
    case 'error':
      return { kind: 'problem', problem: problemFromBody(data) };
    case 'done':
      return { kind: 'done', status: readStatus(data.status) };
    default:
      // Whatever a reply is, its name says that it is one.
      return name.endsWith('Message') ? { kind: 'reply', message: readMessage(data) } : null;
  }
}
