// The server's calls about turns. Those that stream resolve with the response whose body is the turn's events.
import { request, requestJson } from './request.ts';
import { sessionPath } from './sessions.ts';
import { type Approval, readAll, readTurn, type Turn } from './wire.ts';

const eventStream = { Accept: 'text/event-stream' };
const turnPath = (id: string, turnId: string) => `${sessionPath(id)}/turns/${encodeURIComponent(turnId)}`;

/** Sends a message. One key, one turn, however often it is sent. */
export const sendMessage = (
  id: string,
  content: string,
  key: string,
  signal: AbortSignal,
): Promise<Response> =>
  request(`${sessionPath(id)}/chat`, {
    method: 'POST',
    headers: { ...eventStream, 'Idempotency-Key': key },
    body: { content, source: 'user', type: 'TextMessage', models_usage: null, metadata: {} },
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

/** The newest turns, newest first. */
export const latestTurns = async (id: string): Promise<Turn[]> =>
  readAll(await requestJson(`${sessionPath(id)}/turns?limit=10`), readTurn);

export const cancelTurn = (id: string, turnId: string): Promise<Response> =>
  request(`${turnPath(id, turnId)}/cancel`, { method: 'POST' });

export type Decision = { decision: 'approve'; arguments?: unknown } | { decision: 'deny'; reason?: string };

/** Says whether a call is made. A Problem of status 409: it was decided otherwise. */
export const decideCall = (
  id: string,
  { turnId, id: approval }: Approval,
  decision: Decision,
): Promise<Response> =>
  request(`${turnPath(id, turnId)}/approvals/${encodeURIComponent(approval)}`, {
    method: 'POST',
    body: decision,
  });

export const retryTurn = (id: string, turnId: string, signal: AbortSignal): Promise<Response> =>
  request(`${turnPath(id, turnId)}/retry`, { method: 'POST', headers: eventStream, signal });
