// A session's messages, a page at a time.
import { list } from './json.ts';
import { nextQuery } from './link-header.ts';
import { readJson, request } from './request.ts';
import { getSession, sessionPath } from './sessions.ts';
import { type Message, readAll, readMessage } from './wire.ts';

const historyPath = (id: string, query: Record<string, string>): string =>
  `${sessionPath(id)}/history?${new URLSearchParams({ ...query, include: 'imported' })}`;

export type HistoryPage = { messages: Message[]; more: boolean };

/** Up to `limit` messages right before the one with this id, oldest first; fewer where they are large. */
export async function messagesBefore(id: string, before: string, limit: number): Promise<HistoryPage> {
  const { messages, next } = await historyPage(historyPath(id, { before, limit: String(limit) }));
  return { messages: readAll(messages, readMessage), more: next !== null };
}

/** The newest messages, at least `limit` of them where there are so many. */
export async function newestMessages(id: string, limit: number): Promise<Message[]> {
  const { messageCount } = await getSession(id);
  // What was imported is not counted.
  if (messageCount === 0) {
    let newest: unknown[] = [];
    for await (const page of wholeHistory(id)) newest = [...newest, ...page].slice(-limit);
    return readAll(newest, readMessage);
  }
  const messages: unknown[] = [];
  const offset = String(Math.max(0, messageCount - limit));
  for await (const page of historyFrom(historyPath(id, { offset, limit: String(2 * limit) })))
    messages.push(...page);
  return readAll(messages, readMessage);
}

/** Everything, as the server sends it, page by page. */
export const wholeHistory = (id: string): AsyncGenerator<unknown[]> =>
  historyFrom(historyPath(id, { limit: '500' }));

async function* historyFrom(path: string): AsyncGenerator<unknown[]> {
  for (let at: string | null = path; at !== null; ) {
    const { messages, next } = await historyPage(at);
    yield messages;
    at = next;
  }
}

async function historyPage(path: string): Promise<{ messages: unknown[]; next: string | null }> {
  const response = await request(path);
  const query = nextQuery(response.headers.get('Link'));
  return { messages: list(await readJson(response)), next: query && path.replace(/\?.*/, () => query) };
}
