// The sessions on the pictures: told to a real server and answered by a scripted model, then moved to a fixed time.
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { z } from 'zod';
import { openPglite } from '../../db/open-pglite.ts';
import { localOwner } from '../../db/owner.ts';
import { startModelServer } from '../model-server.ts';
import { type ServerProcess, startServer } from '../server-process.ts';
import type { Told } from './picture-texts.ts';

/** When the pictures are made, as the page has it. */
export const now = new Date('2026-05-20T09:41:00Z');

const stored = z.object({ id: z.string() });

/** Fills a new data folder; which session is to be open. */
export async function tell(
  folder: string,
  { sessions, name, question, thought, answer }: Told,
): Promise<string> {
  const model = startModelServer(() => [{ thought }, { text: answer }]);
  const server = await startServer({
    env: { DATA_DIR: folder, OPENAI_BASE_URL: model.url, OPENAI_MODEL: 'scripted' },
  });
  const used = new Map<string, number>();
  try {
    for (const [name, daysAgo] of sessions) used.set(await post(server, '/api/sessions', { name }), daysAgo);
    const sessionId = await post(server, '/api/sessions', { name });
    await post(server, `/api/sessions/${sessionId}/chat`, { content: question });
    used.set(sessionId, 0);
    return sessionId;
  } finally {
    await server.kill();
    model.stop();
    await setTimes(folder, used);
  }
}

/** Gives the id of what is answered. */
export async function post({ url }: ServerProcess, path: string, body: unknown): Promise<string> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(await response.text());
  return stored.parse(await response.json()).id;
}

/** Each session is used a minute before the one that was made after it. */
async function setTimes(folder: string, used: ReadonlyMap<string, number>): Promise<void> {
  const database = await openPglite(join(folder, 'pglite'));
  try {
    for (const [index, [id, daysAgo]] of [...used].entries()) {
      const minutes = daysAgo * 24 * 60 + (daysAgo === 0 ? used.size - index : index);
      const at = new Date(now.getTime() - minutes * 60_000).toISOString();
      await database.db.execute(sql`update chat_sessions set updated_at = ${at}
        where owner_id = ${localOwner} and id = ${id}`);
    }
    const thoughtTime = JSON.stringify({ thought_seconds: '4.2' });
    await database.db.execute(sql`update chat_messages set metadata = metadata || ${thoughtTime}::jsonb
      where thought is not null`);
  } finally {
    await database.close();
  }
}
