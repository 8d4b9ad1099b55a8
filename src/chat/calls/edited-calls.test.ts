// A call whose arguments a person gave in place of the model's: what was really called is told, everywhere.
import { beforeAll, expect, test } from 'bun:test';
import { createAgents } from '../../agent/agent.ts';
import { createAssistant } from '../../agent/assistant.ts';
import { DEFAULT_CONTEXT_POLICY } from '../../agent/context-policy.ts';
import type { Database } from '../../db/database.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { readEvents } from '../../testing/event-stream.ts';
import { callFor, say, scriptedModel } from '../../testing/scripted-model.ts';
import { testApp } from '../../testing/test-app.ts';
import { testWorkbench } from '../../testing/workbench.ts';

onEachDatabase('a call with arguments that a person gave', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  const asked = '{"to":"all"}';
  const made = '{"to":"me"}';

  /** Its model writes twice where it may go on; the reply is a line of the last arguments and results. */
  async function app(maxToolIterations: number) {
    const model = scriptedModel((messages) =>
      messages.at(-1)?.type === 'UserMessage' ? callFor([['write', asked]]) : say(['Done.']),
    );
    const workbench = testWorkbench({ write: { run: ({ to }) => `written to ${to}` } });
    const loop = {
      maxToolIterations,
      reflectOnToolUse: false,
      summaryFormat: '{arguments} gave {result}',
    };
    const one = await testApp(database, {
      agents: createAgents(
        createAssistant({
          model,
          systemMessage: null,
          contextPolicy: DEFAULT_CONTEXT_POLICY,
          workbench,
          loop,
        }),
      ),
    });
    const path = `/api/sessions/${await one.newSession()}`;
    const json = async (of: string) => (await one.get(of)).json();
    const live = one.send('POST', `${path}/chat`, { content: 'write' }, { accept: 'text/event-stream' });
    while ((await json(`${path}/turns`))[0]?.status !== 'waiting') await Bun.sleep(5);
    const at = `${path}/turns/${(await json(`${path}/turns`))[0].id}`;
    const waiting = (await json('/api/approvals')).filter(({ turn_id }: { turn_id: string }) =>
      at.endsWith(turn_id),
    );
    const approves = { decision: 'approve', arguments: JSON.parse(made) };
    expect((await one.send('POST', `${at}/approvals/${waiting[0].id}`, approves)).status).toBe(200);
    await one.turns.beat();
    return { one, json, path, at, model, workbench, events: await readEvents(await live) };
  }

  test('is the call that the model is shown and the state has, and both are told to who follows', async () => {
    const { one, json, path, at, model, workbench, events } = await app(2);
    expect(workbench.calls.map(({ args }) => args)).toEqual([{ to: 'me' }]);
    const call = { id: 'call-1', name: 'write', arguments: made };
    expect(model.calls.at(-1)?.at(-2)).toMatchObject({ content: [call] });
    expect((await json(path)).agent_state.llm_context.messages[1]).toMatchObject({ content: [call] });
    const told = [
      { type: 'ToolCallRequestEvent', content: [{ ...call, arguments: asked }] },
      { type: 'ToolCallExecutionEvent', outcomes: [{ call_id: 'call-1', arguments: made }] },
    ];
    const steps = (all: { type?: string }[]) =>
      all.filter(({ type }) => told.some((one) => one.type === type));
    expect(steps(events.map(({ data }) => data))).toMatchObject(told);
    expect(
      steps((await readEvents(await one.get(at, { accept: 'text/event-stream' }))).map(({ data }) => data)),
    ).toMatchObject(told);
    expect(steps(await json(`${path}/history?include=events`))).toMatchObject(told);
    expect((await json(`${at}?outcomes=true`)).outcomes).toMatchObject([{ arguments: made }]);
  });

  test('is what a summary of the results tells', async () => {
    const { json, path } = await app(1);
    expect((await json(`${path}/history`)).at(-1)).toMatchObject({
      type: 'ToolCallSummaryMessage',
      content: `${made} gave written to me`,
      tool_calls: [{ arguments: made }],
    });
  });
});
