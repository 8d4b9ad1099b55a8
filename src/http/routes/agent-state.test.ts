import { beforeAll, describe, expect, test } from 'bun:test';
import type { Database } from '../../db/database.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { expectInvalid, expectProblem } from '../../testing/expect-problem.ts';
import { scriptedModel } from '../../testing/scripted-model.ts';
import { testApp } from '../../testing/test-app.ts';

// As AutoGen writes it, letter by letter: a question, a tool call, its result and the answer.
const saved =
  '{"type":"AssistantAgentState","version":"1.0.0","llm_context":{"messages":[' +
  '{"content":"hi","source":"user","type":"UserMessage"},' +
  '{"content":[{"id":"call_1","arguments":"{\\"q\\":\\"x\\"}","name":"search"}],"thought":"let me look",' +
  '"source":"assistant","type":"AssistantMessage"},' +
  '{"content":[{"content":"42","name":"search","call_id":"call_1","is_error":false}],' +
  '"type":"FunctionExecutionResultMessage"},' +
  '{"content":"It is 42.","thought":null,"source":"assistant","type":"AssistantMessage"}]}}';
const empty = '{"type":"AssistantAgentState","version":"1.0.0","llm_context":{"messages":[]}}';

onEachDatabase('an agent’s state', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  const importing = (app: Awaited<ReturnType<typeof testApp>>, state: string) =>
    app.send('POST', '/api/sessions', `{"agent_state":${state}}`);

  async function stateAfter(state: string): Promise<string> {
    const app = await testApp(database);
    const response = await importing(app, state);
    expect(response.status).toBe(201);
    const { id, agent_state, message_count } = await response.json();
    expect(agent_state).toBeUndefined();
    expect(message_count).toBe(0);
    return JSON.stringify((await (await app.get(`/api/sessions/${id}`)).json()).agent_state);
  }

  test('that was imported reads back letter by letter', async () => {
    expect(await stateAfter(saved)).toBe(saved);
  });

  for (const state of [
    'null',
    '{}',
    '{"llm_context":{}}',
    '{"llm_context":{"messages":[]}}',
    empty,
    '{"type":"Other","version":"9","llm_context":{"messages":[],"more":1},"unknown":[1]}',
  ]) {
    test(`${state} is an empty one`, async () => {
      expect(await stateAfter(state)).toBe(empty);
    });
  }

  test('with images, system messages, missing thoughts and keys in any order reads back as AutoGen writes it', async () => {
    const messages =
      '{"type":"SystemMessage","content":"Be kind."},' +
      '{"type":"UserMessage","extra":1,"source":"客人","content":["look",{"data":"aGk="}]},' +
      '{"type":"AssistantMessage","content":"","source":"assistant"},' +
      '{"type":"FunctionExecutionResultMessage","content":[{"name":"f","content":"","call_id":"1"}]}';
    expect(await stateAfter(`{"llm_context":{"messages":[${messages}]}}`)).toBe(
      '{"type":"AssistantAgentState","version":"1.0.0","llm_context":{"messages":[' +
        '{"content":"Be kind.","type":"SystemMessage"},' +
        '{"content":["look",{"data":"aGk="}],"source":"客人","type":"UserMessage"},' +
        '{"content":"","thought":null,"source":"assistant","type":"AssistantMessage"},' +
        '{"content":[{"content":"","name":"f","call_id":"1","is_error":null}],"type":"FunctionExecutionResultMessage"}]}}',
    );
  });

  test('reaches the model with what is said after it, and both read back', async () => {
    const model = scriptedModel();
    const app = await testApp(database, { model, systemMessage: 'Be brief.' });
    const { id } = await (await importing(app, saved)).json();
    await app.send('POST', `/api/sessions/${id}/chat`, { content: 'and now?' });
    await app.send('POST', `/api/sessions/${id}/chat`, { content: 'again', source: 'guest' });
    const system = { content: 'Be brief.', type: 'SystemMessage' };
    const imported = JSON.parse(saved).llm_context.messages;
    const said = [
      { content: 'and now?', source: 'user', type: 'UserMessage' },
      { content: 'echo: and now?', thought: null, source: 'assistant', type: 'AssistantMessage' },
      { content: 'again', source: 'guest', type: 'UserMessage' },
      { content: 'echo: again', thought: null, source: 'assistant', type: 'AssistantMessage' },
    ];
    expect(model.calls).toEqual([
      [system, ...imported, said[0]],
      [system, ...imported, ...said.slice(0, 3)],
    ]);
    const detail = await (await app.get(`/api/sessions/${id}`)).json();
    expect(JSON.stringify(detail.agent_state.llm_context.messages)).toBe(
      JSON.stringify([...imported, ...said]),
    );
    expect(detail.message_count).toBe(4);
    expect(await (await app.get(`/api/sessions/${id}/history`)).json()).toHaveLength(4);
  });

  test('taken from one session goes on in another', async () => {
    const app = await testApp(database);
    const id = await app.newSession();
    await app.send('POST', `/api/sessions/${id}/chat`, { content: '你好 "{}" \\ 👩‍👩‍👧' });
    const { agent_state } = await (await app.get(`/api/sessions/${id}`)).json();
    expect(await stateAfter(JSON.stringify(agent_state))).toBe(JSON.stringify(agent_state));
  });

  test('does not give a session its name, or count as its messages', async () => {
    const app = await testApp(database);
    const { id, name } = await (await importing(app, saved)).json();
    expect(name).toBe('New session');
    await app.send('POST', `/api/sessions/${id}/chat`, { content: 'first words' });
    expect(await (await app.get(`/api/sessions/${id}`)).json()).toMatchObject({
      name: 'first words',
      message_count: 2,
    });
  });

  const message = (json: string) =>
    `{"llm_context":{"messages":[{"content":"a","source":"u","type":"UserMessage"},${json}]}}`;
  const user = '"source":"u","type":"UserMessage"';
  const call = '"source":"a","type":"AssistantMessage"';
  for (const [title, state, loc] of [
    ['no context', '{"llm_context":null}', ['llm_context']],
    ['a context that is a list', '{"llm_context":[]}', ['llm_context']],
    ['messages that are no list', '{"llm_context":{"messages":{}}}', ['llm_context', 'messages']],
    ['a message that is a text', message('"hi"'), ['llm_context', 'messages', 1]],
    ['a message that is null', message('null'), ['llm_context', 'messages', 1]],
    [
      'a message without type',
      message('{"content":"a","source":"u"}'),
      ['llm_context', 'messages', 1, 'type'],
    ],
    ['a message of unknown type', message('{"type":"Nope"}'), ['llm_context', 'messages', 1, 'type']],
    ['a message without content', message(`{${user}}`), ['llm_context', 'messages', 1, 'content']],
    [
      'a message without source',
      message('{"content":"a","type":"UserMessage"}'),
      ['llm_context', 'messages', 1, 'source'],
    ],
    ['content that is a number', message(`{"content":5,${user}}`), ['llm_context', 'messages', 1, 'content']],
    [
      'an image without data',
      message(`{"content":["a",{"x":1}],${user}}`),
      ['llm_context', 'messages', 1, 'content', 1, 'data'],
    ],
    [
      'a call whose arguments are no text',
      message(`{"content":[{"id":"1","name":"f","arguments":{}}],${call}}`),
      ['llm_context', 'messages', 1, 'content', 0, 'arguments'],
    ],
    [
      'a thought that is a number',
      message(`{"content":"a","thought":5,${call}}`),
      ['llm_context', 'messages', 1, 'thought'],
    ],
    ['NUL in a message', message(`{"content":"\\u0000",${user}}`), []],
    ['half a surrogate pair in an unknown key', '{"\\ud800":1}', []],
  ] as const) {
    test(`with ${title} is 422 that says where and what`, async () => {
      const app = await testApp(database);
      const msg = await expectInvalid(await importing(app, state), ['body', 'agent_state', ...loc]);
      expect(msg).toMatch(/must be|is required|remove/);
      expect(await (await app.get('/api/sessions')).json()).toEqual([]);
    });
  }

  test('nested 10,000 levels deep is 422', async () => {
    const app = await testApp(database);
    const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
    await expectInvalid(await importing(app, `{"more":${deep}}`), ['body', 'agent_state']);
    await expectInvalid(await importing(app, message(`{"content":${deep},${user}}`)), [
      'body',
      'agent_state',
    ]);
  });

  test('with a thousand faults tells a few of them', async () => {
    const app = await testApp(database);
    const state = `{"llm_context":{"messages":[${Array(1000).fill('{}').join()}]}}`;
    const { errors = [] } = await expectProblem(await importing(app, state), 422);
    expect(errors.length).toBeGreaterThan(1);
    expect(errors.length).toBeLessThan(50);
  });

  test('of 2,000 messages is imported, read back and given to the model', async () => {
    const model = scriptedModel();
    const app = await testApp(database, { model, contextPolicy: { kind: 'unbounded' } });
    const messages = Array.from({ length: 2000 }, (_, index) => ({
      content: `message ${index}`,
      source: 'user',
      type: index % 2 === 0 ? 'UserMessage' : 'AssistantMessage',
    }));
    const { id } = await (await importing(app, JSON.stringify({ llm_context: { messages } }))).json();
    await app.send('POST', `/api/sessions/${id}/chat`, { content: 'x' });
    // The system message, the imported ones and the new one.
    expect(model.calls[0]).toHaveLength(2002);
    const { agent_state } = await (await app.get(`/api/sessions/${id}`)).json();
    expect(agent_state.llm_context.messages).toHaveLength(2002);
  });

  for (const [title, state, says] of [
    [
      'of a team',
      '{"type":"TeamState","version":"1.0.0","agent_states":{"writer":{}}}',
      /team.*agent_states/,
    ],
    [
      'of a container',
      '{"type":"ChatAgentContainerState","agent_state":{},"message_buffer":[]}',
      /llm_context/,
    ],
    ['of a manager', '{"type":"RoundRobinManagerState","message_thread":[],"current_turn":0}', /llm_context/],
    ['of a workbench', '{"type":"McpWorkBenchState"}', /llm_context/],
    ['without its type', '{"message_thread":[]}', /llm_context/],
  ] as const) {
    test(`${title} is 422, and not an empty one`, async () => {
      const app = await testApp(database);
      expect(await expectInvalid(await importing(app, state), ['body', 'agent_state'])).toMatch(says);
      expect(await (await app.get('/api/sessions')).json()).toEqual([]);
    });
  }

  test('is not changed later: 422 that says where it is given', async () => {
    const app = await testApp(database);
    const { id } = await (await importing(app, saved)).json();
    const change = { name: 'x', agent_state: { llm_context: { messages: [] } } };
    const msg = await expectInvalid(await app.send('PATCH', `/api/sessions/${id}`, change), [
      'body',
      'agent_state',
    ]);
    expect(msg).toContain('POST /api/sessions');
    const session = await (await app.get(`/api/sessions/${id}`)).json();
    expect(session.name).toBe('New session');
    expect(JSON.stringify(session.agent_state)).toBe(saved);
    const none = await app.send('PATCH', `/api/sessions/${id}`, { name: 'x', agent_state: null });
    expect(none.status).toBe(200);
  });

  test('with an image of 1.2 MB is taken, and reaches the model; one beyond its limit is 413', async () => {
    const model = scriptedModel();
    const app = await testApp(database, { model, contextPolicy: { kind: 'unbounded' } });
    const image = { data: 'A'.repeat(1_600_000) };
    const seen = { content: ['look', image], source: 'user', type: 'UserMessage' };
    const response = await importing(app, JSON.stringify({ llm_context: { messages: [seen] } }));
    expect(response.status).toBe(201);
    const { id } = await response.json();
    await app.send('POST', `/api/sessions/${id}/chat`, { content: 'what is it?' });
    expect(JSON.stringify(model.calls[0])).toContain(JSON.stringify(image));
    const large = `{"more":"${'A'.repeat(16 * 1024 ** 2)}"}`;
    await expectProblem(await importing(app, large), 413);
    const tooLong = JSON.stringify({ content: image.data });
    await expectProblem(await app.send('POST', `/api/sessions/${id}/chat`, tooLong), 413);
  });

  describe('in the history', () => {
    type Shown = { id: string; role: string; type: string; source: string; content: unknown };

    async function historyOf(state: object, said: string[] = []) {
      const app = await testApp(database);
      const { id } = await (await importing(app, JSON.stringify(state))).json();
      for (const content of said) await app.send('POST', `/api/sessions/${id}/chat`, { content });
      return async (query = ''): Promise<Shown[]> =>
        (await app.get(`/api/sessions/${id}/history${query}`)).json();
    }

    test('stands before what was said since, where it is asked for', async () => {
      const read = await historyOf(JSON.parse(saved), ['and now?']);
      expect(await read()).toHaveLength(2);
      const shown = await read('?include=imported');
      expect(shown.map(({ role, type, content }) => [role, type, content])).toEqual([
        ['user', 'TextMessage', 'hi'],
        ['assistant', 'TextMessage', 'It is 42.'],
        ['user', 'TextMessage', 'and now?'],
        ['assistant', 'TextMessage', 'echo: and now?'],
      ]);
      expect(shown[0]).toMatchObject({ source: 'user', models_usage: null, metadata: { imported: 'true' } });
      expect(await read('?include=imported')).toEqual(shown);
    });

    test('has its calls of tools and thoughts with the events, each with an id of its own', async () => {
      const shown = await (await historyOf(JSON.parse(saved)))('?include=events,imported');
      expect(shown.map(({ type, source }) => [type, source])).toEqual([
        ['TextMessage', 'user'],
        ['ThoughtEvent', 'assistant'],
        ['ToolCallRequestEvent', 'assistant'],
        ['ToolCallExecutionEvent', 'assistant'],
        ['TextMessage', 'assistant'],
      ]);
      expect(new Set(shown.map(({ id }) => id)).size).toBe(5);
    });

    test('has images as they were given, and no instructions', async () => {
      const content = ['look', { data: 'aGk=' }];
      const messages = [
        { type: 'SystemMessage', content: 'Be kind.' },
        { type: 'UserMessage', source: 'Alice_1', content },
      ];
      const shown = await (await historyOf({ llm_context: { messages } }))('?include=imported');
      expect(shown).toMatchObject([{ type: 'MultiModalMessage', role: 'user', source: 'Alice_1', content }]);
    });

    test('is paged with the rest as one list, forwards and backwards', async () => {
      const messages = Array.from({ length: 7 }, (_, place) => ({
        content: `old ${place}`,
        source: 'user',
        type: 'UserMessage',
      }));
      const read = await historyOf({ llm_context: { messages } }, ['a', 'b']);
      const all = await read('?include=imported');
      expect(all).toHaveLength(11);
      for (const limit of [1, 2, 3, 4, 7, 8, 20]) {
        const forwards: Shown[] = [];
        for (let offset = 0; offset < 11; offset += limit)
          forwards.push(...(await read(`?include=imported&limit=${limit}&offset=${offset}`)));
        expect(forwards).toEqual(all);
        const backwards: Shown[] = all.slice(-1);
        for (let page = backwards; page.length > 0; backwards.unshift(...page))
          page = await read(`?include=imported&limit=${limit}&before=${backwards[0]?.id}`);
        expect(backwards).toEqual(all);
      }
    });
  });
});
