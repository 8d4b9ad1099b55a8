// The server's calls, by name.
import { nextLink } from './link-header.js';
import { readJson, request, requestJson } from './request.js';

const eventStream = { Accept: 'text/event-stream' };
const session = (id) => `/api/sessions/${encodeURIComponent(id)}`;
const turn = (id, turnId) => `${session(id)}/turns/${encodeURIComponent(turnId)}`;

/** One page of sessions, and the address of the next page or null. */
export async function listSessions(path = '/api/sessions?limit=30') {
  const response = await request(path);
  return { sessions: await readJson(response), next: nextLink(response.headers.get('Link')) };
}

export const createSession = () => requestJson('/api/sessions', { method: 'POST', body: {} });
export const getSession = (id) => requestJson(session(id));
export const renameSession = (id, name) => requestJson(session(id), { method: 'PATCH', body: { name } });
export const deleteSession = (id) => requestJson(session(id), { method: 'DELETE' });

/** `page` is `{offset}` or `{before}`; messages come oldest first. */
export const getHistory = (id, page) =>
  requestJson(`${session(id)}/history?${new URLSearchParams({ limit: '100', ...page })}`);

/** Sends a message; the response is the turn's event stream. One key, one turn, however often it is sent. */
export const sendMessage = (id, content, key, signal) =>
  request(`${session(id)}/chat`, {
    method: 'POST',
    headers: { ...eventStream, 'Idempotency-Key': key },
    body: { content, source: 'user', type: 'TextMessage', models_usage: null, metadata: {} },
    signal,
  });

/** A turn's events after `lastEventId`, or all of them, then live until it is done. */
export const followTurn = (id, turnId, lastEventId, signal) =>
  request(turn(id, turnId), {
    headers: lastEventId ? { ...eventStream, 'Last-Event-ID': lastEventId } : eventStream,
    signal,
  });

export const latestTurns = (id) => requestJson(`${session(id)}/turns?limit=10`);
export const cancelTurn = (id, turnId) => request(`${turn(id, turnId)}/cancel`, { method: 'POST' });
export const retryTurn = (id, turnId, signal) =>
  request(`${turn(id, turnId)}/retry`, { method: 'POST', headers: eventStream, signal });
