// The server's calls about the versions of what was said.
import { nextQuery } from './link-header.ts';
import { readJson, request, requestJson } from './request.ts';
import { sessionPath } from './sessions.ts';
import { eventStream, turnPath } from './turns.ts';
import { readAll, readSession, readTurn, type Session } from './wire.ts';

/** The session goes to this version of a message, and to what was said last behind it. */
export const showVersion = async (id: string, leafId: string): Promise<Session> =>
  readSession(await requestJson(sessionPath(id), { method: 'PATCH', body: { leaf_id: leafId } }));

/** A session of its own, with what was said up to this message. */
export const forkSession = async (id: string, messageId: string): Promise<Session> =>
  readSession(
    await requestJson(`${sessionPath(id)}/fork`, { method: 'POST', body: { message_id: messageId } }),
  );

/** Answers a turn's message once more. One key, one turn, however often it is sent. */
export const regenerate = (
  id: string,
  turnId: string,
  { key, model }: { key: string; model: string | undefined },
  signal: AbortSignal,
): Promise<Response> =>
  request(`${turnPath(id, turnId)}/regenerate`, {
    method: 'POST',
    headers: { ...eventStream, 'Idempotency-Key': key },
    body: { model },
    signal,
  });

/** The turn that said a reply; null where there is none any more. */
export async function turnOfReply(id: string, replyId: string): Promise<string | null> {
  for (let path: string | null = `${sessionPath(id)}/turns?shown=true&limit=100`; path !== null; ) {
    const response = await request(path);
    const turn = readAll(await readJson(response), readTurn).find(({ reply }) => reply?.id === replyId);
    if (turn) return turn.id;
    const query = nextQuery(response.headers.get('Link'));
    path = query && path.replace(/\?.*/, () => query);
  }
  return null;
}
