// Replies that have to follow a schema: AutoGen's StructuredMessage, wherever it is told, and what does not follow it.
import { beforeAll, expect, test } from 'bun:test';
import { defaultLoop, type LoopSettings, type OutputFormat, plainAgent } from '../agent/agent-description.ts';
import { DEFAULT_CONTEXT_POLICY } from '../agent/context-policy.ts';
import { describedAgents } from '../agent/described-agents.ts';
import { createToolHost } from '../agent/workbench.ts';
import type { Database } from '../db/database.ts';
import { onEachDatabase } from '../testing/databases.ts';
import { readEvents } from '../testing/event-stream.ts';
import { expectProblem } from '../testing/expect-problem.ts';
import { callFor, type Script, say, scriptedModel } from '../testing/scripted-model.ts';
import { testApp } from '../testing/test-app.ts';

onEachDatabase('a structured reply', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  const output: OutputFormat = {
    name: 'Ans',
    schema: {
      type: 'object',
      properties: {
        thoughts: { type: 'string' },
        score: { type: 'integer' },
        unit: { type: 'string', default: 'points' },
      },
      required: ['thoughts', 'score'],
    },
    format: '{thoughts}/{score}',
  };

  const describe = (script: Script, more: Partial<Parameters<typeof plainAgent>[0]> = {}) =>
    plainAgent({
      name: 'assistant',
      model: scriptedModel(script),
      systemMessage: null,
      contextPolicy: DEFAULT_CONTEXT_POLICY,
      output,
      ...more,
    });

  async function appWith(description: ReturnType<typeof plainAgent>) {
    const app = await testApp(database, { agents: describedAgents([description], createToolHost()) });
    const session = `/api/sessions/${await app.newSession()}`;
    const chat = (accept = 'application/json') =>
      app.send('POST', `${session}/chat`, { content: 'x' }, { accept });
    return { ...app, session, chat };
  }

  test('is the object, in the answer, the stream, the history, and told again; the state has its text', async () => {
    const text = '{"thoughts":"t","score":3}';
    const { get, session, chat, send } = await appWith(
      describe(() => say(['{"thoughts":', '"t","score":3}'])),
    );
    const reply = await (await chat()).json();
    const ours = {
      type: 'StructuredMessage[Ans]',
      content: { thoughts: 't', score: 3, unit: 'points' },
      format_string: '{thoughts}/{score}',
    };
    expect(reply).toMatchObject(ours);
    const events = await readEvents(await chat('text/event-stream'));
    expect(events.map(({ event }) => event)).toEqual([
      'turn',
      'ModelClientStreamingChunkEvent',
      'ModelClientStreamingChunkEvent',
      'StructuredMessage',
      'done',
    ]);
    expect(events[3]?.data).toMatchObject(ours);
    const [question, stored] = await (await get(`${session}/history`)).json();
    expect(stored).toEqual({ ...reply, parent_id: question.id });
    const turn = `${session}/turns/${events[0]?.data.turn_id}`;
    expect((await (await get(turn)).json()).reply).toMatchObject(ours);
    const again = await readEvents(await send('GET', turn, undefined, { accept: 'text/event-stream' }));
    expect(again.map(({ event }) => event)).toEqual([
      'turn',
      'ModelClientStreamingChunkEvent',
      'StructuredMessage',
      'done',
    ]);
    const state = (await (await get(session)).json()).agent_state;
    const said = { content: text, thought: null, source: 'assistant', type: 'AssistantMessage' };
    expect(state.llm_context.messages[1]).toEqual(said);
  });

  test('that is no JSON, is cut off, or does not follow its schema, fails the turn with where it does not', async () => {
    for (const [text, place] of [
      ['Three.', ''],
      ['{"thoughts":"t","sco', ''],
      ['[]', ''],
      ['{"thoughts":"t","score":"three"}', ', at score'],
      ['{"score":3}', ', at thoughts'],
    ] as const) {
      const { chat, get, session } = await appWith(describe(() => say([text])));
      const problem = await expectProblem(await chat(), 502);
      expect(problem.detail).toContain(`does not follow the JSON schema Ans${place}`);
      expect(problem).toMatchObject({ type: 'urn:agentchat:problem:model_failed', retryable: true });
      expect(await (await get(`${session}/history`)).json()).toMatchObject([{ type: 'TextMessage' }]);
    }
  });

  test('is asked for after tools too, and an AgentTool gives its text', async () => {
    const inner = describe(() => say(['{"thoughts":"t","score":3}']), { name: 'judge' });
    const loop: LoopSettings = { ...defaultLoop, maxToolIterations: 2 };
    const source = {
      kind: 'agent' as const,
      name: 'judge',
      description: '',
      agent: inner,
      returnsLast: true,
    };
    const { chat, session, get } = await appWith(
      describe(
        (_, call) =>
          call === 1
            ? callFor([['judge', '{"task":"x"}']], 'no {json} beside calls')
            : say(['{"thoughts":"so","score":1}']),
        { tools: [source], loop },
      ),
    );
    expect(await (await chat()).json()).toMatchObject({ content: { thoughts: 'so', score: 1 } });
    const history = await (await get(`${session}/history?include=events`)).json();
    const results = history.find(({ type }: { type: string }) => type === 'ToolCallExecutionEvent');
    expect(results.content).toMatchObject([{ content: 't/3', is_error: false }]);
  });
});
