// Turns whose model calls tools: what is told, stored, shown to the model, and asked of a person.
import { beforeAll, expect, test } from 'bun:test';
import { createAgents } from '../../agent/agent.ts';
import { defaultLoop, type LoopSettings } from '../../agent/agent-description.ts';
import { createAssistant } from '../../agent/assistant.ts';
import { DEFAULT_CONTEXT_POLICY } from '../../agent/context-policy.ts';
import type { Database } from '../../db/database.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { readEvents } from '../../testing/event-stream.ts';
import { callFor, type Script, say, scriptedModel } from '../../testing/scripted-model.ts';
import { testApp } from '../../testing/test-app.ts';
import { type TestTool, testWorkbench } from '../../testing/workbench.ts';

onEachDatabase('a turn with tools', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  const reads = { readOnlyHint: true };

  async function appWith(script: Script, tools: Record<string, TestTool>, loop: Partial<LoopSettings> = {}) {
    const model = scriptedModel(script);
    const workbench = testWorkbench(tools);
    const agents = createAgents(
      createAssistant({
        model,
        systemMessage: 'You use tools.',
        contextPolicy: DEFAULT_CONTEXT_POLICY,
        workbench,
        loop: { ...defaultLoop, ...loop },
      }),
    );
    const app = await testApp(database, { agents });
    const id = await app.newSession();
    const chat = (accept = 'application/json') =>
      app.send('POST', `/api/sessions/${id}/chat`, { content: 'what is it?' }, { accept });
    const history = async (query = '') =>
      (await (await app.send('GET', `/api/sessions/${id}/history${query}`, undefined)).json()) as {
        type: string;
        content: unknown;
      }[];
    return { ...app, id, model, workbench, chat, history };
  }

  test('ends in a summary of the results, and tells and keeps each step', async () => {
    const { chat, history, workbench, send, id, model } = await appWith(
      () =>
        callFor(
          [
            ['look', '{"at":"x"}'],
            ['fail', '{}'],
          ],
          'Let me look.',
        ),
      {
        look: { annotations: reads, run: ({ at }) => `seen ${at}` },
        fail: { annotations: reads, run: () => Promise.reject(new Error('kaput')) },
      },
    );
    const events = await readEvents(await chat('text/event-stream'));
    expect(events.map(({ event }) => event)).toEqual([
      'turn',
      'ModelClientStreamingChunkEvent',
      'ThoughtEvent',
      'ToolCallRequestEvent',
      'ToolCallExecutionEvent',
      'ToolCallSummaryMessage',
      'done',
    ]);
    const calls = [
      { id: 'call-1', arguments: '{"at":"x"}', name: 'look' },
      { id: 'call-2', arguments: '{}', name: 'fail' },
    ];
    const results = [
      { content: 'seen x', name: 'look', call_id: 'call-1', is_error: false },
      { content: 'kaput', name: 'fail', call_id: 'call-2', is_error: true },
    ];
    expect(events[2]?.data).toMatchObject({ content: 'Let me look.' });
    expect(events[3]?.data).toMatchObject({
      content: calls,
      type: 'ToolCallRequestEvent',
      text: 'Let me look.',
    });
    expect(events[4]?.data).toMatchObject({ content: results });
    expect(events[5]?.data).toMatchObject({
      source: 'assistant',
      metadata: { model: 'scripted' },
      content: 'seen x\nkaput',
      tool_calls: calls,
      results,
    });
    expect(model.askings[0]?.tools?.map(({ name }) => name)).toEqual(['look', 'fail']);
    expect(workbench.calls.map(({ name }) => name)).toEqual(['look', 'fail']);
    expect((await history()).map(({ type }) => type)).toEqual(['TextMessage', 'ToolCallSummaryMessage']);
    expect((await history('?include=events')).map(({ type }) => type)).toEqual([
      'TextMessage',
      'ThoughtEvent',
      'ToolCallRequestEvent',
      'ToolCallExecutionEvent',
      'ToolCallSummaryMessage',
    ]);
    const again = await readEvents(
      await send('GET', `/api/sessions/${id}/turns/${events[0]?.data.turn_id}`, undefined, {
        accept: 'text/event-stream',
      }),
    );
    expect(again).toEqual(events);
  });

  test('asks the model again until it says something, and shows it what was done', async () => {
    const { chat, model } = await appWith(
      (_, call) => (call < 3 ? callFor([['look', `{"n":${call}}`]]) : say(['It is 2.'])),
      { look: { annotations: reads, run: ({ n }) => `result ${n}` } },
      { maxToolIterations: 5 },
    );
    const reply = await (await chat()).json();
    expect(reply).toMatchObject({ type: 'TextMessage', content: 'It is 2.' });
    expect(model.calls[2]?.slice(1)).toEqual([
      { content: 'what is it?', source: 'user', type: 'UserMessage' },
      {
        content: [{ id: 'call-1', arguments: '{"n":1}', name: 'look' }],
        thought: null,
        source: 'assistant',
        type: 'AssistantMessage',
      },
      {
        content: [{ content: 'result 1', name: 'look', call_id: 'call-1', is_error: false }],
        type: 'FunctionExecutionResultMessage',
      },
      expect.objectContaining({ type: 'AssistantMessage' }) as never,
      expect.objectContaining({ type: 'FunctionExecutionResultMessage' }) as never,
    ]);
  });

  test('reflects where it is told to, without tools', async () => {
    const { chat, model } = await appWith(
      (_, call) => (call === 1 ? callFor([['look', '{}']]) : say(['Seen.'])),
      { look: { annotations: reads } },
      { reflectOnToolUse: true },
    );
    expect(await (await chat()).json()).toMatchObject({ type: 'TextMessage', content: 'Seen.' });
    expect(model.askings.map((asking) => asking?.tools?.length ?? 0)).toEqual([1, 0]);
  });

  test('tells the model of calls that cannot be made', async () => {
    const { chat, workbench } = await appWith(
      () =>
        callFor([
          ['unknown', '{}'],
          ['look', '{"a":'],
        ]),
      { look: { annotations: reads } },
    );
    const { results } = (await (await chat()).json()) as {
      results: { content: string; is_error: boolean }[];
    };
    expect(results[0]).toMatchObject({
      content: "Error: tool 'unknown' not found in any workbench",
      is_error: true,
    });
    expect(results[1]?.content).toStartWith('Error: ');
    expect(workbench.calls).toEqual([]);
  });

  test('waits for a person before what may change something', async () => {
    const { chat, workbench, send, id, history } = await appWith(
      () =>
        callFor([
          ['look', '{}'],
          ['write', '{"to":"a"}'],
        ]),
      { look: { annotations: reads }, write: { run: ({ to }) => `written to ${to}` } },
    );
    const reply = chat();
    const turn = async () =>
      (
        (await (await send('GET', `/api/sessions/${id}/turns`, undefined)).json()) as {
          id: string;
          status: string;
        }[]
      )[0];
    while ((await turn())?.status !== 'waiting') await Bun.sleep(5);
    expect(workbench.calls.map(({ name }) => name)).toEqual(['look']);
    const pending = (await (await send('GET', '/api/approvals?status=pending', undefined)).json()) as {
      id: string;
      call: { name: string };
    }[];
    expect(pending).toMatchObject([{ call: { name: 'write', arguments: '{"to":"a"}' } }]);
    const outcomes = async () => {
      const turnPath = `/api/sessions/${id}/turns/${(await turn())?.id}?outcomes=true`;
      return ((await (await send('GET', turnPath, undefined)).json()) as { outcomes: object[] }).outcomes;
    };
    const nobody = { decision: null, decided_by: null, arguments: null };
    expect(await outcomes()).toMatchObject([
      { call_id: 'call-1', status: 'finished', ...nobody, finished_at: expect.any(String) },
      { approval_id: pending[0]?.id, status: 'waiting', ...nobody, started_at: null, finished_at: null },
    ]);
    const path = `/api/sessions/${id}/turns/${(await turn())?.id}/approvals/${pending[0]?.id}`;
    const approve = await send('POST', path, { decision: 'approve', arguments: { to: 'b' } });
    expect(approve.status).toBe(200);
    expect(await (await reply).json()).toMatchObject({ content: 'look done\nwritten to b' });
    expect((await send('POST', path, { decision: 'approve', arguments: { to: 'b' } })).status).toBe(200);
    expect((await send('POST', path, { decision: 'deny' })).status).toBe(409);
    expect((await outcomes())[1]).toMatchObject({
      status: 'finished',
      decision: 'approve',
      decided_by: expect.any(String),
      arguments: '{"to":"b"}',
    });
    const [, asked, execution] = (await history('?include=events')).slice(1);
    expect<unknown>(asked).toEqual({
      source: 'assistant',
      type: 'ApprovalRequestEvent',
      id: pending[0]?.id,
      call: { id: 'call-2', name: 'write', arguments: '{"to":"a"}' },
      server: null,
      expires_at: expect.any(String),
    });
    expect(execution).toMatchObject({ type: 'ToolCallExecutionEvent', outcomes: await outcomes() });
    expect(await (await send('GET', '/api/approvals?status=pending', undefined)).json()).toEqual([]);
  });
});
