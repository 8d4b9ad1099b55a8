// The server's calls about turns. Those that stream resolve with the response whose body is the turn's events.

import type { Outgoing } from '../state/outbox.ts';
import { request, requestJson } from './request.ts';
import { sessionPath } from './sessions.ts';
import { readAll, readTurn, type Turn } from './wire.ts';

export const eventStream = { Accept: 'text/event-stream' };
export const turnPath = (id: string, turnId: string) =>
  `${sessionPath(id)}/turns/${encodeURIComponent(turnId)}`;

/** The longest text that a message may have, in UTF-16 characters. */
export const longestMessage = 262_144;

/** Sends a message. One key, one turn, however often it is sent. */
export const sendMessage = (
  id: string,
  { text: content, files, key, model, parentId }: Omit<Outgoing, 'sessionId'>,
  signal: AbortSignal,
): Promise<Response> =>
  request(`${sessionPath(id)}/chat`, {
    method: 'POST',
    headers: { ...eventStream, 'Idempotency-Key': key },
    body: {
      content,
      files: files.map((file) => file.id),
      source: 'user',
      type: 'TextMessage',
      models_usage: null,
      metadata: {},
      model,
      parent_id: parentId,
    },
    signal,
  });

/** A turn's events after a cursor, or all of them, then live until it is done. */
export const turnEvents = (
  id: string,
  turnId: string,
  cursor: string | null,
  signal: AbortSignal,
): Promise<Response> =>
  request(turnPath(id, turnId), {
    headers: cursor === null ? eventStream : { ...eventStream, 'Last-Event-ID': cursor },
    signal,
  });

/** The newest turns of what the session shows, newest first. */
export const latestTurns = async (id: string): Promise<Turn[]> =>
  readAll(await requestJson(`${sessionPath(id)}/turns?shown=true&limit=10`), readTurn);

export const cancelTurn = (id: string, turnId: string): Promise<Response> =>
  request(`${turnPath(id, turnId)}/cancel`, { method: 'POST' });

export const retryTurn = (id: string, turnId: string, signal: AbortSignal): Promise<Response> =>
  request(`${turnPath(id, turnId)}/retry`, { method: 'POST', headers: eventStream, signal });
