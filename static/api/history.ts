// A session's messages, a page at a time.
import { list } from './json.ts';
import { requestJson } from './request.ts';
import { getSession, sessionPath } from './sessions.ts';
import { type Message, readAll, readMessage } from './wire.ts';

const historyPath = (id: string, query: Record<string, string>): string =>
  `${sessionPath(id)}/history?${new URLSearchParams(query)}`;

/** Up to `limit` messages right before the one with this id, oldest first. */
export const messagesBefore = async (id: string, before: string, limit: number): Promise<Message[]> =>
  readAll(await requestJson(historyPath(id, { before, limit: String(limit) })), readMessage);

/** The newest messages, at least `limit` of them where there are so many. */
export async function newestMessages(id: string, limit: number): Promise<Message[]> {
  const { messageCount } = await getSession(id);
  const offset = String(Math.max(0, messageCount - limit));
  // Those that arrive between the two calls still fit into a page of twice the size.
  return readAll(await requestJson(historyPath(id, { offset, limit: String(2 * limit) })), readMessage);
}

/** Everything, as the server sends it, page by page. */
export async function* wholeHistory(id: string): AsyncGenerator<unknown[]> {
  const limit = 500;
  for (let offset = 0; ; offset += limit) {
    const query = { limit: String(limit), offset: String(offset) };
    const page = list(await requestJson(historyPath(id, query)));
    yield page;
    if (page.length < limit) return;
  }
}
