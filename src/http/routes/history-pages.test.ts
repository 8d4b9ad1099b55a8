import { beforeAll, describe, expect, test } from 'bun:test';
import { sql } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { newOwner } from '../../testing/owners.ts';
import { testApp } from '../../testing/test-app.ts';

type App = Awaited<ReturnType<typeof testApp>>;
type Told = { id: string; content: string };

async function read<T>(
  app: App,
  path: string,
): Promise<{ items: T[]; bytes: number; next: string | undefined }> {
  const response = await app.get(path);
  expect(response.status).toBe(200);
  const text = await response.text();
  const next = /^<(\/[^>]+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1];
  return { items: JSON.parse(text), bytes: Buffer.byteLength(text), next };
}

/** Every page from `path` on. */
async function walk<T>(app: App, path: string) {
  const pages: Awaited<ReturnType<typeof read<T>>>[] = [];
  for (let next: string | undefined = path; next !== undefined; ) {
    const page: Awaited<ReturnType<typeof read<T>>> = await read<T>(app, next);
    pages.push(page);
    next = page.next;
    expect(pages.length).toBeLessThan(50);
  }
  return pages;
}

onEachDatabase('pages of messages', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  /** A session of `count` messages whose content is its seq and `length` ideographs of three bytes. */
  async function filled(
    app: App,
    count: number,
    length: number,
    thought: number | null = null,
  ): Promise<string> {
    const id = await app.newSession();
    await database.db.execute(sql`insert into chat_messages (owner_id, session_id, seq, id, role, source, content, thought)
      select ${app.owner}::int, ${id}, n, gen_random_uuid(), case n % 2 when 0 then 'assistant' else 'user' end, 'x',
        n || repeat('气', ${length}::int), repeat('t', ${thought}::int) from generate_series(1, ${count}) as n`);
    await database.db.execute(sql`insert into chat_turns (owner_id, session_id, id, status, seq, reply_seq, lease)
      select ${app.owner}::int, ${id}, gen_random_uuid(), 'completed', n, n + 1, gen_random_uuid() from generate_series(1, ${count}, 2) as n`);
    await database.db.execute(
      sql`update chat_sessions set message_count = ${count}, last_seq = ${count} where id = ${id}`,
    );
    return id;
  }

  const seqs = (messages: Told[]) => messages.map(({ content }) => Number.parseInt(content, 10));
  const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

  describe('whose texts are large', () => {
    const most = 10 * 1024 * 1024;

    test('end early, and their Link leads to the rest, forwards and backwards', async () => {
      const app = await testApp(database);
      const id = await filled(app, 25, 262_144);
      for (const start of [`/api/sessions/${id}/history?limit=1000`, '/history?limit=1000']) {
        const pages = await walk<Told>(app, start);
        expect(pages.length).toBeGreaterThan(2);
        expect(Math.max(...pages.map(({ bytes }) => bytes))).toBeLessThan(most);
        expect(seqs(pages.flatMap(({ items }) => items))).toEqual(upTo(25));
      }
      const { items } = await read<Told>(app, `/api/sessions/${id}/history?limit=1&offset=24`);
      const back = await walk<Told>(app, `/api/sessions/${id}/history?limit=1000&before=${items[0]?.id}`);
      expect(back.length).toBeGreaterThan(2);
      expect(Math.max(...back.map(({ bytes }) => bytes))).toBeLessThan(most);
      expect(seqs(back.reverse().flatMap((page) => page.items))).toEqual(upTo(24));
    }, 60_000);

    test('end early for thoughts, which events tell once more', async () => {
      const app = await testApp(database);
      const id = await filled(app, 16, 1, 1024 * 1024);
      const pages = await walk<Told & { type: string }>(
        app,
        `/api/sessions/${id}/history?limit=1000&include=events`,
      );
      expect(pages.length).toBeGreaterThan(2);
      expect(Math.max(...pages.map(({ bytes }) => bytes))).toBeLessThan(most + 1024 * 1024);
      const said = pages.flatMap(({ items }) => items).filter(({ type }) => type === 'TextMessage');
      expect(seqs(said)).toEqual(upTo(16));
    }, 60_000);

    test('have one message at least, however large', async () => {
      const app = await testApp(database);
      const id = await filled(app, 3, 4 * 1024 * 1024);
      const pages = await walk<Told>(app, `/api/sessions/${id}/history`);
      expect(pages.map(({ items }) => seqs(items))).toEqual([[1], [2], [3]]);
    }, 60_000);

    test('end early where they are of turns', async () => {
      const app = await testApp(database);
      const id = await filled(app, 40, 262_144);
      for (const path of ['turns?limit=100', 'turns?limit=100&status=completed']) {
        const pages = await walk<{ user_message: Told; reply: Told }>(app, `/api/sessions/${id}/${path}`);
        expect(pages.length).toBeGreaterThan(2);
        expect(Math.max(...pages.map(({ bytes }) => bytes))).toBeLessThan(most);
        const turns = pages.flatMap(({ items }) => items).reverse();
        expect(seqs(turns.flatMap(({ user_message, reply }) => [user_message, reply]))).toEqual(upTo(40));
      }
    }, 60_000);
  });

  test('that are full have a Link only where more follows', async () => {
    const app = await testApp(database);
    const id = await filled(app, 6, 1);
    const link = async (query: string) => (await read(app, `/api/sessions/${id}/${query}`)).next;
    expect(await link('history?limit=6')).toBeUndefined();
    expect(await link('history?limit=2&offset=4')).toBeUndefined();
    expect(await link('history?limit=2&offset=9')).toBeUndefined();
    expect(await link('history?limit=5&include=events')).toBe(
      `/api/sessions/${id}/history?limit=5&include=events&offset=5`,
    );
    expect(await link('turns?limit=3')).toBeUndefined();
    expect(await link('turns?limit=2')).toContain('cursor=3');
    expect(await link('turns?status=failed')).toBeUndefined();
  });

  test('are no one else’s', async () => {
    const app = await testApp(database);
    const other = await testApp(database, { owner: await newOwner(database) });
    const id = await filled(app, 2, 1);
    for (const path of ['history', 'turns']) {
      expect((await other.get(`/api/sessions/${id}/${path}`)).status).toBe(404);
    }
  });
});
