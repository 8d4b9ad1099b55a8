// The server's calls about sessions, by name.
import { nextLink } from './link-header.ts';
import { readJson, request, requestJson } from './request.ts';
import { readAll, readSession, type Session } from './wire.ts';

export type SessionPage = { sessions: Session[]; next: string | null };

const pageSize = 40;

export const sessionPath = (id: string): string => `/api/sessions/${encodeURIComponent(id)}`;

/** The first page of the sessions that contain a text, or of all. */
export const listSessions = (containing: string, signal?: AbortSignal): Promise<SessionPage> => {
  const query = new URLSearchParams({ limit: String(pageSize), ...(containing ? { q: containing } : {}) });
  return sessionPage(`/api/sessions?${query}`, signal);
};

/** A page by its address, as the one before it gave it. A search that takes long gives empty ones on its way. */
export async function sessionPage(path: string, signal?: AbortSignal): Promise<SessionPage> {
  const response = await request(path, signal ? { signal } : {});
  const sessions = readAll(await readJson(response), readSession);
  const next = nextLink(response.headers.get('Link'));
  return sessions.length === 0 && next !== null ? sessionPage(next, signal) : { sessions, next };
}

export const createSession = async (): Promise<Session> =>
  readSession(await requestJson('/api/sessions', { method: 'POST', body: {} }));

export const getSession = async (id: string): Promise<Session> =>
  readSession(await requestJson(sessionPath(id)));

export const renameSession = async (id: string, name: string): Promise<Session> =>
  readSession(await requestJson(sessionPath(id), { method: 'PATCH', body: { name } }));

export const deleteSession = (id: string, keepalive = false): Promise<Response> =>
  request(sessionPath(id), { method: 'DELETE', keepalive });
