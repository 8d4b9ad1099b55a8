import { beforeAll, expect, test } from 'bun:test';
import { sql } from 'drizzle-orm';
import { Marked } from 'marked';
import type { Database } from '../../db/database.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { say, scriptedModel } from '../../testing/scripted-model.ts';
import { testApp } from '../../testing/test-app.ts';

const hostile = [
  '<script>alert(1)</script><img src=x onerror=alert(2)>',
  '[go](javascript:alert(3)) [web](https://example.com/a?b=1&c="2") ![cat](https://example.com/cat.png)',
  '**bold** `</code><script>`',
  '```html\n<script>alert(4)</script>\n```',
].join('\n\n');

const remembered = {
  type: 'AssistantAgentState',
  version: '1.0.0',
  llm_context: {
    messages: [
      { type: 'UserMessage', content: 'what is in it?', source: 'user' },
      {
        type: 'AssistantMessage',
        content: [{ id: 'c1', name: 'list', arguments: '{"path":"```"}' }],
        source: 'assistant',
        thought: 'I look.',
      },
      {
        type: 'FunctionExecutionResultMessage',
        content: [{ content: '<b>a.txt</b>', name: 'list', call_id: 'c1', is_error: true }],
      },
      { type: 'AssistantMessage', content: 'One file.', source: 'assistant' },
    ],
  },
};

onEachDatabase('a session as a file', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  async function talked(reply: string, session: Record<string, unknown> = {}) {
    const app = await testApp(database, { model: scriptedModel(() => say([reply], ['Let me <i>see</i>.'])) });
    const made = await app.send('POST', '/api/sessions', session);
    const { id } = (await made.json()) as { id: string };
    const said = await app.send('POST', `/api/sessions/${id}/chat`, { content: '<b>hi</b> & # no heading' });
    expect(said.status).toBe(200);
    const file = async (query: string, language = 'en') => {
      const response = await app.request(`/api/sessions/${id}/export${query}`, {
        headers: { 'accept-language': language },
      });
      expect(response.status).toBe(200);
      return { text: await response.text(), headers: response.headers };
    };
    return { app, id, file };
  }

  test('JSON has the messages as the history has them', async () => {
    const { app, id, file } = await talked('Hello', { agent_state: remembered, metadata: { a: 1 } });
    const { text, headers } = await file('');
    const { format, version, session, messages } = JSON.parse(text);
    expect([format, version]).toEqual(['agentchat.session', 1]);
    const history = await app.get(`/api/sessions/${id}/history?include=events,imported`);
    expect(messages).toEqual(await history.json());
    expect(messages).toHaveLength(8);
    const { agent_state: _, ...fields } = (await (await app.get(`/api/sessions/${id}`)).json()) as {
      agent_state: unknown;
    };
    expect(session).toEqual(fields);
    expect(headers.get('content-type')).toBe('application/json');
  });

  test('an empty session is a file too', async () => {
    const app = await testApp(database);
    const id = await app.newSession();
    const json = await app.get(`/api/sessions/${id}/export`);
    expect(((await json.json()) as { messages: unknown }).messages).toEqual([]);
    for (const format of ['md', 'html'])
      expect((await app.get(`/api/sessions/${id}/export?format=${format}`)).status).toBe(200);
  });

  test('Markdown says who said what, with thoughts and calls folded, whatever is in them', async () => {
    const { file } = await talked('Hello', { agent_state: remembered, name: 'My *first*\none' });
    const { text } = await file('?format=md');
    expect(text).toStartWith('# My *first* one\n');
    expect(text).toContain('## You · ');
    expect(text).toContain('\n<b>hi</b> & # no heading\n');
    expect(text).toContain('<details><summary>Thought</summary>\n\n```\nLet me <i>see</i>.\n```');
    // The fence is longer than the one in the arguments.
    expect(text).toContain('`list`\n\n````\n{"path":"```"}\n````');
    expect(text).toContain('`list (failed)`');
    expect((await file('?format=md', 'zh-CN')).text).toContain('## 你 · ');
    // What is quoted stays quoted for whoever reads it as Markdown.
    expect(new Marked().parse(text)).not.toContain('<i>see</i>');
  });

  test('HTML runs nothing and loads nothing, and is read as it was written', async () => {
    const { file } = await talked(hostile, {
      name: '</title><script>alert(0)</script>',
      agent_state: remembered,
    });
    const { text, headers } = await file('?format=html');
    expect(text).not.toMatch(/<(script|img|iframe|link|object)\b|\son\w+\s*=\s*["']|href="javascript:/i);
    expect(text).toContain("content=\"default-src 'none'; style-src 'unsafe-inline'\"");
    expect(text).toContain('<strong>bold</strong>');
    expect(text).toContain('href="https://example.com/cat.png"');
    expect(text).toContain('<div class="plain">&#60;b&#62;hi&#60;/b&#62; &#38; # no heading</div>');
    expect(text).toEndWith('</html>\n');
    expect(headers.get('content-security-policy')).toContain('sandbox');
    expect(headers.get('content-disposition')).toStartWith('attachment; filename="');
  });

  test('what was made to keep a parser busy is shown as it is written', async () => {
    for (const text of ['*a'.repeat(20_000), `${'> '.repeat(5000)}deep`, '['.repeat(20_000)]) {
      const { file } = await talked(text);
      expect((await file('?format=html')).text).toContain('<div class="plain">');
    }
  });

  test('is named for the session, as file systems take it', async () => {
    const { file } = await talked('Hello', { name: '../a/b: "c"; \u202e你好?' });
    const disposition = (await file('?format=md')).headers.get('content-disposition') ?? '';
    expect(decodeURIComponent(disposition.split("UTF-8''")[1] ?? '')).toBe('a b c ; 你好.md');
  });

  test('a long one is all there, each message once', async () => {
    const { app, id } = await talked('Hello');
    await database.db.execute(sql`insert into chat_messages (owner_id, session_id, seq, id, role, source, content)
      select ${app.owner}::int, ${id}, n, gen_random_uuid(), 'user', 'user', 'no ' || n from generate_series(3, 1300) as n`);
    const { messages } = JSON.parse(await (await app.get(`/api/sessions/${id}/export`)).text());
    const numbers = messages
      .map(({ content }: { content: string }) => content)
      .filter((one: string) => /^no \d+$/.test(one));
    expect(numbers).toEqual(Array.from({ length: 1298 }, (_, at) => `no ${at + 3}`));
  });

  test('of all versions where that is asked for', async () => {
    const { app, id } = await talked('Hello');
    const again = await app.send('POST', `/api/sessions/${id}/chat`, {
      content: 'otherwise',
      parent_id: null,
    });
    expect(again.status).toBe(200);
    const users = async (query: string) => {
      const { messages } = JSON.parse(await (await app.get(`/api/sessions/${id}/export${query}`)).text());
      return messages.filter(({ role }: { role?: string }) => role === 'user').length;
    };
    expect([await users(''), await users('?all=true')]).toEqual([1, 2]);
  });
});
