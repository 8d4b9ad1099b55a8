import { beforeAll, expect, test } from 'bun:test';
import type { Database } from '../db/database.ts';
import { isBlank } from '../models/reply/blank.ts';
import { onEachDatabase } from '../testing/databases.ts';
import { joined, readEvents } from '../testing/event-stream.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import { testApp } from '../testing/test-app.ts';

const texts: Record<string, string> = {
  Chinese: '你好，世界！「引号」——龘𠮷',
  'emoji with joiners': '👩‍👩‍👧‍👦🏳️‍🌈🇨🇳👍🏽❤️',
  'combining marks, composed and not': 'e\u0301\u0302 \u00e9 Z\u0351\u036b\u0343 \u1112\u1161\u11ab \ud55c',
  'bidi controls': '\u202eabc\u202c \u2066x\u2069 שלום \u200f\u200b\ufeff',
  HTML: '<img src=x onerror="alert(1)"></script><!-- &amp; &#0; -->',
  SQL: "'; drop table chat_sessions; -- $1 :name ? E'\\x00' $$",
  'a number': '42',
  'a JSON string': '"x"',
  'a JSON null': 'null',
  'a JSON object': '{"a":1}',
  'a JSON array': '[1, 2]',
  'a boolean': 'true',
  'a date': '2026-04-03T12:00:00.000Z',
  backslashes: '\\ \\\\ \\n \\u0000 \\ud800 C:\\new\\table',
  'line ends of every kind': 'a\r\nb\nc\rd\u2028e\u2029f\u0085g\n\n\n',
  'lines of an event stream': 'data: x\n\nevent: done\nid: 1\n\n: hi\r\n\r\nretry: 0',
  spaces: '   ',
  'one line end': '\n',
  'other spaces': '\u00a0\u3000\t\v\f',
  noncharacters: '\ufffe\uffff\ufdd0\u{1fffe}\u{10ffff}',
  'control characters': `${Array.from({ length: 31 }, (_, code) => String.fromCharCode(code + 1)).join('')}\u007f\u0080`,
  'a replacement character': '\ufffd\ufffd',
  'a placeholder': '{reason} %s {0} {{x}} <%= 1 %>',
  '250,000 characters': '0123456789'.repeat(25_000),
  '200,000 Chinese characters': '汉字'.repeat(100_000),
};

const bytes = (text: string) => new TextEncoder().encode(text);

/** Says this, by code points as a model's tokens would come, so that pieces are cut anywhere. */
const parrot = (text: string) =>
  scriptedModel(() => {
    const points = [...text];
    const size = Math.ceil(points.length / 7);
    const pieces = Array.from({ length: 7 }, (_, part) =>
      points.slice(part * size, (part + 1) * size).join(''),
    );
    return [
      ...pieces.filter(Boolean).map((text) => ({ type: 'thought' as const, text })),
      ...pieces.filter(Boolean).map((text) => ({ type: 'content' as const, text })),
      { type: 'end', finishReason: 'stop', usage: { prompt_tokens: 1, completion_tokens: 1 } },
    ];
  });

onEachDatabase('content', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  for (const [title, text] of Object.entries(texts)) {
    test(`of ${title} comes back byte for byte, blocking, streamed, in history and in the state`, async () => {
      // A reply of nothing but blanks is none.
      const answer = isBlank(text) ? `${text}.${text}` : text;
      const model = parrot(answer);
      const app = await testApp(database, { model });
      const id = await app.newSession();
      const path = `/api/sessions/${id}/chat`;

      const reply = await (await app.send('POST', path, { content: text })).json();
      expect(bytes(reply.content)).toEqual(bytes(answer));
      expect(reply.thought).toBe(answer);

      const events = await readEvents(await app.send('POST', `${path}?stream=true`, { content: text }));
      expect(events[0]?.data.message.content).toBe(text);
      expect(joined(events, 'ModelClientStreamingChunkEvent')).toBe(answer);
      expect(joined(events, 'ThoughtStreamingChunkEvent')).toBe(answer);
      const whole = events.find((event) => event.event === 'TextMessage');
      expect(whole?.data.content).toBe(answer);
      expect(whole?.data.thought).toBe(answer);
      expect(events.find((event) => event.event === 'ThoughtEvent')?.data.content).toBe(answer);

      const history = await (await app.get(`/api/sessions/${id}/history`)).json();
      const all = [text, answer, text, answer];
      const contents = (messages: { content: string }[]) => messages.map(({ content }) => content);
      expect(contents(history).map(bytes)).toEqual(all.map(bytes));
      const { agent_state } = await (await app.get(`/api/sessions/${id}`)).json();
      expect(contents(agent_state.llm_context.messages)).toEqual(all);
      expect(model.calls[1]?.at(-1)).toMatchObject({ content: isBlank(text) ? '…' : text });
    });
  }

  for (const title of [
    'Chinese',
    'a JSON null',
    'a number',
    'SQL',
    'noncharacters',
    'backslashes',
    'spaces',
  ]) {
    test(`of ${title} may be a name, a source and a search as well`, async () => {
      const text = texts[title] ?? '';
      const app = await testApp(database);
      const id = await app.newSession({ name: text });
      const stored = await (await app.get(`/api/sessions/${id}`)).json();
      expect(stored.name).toBe(text);
      await app.send('PATCH', `/api/sessions/${id}`, { name: `${text}!` });
      const source = [...text].slice(0, 50).join('');
      await app.send('POST', `/api/sessions/${id}/chat`, { content: 'x', source });
      const [message] = await (await app.get(`/api/sessions/${id}/history`)).json();
      expect(message.source).toBe(source);
      const found = await (await app.get(`/api/sessions?q=${encodeURIComponent(`${text}!`)}`)).json();
      expect(found.map((one: { name: string }) => one.name)).toEqual([`${text}!`]);
    });
  }
});

onEachDatabase('metadata', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  for (const json of [
    '{}',
    '{"a":null,"b":true,"c":1.5,"d":[],"e":{},"f":"","g":-0.001,"h":[[null]],"i":1e21}',
    '{"":"empty","constructor":1,"toString":"x","hasOwnProperty":null,"length":3,"0":"zero"}',
    '{"__proto__":{"admin":true},"a":{"__proto__":null}}',
    '{"toJSON":"x","then":"y","valueOf":1}',
    '{"你好":"世界","👩‍👩‍👧":"\\u2028","a b":"\\"","\\\\":"\\n","ﬀ\\ufffe":1}',
    '{"json":"{\\"a\\":1}","number":"42","null":"null"}',
    '{"id":"x","session_id":"y","model":"mine","finish_reason":"z"}',
  ]) {
    test(`${json} comes back as sent`, async () => {
      const app = await testApp(database);
      const sent = JSON.parse(json);
      // Of objects whose keys the database may reorder, sorted text is what can be compared.
      const same = (received: unknown) => expect(sorted(received)).toBe(sorted(sent));

      const made = await (await app.send('POST', '/api/sessions', `{"metadata":${json}}`)).json();
      same(made.metadata);
      const path = `/api/sessions/${made.id}`;
      same((await (await app.get(path)).json()).metadata);
      same((await (await app.get('/api/sessions')).json())[0].metadata);
      await app.send('PATCH', path, { metadata: { other: 1 } });
      same((await (await app.send('PATCH', path, `{"metadata":${json}}`)).json()).metadata);

      const message = `{"content":"x","metadata":${json}}`;
      const events = await readEvents(await app.send('POST', `${path}/chat?stream=true`, message));
      same(events[0]?.data.message.metadata);
      same((await (await app.get(`${path}/history`)).json())[0].metadata);
      same((await (await app.get(`${path}/turns`)).json())[0].user_message.metadata);
    });
  }

  test('of a reply is not the message’s', async () => {
    const app = await testApp(database);
    const path = `/api/sessions/${await app.newSession()}/chat`;
    const { metadata } = await (await app.send('POST', path, { content: 'x', metadata: { mine: 1 } })).json();
    expect(metadata.mine).toBeUndefined();
    expect(Object.values(metadata).every((value) => typeof value === 'string')).toBe(true);
  });
});

function sorted(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sorted).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, part]) => `${JSON.stringify(key)}:${sorted(part)}`).join()}}`;
}
