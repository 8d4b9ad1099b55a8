// Pages of an imported state that is larger than one of them may be.
import { beforeAll, expect, test } from 'bun:test';
import type { Database } from '../../db/database.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { testApp } from '../../testing/test-app.ts';

type Told = { id: string; type: string; content: string | unknown[] };

const most = 9 * 1024 * 1024;
const image = { data: 'aGk'.repeat(128 * 1024) };

onEachDatabase('pages of what was imported', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  /** Twelve megabytes: questions with images, answers with thoughts. */
  const messages = Array.from({ length: 32 }, (_, place) =>
    place % 2 === 0
      ? { type: 'UserMessage', source: 'user', content: [`${place}`, image] }
      : {
          type: 'AssistantMessage',
          source: 'helper',
          content: `${place} ${'x'.repeat(192 * 1024)}`,
          thought: 't'.repeat(192 * 1024),
        },
  );

  async function imported() {
    const app = await testApp(database);
    const body = JSON.stringify({ agent_state: { llm_context: { messages } } });
    expect(body.length).toBeGreaterThan(12 * 1024 * 1024 - 300_000);
    const made = await app.request('/api/sessions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    const { id } = await made.json();
    for (const content of ['a', 'b']) await app.send('POST', `/api/sessions/${id}/chat`, { content });
    return { app, path: `/api/sessions/${id}/history` };
  }

  type App = Awaited<ReturnType<typeof testApp>>;

  async function walk(app: App, start: string): Promise<Told[][]> {
    const pages: Told[][] = [];
    for (let next: string | undefined = start; next !== undefined; ) {
      const response: Response = await app.get(next);
      expect(response.status).toBe(200);
      const text = await response.text();
      expect(Buffer.byteLength(text)).toBeLessThan(most);
      pages.push(JSON.parse(text));
      next = /^<(\/[^>]+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1];
    }
    return pages;
  }

  const firstWords = (told: Told[]) =>
    told
      .filter(({ type }) => type !== 'ThoughtEvent')
      .map(({ content }) => String(Array.isArray(content) ? content[0] : content.split(' ').at(0)));
  const all = [...messages.map((_, place) => String(place)), 'a', 'echo:', 'b', 'echo:'];

  test('end early, and their Link leads to the rest, forwards and backwards', async () => {
    const { app, path } = await imported();
    for (const include of ['imported', 'events,imported']) {
      const pages = await walk(app, `${path}?limit=1000&include=${include}`);
      expect(pages.length).toBeGreaterThan(1);
      expect(firstWords(pages.flat())).toEqual(all);
    }
    const [newest] = await walk(app, `${path}?limit=1&offset=35&include=imported`);
    const back = await walk(app, `${path}?limit=1000&include=imported&before=${newest?.[0]?.id}`);
    expect(back.length).toBeGreaterThan(1);
    expect(firstWords(back.reverse().flat())).toEqual(all.slice(0, -1));
  }, 120_000);
});
