import { beforeAll, expect, test } from 'bun:test';
import { sql } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { expectProblem } from '../../testing/expect-problem.ts';
import { testApp } from '../../testing/test-app.ts';

type App = Awaited<ReturnType<typeof testApp>>;
type Listed = { id: string; name: string; updated_at: string; message_count: number };

async function page(app: App, path: string): Promise<{ sessions: Listed[]; next: string | undefined }> {
  const response = await app.get(path);
  expect(response.status).toBe(200);
  const link = response.headers.get('link');
  const next = link === null ? undefined : /^<(\/[^>]+)>; rel="next"$/.exec(link)?.[1];
  if (link !== null) expect(next).toBeDefined();
  return { sessions: await response.json(), next };
}

const names = (sessions: Listed[]) => sessions.map(({ name }) => name);

async function many(app: App, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < count; index++) ids.push(await app.newSession({ name: `session ${index}` }));
  return ids;
}

/** Every page from `path` on; `between` is done after each. */
async function walk(app: App, path: string, between = async (_page: number) => {}): Promise<Listed[]> {
  const all: Listed[] = [];
  let pages = 0;
  for (let next: string | undefined = path; next !== undefined; ) {
    const got = await page(app, next);
    all.push(...got.sessions);
    next = got.next;
    await between(++pages);
    expect(pages).toBeLessThan(100);
  }
  return all;
}

onEachDatabase('the list of sessions', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  test('is an empty array at first, and never another’s', async () => {
    const app = await testApp(database);
    expect(await page(app, '/api/sessions')).toEqual({ sessions: [], next: undefined });
  });

  test('has ten unless told, newest first, and each as it is by itself', async () => {
    const app = await testApp(database);
    const ids = await many(app, 12);
    const { sessions } = await page(app, '/api/sessions');
    expect(sessions.map(({ id }) => id)).toEqual(ids.slice(2).reverse());
    const { agent_state: _, ...alone } = await (await app.get(`/api/sessions/${ids[11]}`)).json();
    expect(sessions[0]).toEqual(alone);
  });

  test('moves a session to the front when it is changed or spoken in', async () => {
    const app = await testApp(database);
    const [a, b, c] = await many(app, 3);
    // The embedded database's clock counts milliseconds.
    await Bun.sleep(2);
    await app.send('PATCH', `/api/sessions/${a}`, { name: 'session 0' });
    expect((await page(app, '/api/sessions')).sessions.map(({ id }) => id)).toEqual([a, c, b] as string[]);
    await Bun.sleep(2);
    await app.send('POST', `/api/sessions/${b}/chat`, { content: 'x' });
    const { sessions } = await page(app, '/api/sessions');
    expect(sessions.map(({ id }) => id)).toEqual([b, a, c] as string[]);
    expect(sessions[0]?.message_count).toBe(2);
  });

  test('pages by Link through 55 sessions while others change, with no skip and no repeat', async () => {
    const app = await testApp(database);
    const ids = await many(app, 55);
    const all = await walk(app, '/api/sessions?limit=10', async (pages) => {
      // What was seen moves to the front, and new ones come: neither may move what is still to come.
      await app.send('PATCH', `/api/sessions/${ids[55 - pages]}`, { metadata: { pages } });
      await app.newSession();
    });
    expect(all.map(({ id }) => id)).toEqual(ids.reverse());
  });

  test('has no Link on a last page that is full', async () => {
    const app = await testApp(database);
    await many(app, 4);
    expect(names(await walk(app, '/api/sessions?limit=2'))).toHaveLength(4);
    expect((await page(app, '/api/sessions?limit=4')).next).toBeUndefined();
    expect((await page(app, '/api/sessions?limit=3')).next).toContain('limit=3');
  });

  test('pages through sessions of one moment, and of moments a microsecond apart', async () => {
    const app = await testApp(database);
    const ids = await many(app, 12);
    await database.db.transaction(async (tx) => {
      for (const [index, id] of ids.entries()) {
        const micros = index < 6 ? 0 : index;
        await tx.execute(
          sql`update chat_sessions set updated_at = '2026-01-01T00:00:00.123000Z'::timestamptz
            + ${micros} * interval '1 microsecond' where id = ${id}`,
        );
      }
    });
    const once = await walk(app, '/api/sessions?limit=100');
    expect(new Set(once.map(({ id }) => id)).size).toBe(12);
    expect(once.slice(0, 6).map(({ id }) => id)).toEqual(ids.slice(6).reverse());
    for (const limit of [1, 2, 5, 7]) expect(await walk(app, `/api/sessions?limit=${limit}`)).toEqual(once);
  });

  test('goes on after a cursor whose session was deleted', async () => {
    const app = await testApp(database);
    const ids = await many(app, 6);
    const all = await walk(app, '/api/sessions?limit=2', async (pages) => {
      if (pages === 1) await app.request(`/api/sessions/${ids[4]}`, { method: 'DELETE' });
    });
    expect(names(all)).toEqual([5, 4, 3, 2, 1, 0].map((index) => `session ${index}`));
  });

  test('skips offset sessions, and its Link goes on from there', async () => {
    const app = await testApp(database);
    await many(app, 7);
    const { sessions, next } = await page(app, '/api/sessions?limit=2&offset=3');
    expect(names(sessions)).toEqual(['session 3', 'session 2']);
    expect(next).not.toContain('offset');
    expect(names(await walk(app, '/api/sessions?limit=2&offset=3'))).toEqual(
      [3, 2, 1, 0].map((index) => `session ${index}`),
    );
    expect((await page(app, '/api/sessions?offset=7')).sessions).toEqual([]);
  });

  test('gives a cursor that works in upper case ids, with other limits and without the rest of the Link', async () => {
    const app = await testApp(database);
    await many(app, 5);
    const { next = '' } = await page(app, '/api/sessions?limit=1');
    const cursor = new URL(next, 'http://x').searchParams.get('cursor') ?? '';
    expect(names((await page(app, `/api/sessions?cursor=${cursor}`)).sessions)).toHaveLength(4);
  });
});

onEachDatabase('a search of sessions', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  const found = async (app: App, query: string) =>
    names((await page(app, `/api/sessions?limit=100&q=${query}`)).sessions);
  const search = (app: App, q: string) => found(app, encodeURIComponent(q));

  test('looks into names and into what was said by either side', async () => {
    const app = await testApp(database);
    await app.newSession({ name: 'Apples' });
    const id = await app.newSession({ name: 'second' });
    await app.send('POST', `/api/sessions/${id}/chat`, { content: 'I like apples' });
    await app.newSession({ name: 'pears' });
    expect(await search(app, 'apples')).toEqual(['second', 'Apples']);
    expect(await search(app, 'echo: I like')).toEqual(['second']);
    expect(await search(app, 'plums')).toEqual([]);
  });

  test('takes no account of case, in English', async () => {
    const app = await testApp(database);
    await app.newSession({ name: 'Hello World' });
    for (const q of ['hello', 'HELLO', 'o w', 'WORLD']) expect(await search(app, q)).toEqual(['Hello World']);
  });

  test('takes %, _ and \\ for what they are', async () => {
    const app = await testApp(database);
    const odd = ['100%', '100 percent', 'snake_case', 'snakeXcase', 'C:\\new', 'C:new', "it's", 'its'];
    for (const name of odd) await app.newSession({ name });
    expect(await search(app, '%')).toEqual(['100%']);
    expect(await search(app, '0%')).toEqual(['100%']);
    expect(await search(app, '_')).toEqual(['snake_case']);
    expect(await search(app, 'e_c')).toEqual(['snake_case']);
    expect(await search(app, '\\')).toEqual(['C:\\new']);
    expect(await search(app, '\\n')).toEqual(['C:\\new']);
    expect(await search(app, "'")).toEqual(["it's"]);
    expect(await search(app, '%%')).toEqual([]);
    expect(await search(app, '\\\\')).toEqual([]);
  });

  test('finds Chinese, emoji and a single character', async () => {
    const app = await testApp(database);
    await app.newSession({ name: '杭州的天气' });
    await app.newSession({ name: '家庭 👩‍👩‍👧' });
    expect(await search(app, '天气')).toEqual(['杭州的天气']);
    expect(await search(app, '气')).toEqual(['杭州的天气']);
    expect(await search(app, '👧')).toEqual(['家庭 👩‍👩‍👧']);
    expect(await search(app, '   ')).toEqual([]);
    expect(await search(app, ' ')).toEqual(['家庭 👩‍👩‍👧']);
  });

  test('pages by Link, which keeps what is searched for', async () => {
    const app = await testApp(database);
    await many(app, 5);
    for (const index of [1, 2, 3]) await app.newSession({ name: `100% & "you" ${index}` });
    await app.newSession({ name: 'last' });
    const q = encodeURIComponent('100% & "you"');
    const found = await walk(app, `/api/sessions?limit=1&q=${q}`);
    expect(names(found)).toEqual([3, 2, 1].map((index) => `100% & "you" ${index}`));
  });

  test('that comes with too many others is told to wait, and hurts none of them', async () => {
    const app = await testApp(database);
    await app.newSession({ name: 'kingfisher' });
    const all = await Promise.all(Array.from({ length: 60 }, () => app.get('/api/sessions?q=kingfisher')));
    const refused = all.filter(({ status }) => status !== 200);
    expect(refused.length).toBeGreaterThan(0);
    expect(all.length - refused.length).toBeGreaterThanOrEqual(20);
    for (const response of refused) {
      expect(response.headers.get('retry-after')).toBe('2');
      expect((await expectProblem(response, 503)).type).toEndWith(':search_busy');
    }
    expect(await search(app, 'kingfisher')).toEqual(['kingfisher']);
  });

  test('goes on from within a session, and refuses a cursor that is none', async () => {
    const app = await testApp(database);
    const id = await app.newSession({ name: 'first' });
    await app.send('POST', `/api/sessions/${id}/chat`, { content: 'a heron' });
    const { updated_at } = await (await app.get(`/api/sessions/${id}`)).json();
    const later = `${(Date.parse(updated_at) + 60_000) * 1000}_ffffffff-ffff-ffff-ffff-ffffffffffff`;
    for (const seq of ['', '_0', '_7'])
      expect(await found(app, `heron&cursor=${later}${seq}`)).toEqual(['first']);
    for (const wrong of [`${later}_`, `${later}_x`, `${later}_0_0`, `${later}_-1`, `${later}_9999999999`])
      expect((await app.get(`/api/sessions?q=heron&cursor=${wrong}`)).status).toBe(422);
  });

  test('is for at most 200 characters', async () => {
    const app = await testApp(database);
    await app.newSession({ name: 'x'.repeat(100) });
    expect(await search(app, 'x'.repeat(100))).toHaveLength(1);
    expect(await search(app, '天'.repeat(200))).toEqual([]);
    for (const q of ['x'.repeat(201), 'x'.repeat(100_000), '%00', '%ED%A0%80'])
      expect((await app.get(`/api/sessions?q=${q}`)).status).not.toBe(500);
    expect((await app.get(`/api/sessions?q=${'x'.repeat(201)}`)).status).toBe(422);
  });
});
