// A session's messages, a page at a time.

import type { Round } from './calls-wire.ts';
import { list, record, textOf } from './json.ts';
import { nextQuery } from './link-header.ts';
import { readJson, request } from './request.ts';
import { getSession, sessionPath } from './sessions.ts';
import { type Message, readHistory } from './wire.ts';

const historyPath = (id: string, query: Record<string, string>): string =>
  `${sessionPath(id)}/history?${new URLSearchParams({ ...query, include: 'events,imported' })}`;

/** `open`: what was done at its end for the message that follows. */
export type HistoryPage = { messages: Message[]; open: Round[]; more: boolean };

/** Of one turn, which is read as a whole: so many steps at most before those that a page brings. */
const mostSteps = 2000;

/** Up to `limit` messages right before the one with this id, oldest first; fewer where they are large. */
export async function messagesBefore(id: string, before: string, limit: number): Promise<HistoryPage> {
  let rows: unknown[] = [];
  for (let at: string | null = historyPath(id, { before, limit: String(limit) }); ; ) {
    const page = await historyPage(at);
    rows = [...page.messages, ...rows];
    at = page.next;
    // It may begin among the calls of one reply.
    if (at === null || !isStep(rows[0]) || rows.length > mostSteps)
      return { ...readHistory(rows), more: at !== null };
  }
}

/** The newest messages, at least `limit` of them where there are so many. */
export async function newestMessages(id: string, limit: number): Promise<Message[]> {
  const { messageCount } = await getSession(id);
  const messages: unknown[] = [];
  const offset = String(Math.max(0, messageCount - limit));
  for await (const page of historyFrom(historyPath(id, { offset, limit: String(2 * limit) })))
    messages.push(...page);
  // What was imported is not counted, and of what was said in several versions more than is shown.
  const isEnd = messageCount > 0 && messages.length >= Math.min(limit, messageCount);
  return readHistory(isEnd ? messages : await lastOfAll(id, limit)).messages;
}

async function lastOfAll(id: string, limit: number): Promise<unknown[]> {
  let last: unknown[] = [];
  for await (const page of historyFrom(historyPath(id, { limit: '500' })))
    last = [...last, ...page].slice(-limit);
  return last;
}

const isStep = (value: unknown): boolean =>
  /^(Thought|MemoryQuery|ApprovalRequest|ToolCallRequest|ToolCallExecution)Event$/.test(
    textOf(record(value).type),
  );

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
