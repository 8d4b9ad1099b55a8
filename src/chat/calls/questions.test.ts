// Questions of an agent's to the person: how they wait, what answers them, and what the model is told.
import { beforeAll, expect, test } from 'bun:test';
import { defaultLoop, plainAgent } from '../../agent/agent-description.ts';
import { ASK_USER, askUserTool } from '../../agent/ask-user.ts';
import { DEFAULT_CONTEXT_POLICY } from '../../agent/context-policy.ts';
import { describedAgents } from '../../agent/described-agents.ts';
import { createToolHost } from '../../agent/workbench.ts';
import type { Database } from '../../db/database.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { expectProblem } from '../../testing/expect-problem.ts';
import { newOwner } from '../../testing/owners.ts';
import { callFor, say, scriptedModel } from '../../testing/scripted-model.ts';
import { testApp } from '../../testing/test-app.ts';

onEachDatabase('a question to the person', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  /** An agent that asks this and then speaks, in two processes. */
  async function asking(given: object | string, approvalSeconds?: number) {
    const text = typeof given === 'string' ? given : JSON.stringify(given);
    const model = scriptedModel((_, call) =>
      call === 1 ? callFor([[ASK_USER, text]]) : say(['Thank you.']),
    );
    const description = plainAgent({
      name: 'assistant',
      model,
      systemMessage: null,
      contextPolicy: DEFAULT_CONTEXT_POLICY,
      tools: [{ kind: 'question', name: ASK_USER, description: askUserTool.description }],
      approval: [{ tool: '*', rule: 'never' }],
      loop: { ...defaultLoop, maxToolIterations: 3 },
    });
    const owner = await newOwner(database);
    const process = () =>
      testApp(database, {
        agents: describedAgents([description], createToolHost()),
        owner,
        ...(approvalSeconds !== undefined && { approvalSeconds }),
      });
    const [app, other] = [await process(), await process()];
    const id = await app.newSession();
    const reply = app.send('POST', `/api/sessions/${id}/chat`, { content: 'go' }).then((one) => one.json());
    return { app, other, model, reply, id };
  }

  /** And waits, and how it is decided in the other process. */
  async function waiting(given: object) {
    const asked = await asking(given);
    for (;;) {
      const [found] = await (await asked.app.get('/api/approvals')).json();
      if (found) {
        const path = `/api/sessions/${asked.id}/turns/${found.turn_id}/approvals/${found.id}`;
        return { ...asked, found, decide: (body: object) => asked.other.send('POST', path, body) };
      }
      await Bun.sleep(5);
    }
  }

  const question = { question: 'Which colour?', options: ['red', 'blue'] };

  test('waits whatever the rules say, can be answered and not approved, and its answer is its result', async () => {
    const { app, model, found, decide, reply } = await waiting(question);
    expect(model.askings[0]?.tools).toMatchObject([{ name: ASK_USER, parameters: askUserTool.parameters }]);
    const [{ tools }] = await (await app.get('/api/agents')).json();
    expect(tools).toMatchObject([{ name: ASK_USER, approval: 'always' }]);
    expect(found.call).toEqual({ id: 'call-1', name: ASK_USER, arguments: JSON.stringify(question) });
    const refused = await expectProblem(await decide({ decision: 'approve' }), 422);
    expect(refused.errors).toMatchObject([{ loc: ['body', 'decision'] }]);
    expect(refused.detail).toContain('this is a question');
    expect((await decide({ decision: 'answer', answer: 'blue' })).status).toBe(200);
    expect(await reply).toMatchObject({ content: 'Thank you.' });
    const result = { content: 'blue', name: ASK_USER, call_id: 'call-1', is_error: false };
    expect(model.calls[1]?.at(-1)).toEqual({ content: [result], type: 'FunctionExecutionResultMessage' });
  });

  test('that is not answered tells the model why', async () => {
    const { model, decide, reply } = await waiting({ question: 'Who are you?' });
    expect((await decide({ decision: 'deny', reason: 'it is a secret' })).status).toBe(200);
    await reply;
    const content = 'The user did not answer: it is a secret';
    expect(model.calls[1]?.at(-1)?.content).toMatchObject([{ content, is_error: true }]);
  });

  test('that nobody answers in time lets the turn go on without', async () => {
    const { app, id, model, reply } = await asking(question, 0);
    while ((await (await app.get(`/api/sessions/${id}/turns`)).json())[0]?.status !== 'waiting')
      await Bun.sleep(5);
    await app.turns.beat();
    await reply;
    const content = 'The user did not answer.';
    expect(model.calls[1]?.at(-1)?.content).toMatchObject([{ content, is_error: true }]);
  });

  test('that nobody could answer is told so, and waits for nobody', async () => {
    for (const given of ['{}', '{"question":" "}', '{"question":"x","options":[7]}']) {
      const { model, reply } = await asking(given);
      expect(await reply).toMatchObject({ content: 'Thank you.' });
      const content = 'Error: question must be a text, and options a list of texts';
      expect(model.calls[1]?.at(-1)?.content).toMatchObject([{ content, is_error: true }]);
    }
  });
});
