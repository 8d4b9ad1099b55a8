import { expect, test } from 'bun:test';
import { assistantAgentState } from '../../chat/context/state.ts';
import { addMessage, addSession, makeTables, onEachDatabaseToAdopt } from '../../testing/fastapi-database.ts';
import { chatSessions } from '../schema.ts';

onEachDatabaseToAdopt('the agent states of an adopted database', ({ onEmpty, adopt }) => {
  test('a state goes on as the context exactly when it can be read and says something', async () => {
    await onEmpty(async (tx) => {
      await makeTables(tx, '001');
      const sessions = new Map<string, string | null>();
      for (const state of [null, ...statesToTry()]) {
        const session = await addSession(tx, { state });
        await addMessage(tx, session, {});
        await addMessage(tx, session, { source: 'assistant' });
        sessions.set(session, state);
      }
      const { unreadableStates } = await adopt(tx);
      const rows = await tx.select().from(chatSessions);
      let kept = 0;
      for (const row of rows) {
        const state = sessions.get(row.id) ?? null;
        const read = assistantAgentState.safeParse(state === null ? null : JSON.parse(state));
        const goesOn = read.success && read.data.llm_context.messages.length > 0;
        if (goesOn) kept += 1;
        expect({ state, stored: row.agentState as unknown, seq: row.agentStateSeq }).toEqual(
          goesOn ? { state, stored: JSON.parse(state ?? ''), seq: 2 } : { state, stored: null, seq: 0 },
        );
      }
      expect(rows.length).toBe(sessions.size);
      expect(kept).toBe(goodStates.length);
      // Those that said nothing are not counted: two that are empty, and one without messages.
      const empty = [null, '{}', 'null', JSON.stringify(stateOf([]))];
      const silent = [...sessions.values()].filter((state) => empty.includes(state));
      expect(unreadableStates).toBe(sessions.size - kept - silent.length);
    });
  });

  test('a state with NUL and half a surrogate pair goes on without them', async () => {
    await onEmpty(async (tx) => {
      await makeTables(tx, '001');
      const state =
        '{"llm_context":{"messages":[{"content":"a\\u0000b\\ud83d","source":"user","type":"UserMessage"}]}}';
      await addMessage(tx, await addSession(tx, { state }), {});
      await adopt(tx);
      const [row] = await tx.select().from(chatSessions);
      expect(row?.agentState).toEqual({
        llm_context: { messages: [{ content: 'ab\ufffd', source: 'user', type: 'UserMessage' }] },
      });
    });
  });
});

const user = { content: 'hi', source: 'user', type: 'UserMessage' };
const assistant = { content: 'hello', thought: null, source: 'assistant', type: 'AssistantMessage' };
const call = { id: 'call_1', arguments: '{"q":"x"}', name: 'search' };
const result = { content: '42', name: 'search', call_id: 'call_1', is_error: false };
const results = { content: [result], type: 'FunctionExecutionResultMessage' };

const goodMessages: object[] = [
  user,
  { ...user, content: ['look', { data: 'iVBORw0KGgo=' }], extra: 1 },
  { ...user, content: [] },
  assistant,
  { content: 'hello', source: 'assistant', type: 'AssistantMessage' },
  { ...assistant, content: [call, call], thought: 'let me look' },
  results,
  {
    ...results,
    content: [
      { ...result, is_error: null },
      { content: '', name: '', call_id: '' },
    ],
  },
  { content: 'be brief', type: 'SystemMessage' },
];
const badMessages: unknown[] = [
  'text',
  null,
  [],
  7,
  {},
  { content: 'hi', source: 'user' },
  { ...user, type: 'TextMessage' },
  { ...user, type: null },
  { ...user, content: null },
  { ...user, content: 5 },
  { ...user, content: [5] },
  { ...user, content: [{ data: 5 }] },
  { ...user, content: [{ url: 'x' }] },
  { content: 'hi', type: 'UserMessage' },
  { source: 'user', type: 'UserMessage' },
  { ...assistant, source: 1 },
  { ...assistant, thought: 5 },
  { ...assistant, content: {} },
  { ...assistant, content: ['text'] },
  { ...assistant, content: [{ ...call, id: undefined }] },
  { ...assistant, content: [{ ...call, arguments: {} }] },
  { ...assistant, content: [call, { ...call, name: null }] },
  { ...results, content: 'text' },
  { ...results, content: [{ ...result, content: 42 }] },
  { ...results, content: [{ ...result, name: undefined }] },
  { ...results, content: [{ ...result, call_id: undefined }] },
  { ...results, content: [{ ...result, is_error: 'no' }] },
  { type: 'FunctionExecutionResultMessage' },
  { content: ['be brief'], type: 'SystemMessage' },
];
const stateOf = (messages: unknown) => ({
  type: 'AssistantAgentState',
  version: '1.0.0',
  llm_context: { messages },
});
const goodStates: object[] = [
  ...goodMessages.map((message) => stateOf([message])),
  stateOf(goodMessages),
  { llm_context: { messages: [user] }, more: { x: [1] } },
];

/** States as JSON: all that are good, and each way not to be. */
function statesToTry(): string[] {
  const bad = [
    ...badMessages.map((message) => stateOf([user, message])),
    ...[[], {}, null, 'text', 5, undefined].map(stateOf),
    ...[{}, [], null, 'text', 5, { llm_context: {} }, { llm_context: [] }, { llm_context: null }],
  ];
  return [...goodStates, ...bad].map((state) => JSON.stringify(state));
}
