// What is told of calls whose turn was stopped before all of them had results: by the ledger, not by guess.
import { beforeAll, expect, test } from 'bun:test';
import { createAgents } from '../../agent/agent.ts';
import { createAssistant } from '../../agent/assistant.ts';
import { DEFAULT_CONTEXT_POLICY } from '../../agent/context-policy.ts';
import type { Database } from '../../db/database.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { readEvents } from '../../testing/event-stream.ts';
import { newOwner } from '../../testing/owners.ts';
import { callFor, say, scriptedModel } from '../../testing/scripted-model.ts';
import { testApp } from '../../testing/test-app.ts';
import { testWorkbench } from '../../testing/workbench.ts';

const stream = { accept: 'text/event-stream' };

onEachDatabase('calls of a turn that was stopped', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  /** Calls for the tools that the message names; `hang` never answers, `write` waits for a person. */
  async function app() {
    const hangs = Promise.withResolvers<void>();
    const workbench = testWorkbench({
      read: { annotations: { readOnlyHint: true }, run: () => 'it says hello' },
      hang: {
        annotations: { readOnlyHint: true },
        run: async (_, { signal }) => {
          hangs.resolve();
          await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
          return '';
        },
      },
      write: {},
    });
    const model = scriptedModel((messages) => {
      const { content, type } = messages.at(-1) ?? { content: '' };
      const asked = type === 'UserMessage' && typeof content === 'string' ? content.split(' ') : [];
      const names = asked.filter((name) => /^(read|hang|write)$/.test(name));
      return names.length > 0 ? callFor(names.map((name) => [name, '{}'])) : say(['hello']);
    });
    const owner = await newOwner(database);
    const assistant = () =>
      createAssistant({ model, systemMessage: null, contextPolicy: DEFAULT_CONTEXT_POLICY, workbench });
    const one = await testApp(database, { agents: createAgents(assistant()), owner });
    const other = await testApp(database, { agents: createAgents(assistant()), owner });
    const path = `/api/sessions/${await one.newSession()}`;
    const json = async (of: string) => (await one.get(of)).json();
    const turnIs = async (status: string) => {
      while ((await json(`${path}/turns`))[0]?.status !== status) await Bun.sleep(5);
      return `${path}/turns/${(await json(`${path}/turns`))[0].id}`;
    };
    return { one, other, path, model, hangs: hangs.promise, json, turnIs };
  }

  const read = { name: 'read', call_id: 'call-1', content: 'it says hello', is_error: false };
  const hung = (call_id: string) => ({
    name: 'hang',
    call_id,
    content: 'Error: the turn was stopped while this call was made. It is unknown whether it took effect.',
    is_error: true,
  });
  const unmade = (call_id: string) => ({
    name: 'write',
    call_id,
    content: 'Error: the turn was stopped before this call was made. It did not take effect.',
    is_error: true,
  });

  test('is told of each what the ledger knows, to people, in the state and to the next turn’s model', async () => {
    for (const names of ['read hang', 'read write']) {
      const { one, other, path, model, hangs, json, turnIs } = await app();
      const live = one.send('POST', `${path}/chat`, { content: names }, stream);
      if (names === 'read hang') await hangs;
      const at = await turnIs(names === 'read hang' ? 'running' : 'waiting');
      const elsewhere = other.get(at, stream);
      // Its result is stored when the other call still hangs.
      const finished = async () => (await json(`${at}?outcomes=true`)).outcomes[0].status === 'finished';
      while (!(await finished())) await Bun.sleep(5);
      expect(await (await one.send('POST', `${at}/cancel`, {})).json()).toMatchObject({
        status: 'cancelled',
      });
      const results = [read, names === 'read hang' ? hung('call-2') : unmade('call-2')];

      const events = await readEvents(await live);
      expect(events.at(-2)).toMatchObject({ event: 'ToolCallExecutionEvent', data: { content: results } });
      expect(await readEvents(await elsewhere)).toEqual(events);
      expect(await readEvents(await one.get(at, stream))).toEqual(events);

      await one.send('POST', `${path}/chat`, { content: 'go on' });
      const told = { type: 'FunctionExecutionResultMessage', content: results };
      expect(model.calls.at(-1)?.filter(({ type }) => type === told.type)).toEqual([told as never]);
      const state = (await json(path)).agent_state.llm_context.messages;
      expect(state[2]).toEqual(told);

      const history = await json(`${path}/history?include=events`);
      const execution = history.find(({ type }: { type: string }) => type === 'ToolCallExecutionEvent');
      expect(execution).toMatchObject({ content: results, outcomes: [{ status: 'finished' }, {}] });
      expect(execution).toMatchObject(events.at(-2)?.data as never);

      // So is whoever reads it as a file, or by a link.
      expect((await json(`${path}/export`)).messages).toEqual(history);
      const page = await (await one.get(`${path}/export?format=md`)).text();
      expect(page).toContain(String(results[1]?.content));
      const share = await (await one.send('POST', `${path}/shares`, undefined)).json();
      expect(await (await one.get(`/shared/${share.id}?format=md`)).text()).toContain(
        String(results[1]?.content),
      );

      // A session that is made of it has them too.
      const fork = await one.send('POST', `${path}/fork`, { message_id: history.at(-1).id });
      expect(
        (await json(`/api/sessions/${(await fork.json()).id}`)).agent_state.llm_context.messages,
      ).toEqual(state);
    }
  });

  test('is told while it waits that a call was not made yet, and what others gave', async () => {
    const { one, path, json, turnIs } = await app();
    const live = one.send('POST', `${path}/chat`, { content: 'read write' });
    const at = await turnIs('waiting');
    const waits = {
      name: 'write',
      call_id: 'call-2',
      content: 'Error: there is no result yet. The call has not been made.',
      is_error: true,
    };
    expect((await json(path)).agent_state.llm_context.messages.at(-1)).toEqual({
      type: 'FunctionExecutionResultMessage',
      content: [read, waits],
    });
    const events = (await json(`${path}/history?include=events`)).map(({ type }: { type: string }) => type);
    expect(events).toEqual(['TextMessage', 'ToolCallRequestEvent']);
    await one.send('POST', `${at}/cancel`, {});
    await live;
  });
});
