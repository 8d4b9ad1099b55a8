// The server's calls about links that show a session.
import { list, record, textOf } from './json.ts';
import { request, requestJson } from './request.ts';
import { sessionPath } from './sessions.ts';

export type Share = { id: string; url: string; createdAt: string };

const readShare = (value: unknown): Share => {
  const { id, url, created_at } = record(value);
  return { id: textOf(id), url: textOf(url), createdAt: textOf(created_at) };
};

/** The newest first. */
export const listShares = async (session: string): Promise<Share[]> =>
  list(await requestJson(`${sessionPath(session)}/shares`)).map(readShare);

export const createShare = async (session: string): Promise<Share> =>
  readShare(await requestJson(`${sessionPath(session)}/shares`, { method: 'POST' }));

export const deleteShare = async (session: string, share: string): Promise<void> => {
  await request(`${sessionPath(session)}/shares/${encodeURIComponent(share)}`, { method: 'DELETE' });
};
