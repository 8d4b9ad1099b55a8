// The server's calls about sessions, by name.
import { nextQuery } from './link-header.ts';
import { readJson, request, requestJson } from './request.ts';
import { type Instructed, readAll, readSession, type Session } from './wire.ts';

export type SessionPage = { sessions: Session[]; next: string | null };

const pageSize = 40;

// Relative to the page, which may be below any path.
const sessionsPath = 'api/sessions';

export const sessionPath = (id: string): string => `${sessionsPath}/${encodeURIComponent(id)}`;

/** The first page of the sessions that contain a text, or of all. */
export const listSessions = (containing: string, signal?: AbortSignal): Promise<SessionPage> => {
  const query = new URLSearchParams({ limit: String(pageSize), ...(containing ? { q: containing } : {}) });
  return sessionPage(`${sessionsPath}?${query}`, signal);
};

/** A page by its address, as the one before it gave it. A search that takes long gives empty ones on its way. */
export async function sessionPage(path: string, signal?: AbortSignal): Promise<SessionPage> {
  const response = await request(path, signal ? { signal } : {});
  const sessions = readAll(await readJson(response), readSession);
  const query = nextQuery(response.headers.get('Link'));
  const next = query && sessionsPath + query;
  return sessions.length === 0 && next !== null ? sessionPage(next, signal) : { sessions, next };
}

/** `agent`: who answers in it; without it, the default one. */
export const createSession = async (
  session: { agent?: string | undefined } & Partial<Instructed>,
): Promise<Session> => readSession(await requestJson(sessionsPath, { method: 'POST', body: session }));

export const getSession = async (id: string): Promise<Session> =>
  readSession(await requestJson(sessionPath(id)));

export const changeSession = async (
  id: string,
  change: { name?: string; agent?: string } & Partial<Instructed>,
): Promise<Session> => readSession(await requestJson(sessionPath(id), { method: 'PATCH', body: change }));

export const deleteSession = (id: string, keepalive = false): Promise<Response> =>
  request(sessionPath(id), { method: 'DELETE', keepalive });
