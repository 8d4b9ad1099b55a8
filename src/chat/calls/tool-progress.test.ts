// What a tool tells of its progress, as those who follow its turn see it: here, elsewhere, and late.
import { beforeAll, expect, test } from 'bun:test';
import { createAgents } from '../../agent/agent.ts';
import { createAssistant } from '../../agent/assistant.ts';
import { DEFAULT_CONTEXT_POLICY } from '../../agent/context-policy.ts';
import type { Database } from '../../db/database.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { eachEvent, readEvents } from '../../testing/event-stream.ts';
import { newOwner } from '../../testing/owners.ts';
import { callFor, say, scriptedModel } from '../../testing/scripted-model.ts';
import { testApp } from '../../testing/test-app.ts';
import { testWorkbench } from '../../testing/workbench.ts';
import type { ToolProgress } from '../../tools/tool.ts';
import { tellCalmly } from './tell-progress.ts';

const stream = { accept: 'text/event-stream' };

onEachDatabase('the progress of a call', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  /** Two processes, and a call that tells of its progress and then waits until it is let go on. */
  async function slowCall() {
    const started = Promise.withResolvers<(at: ToolProgress) => void>();
    const goOn = Promise.withResolvers<void>();
    const workbench = testWorkbench({
      slow: {
        annotations: { readOnlyHint: true },
        run: async (_, { progress = () => {} }) => {
          progress({ progress: 1, total: 3, message: 'reading' });
          started.resolve(progress);
          await goOn.promise;
          return 'read';
        },
      },
    });
    const model = scriptedModel((messages) =>
      messages.at(-1)?.type === 'UserMessage' ? callFor([['slow', '{}']]) : say(['Done.']),
    );
    const owner = await newOwner(database);
    const assistant = () =>
      createAssistant({ model, systemMessage: null, contextPolicy: DEFAULT_CONTEXT_POLICY, workbench });
    const one = await testApp(database, { agents: createAgents(assistant()), owner });
    const other = await testApp(database, { agents: createAgents(assistant()), owner });
    const path = `/api/sessions/${await one.newSession()}`;
    const live = await one.send('POST', `${path}/chat`, { content: 'read it' }, stream);
    const progress = await started.promise;
    const [turn] = await (await one.get(`${path}/turns`)).json();
    const at = `${path}/turns/${turn.id}`;
    return { one, other, at, path, live, progress, model, goOn: goOn.resolve };
  }

  const first = {
    source: 'assistant',
    type: 'ToolProgressEvent',
    id: 'call-1',
    progress: 1,
    total: 3,
    message: 'reading',
  };
  const last = { source: 'assistant', type: 'ToolProgressEvent', id: 'call-1', progress: 3, total: 3 };

  test('is told while it goes on, here and in another process, and its newest to who comes late', async () => {
    const { one, other, at, path, live, progress, model, goOn } = await slowCall();
    const follow = async (response: Response) => {
      const seen: { event: string; data: object }[] = [];
      for await (const { event, data } of eachEvent(response)) {
        seen.push({ event, data });
        // Nothing else lets the call end: so it was told before.
        if (event === 'ToolProgressEvent') {
          sees.push(event);
          if (sees.length === 2) {
            progress({ progress: 2, total: 3 });
            progress({ progress: 3, total: 3 });
            goOn();
          }
        }
      }
      return seen;
    };
    const sees: string[] = [];
    const seen = await Promise.all([follow(live), follow(await other.get(at, stream))]);
    for (const events of seen) {
      const told = events.filter(({ event }) => event === 'ToolProgressEvent').map(({ data }) => data);
      // Whether what came between is told depends on how fast it all was.
      expect([told[0], told.at(-1)]).toEqual([first, last]);
      expect(told.length).toBeLessThanOrEqual(3);
      expect(events.map(({ event }) => event).slice(-4)).toEqual([
        'ToolProgressEvent',
        'ToolCallExecutionEvent',
        'ToolCallSummaryMessage',
        'done',
      ]);
    }
    for (const app of [one, other]) {
      const again = await readEvents(await app.get(at, stream));
      expect(again.map(({ event }) => event)).toEqual([
        'turn',
        'ToolCallRequestEvent',
        'ToolProgressEvent',
        'ToolCallExecutionEvent',
        'ToolCallSummaryMessage',
        'done',
      ]);
      expect(again[2]?.data as object).toEqual(last);
      // Its cursor is that of the event before it.
      const rest = await readEvents(await app.get(at, { ...stream, 'last-event-id': again[2]?.id ?? '' }));
      expect(rest.map(({ event }) => event).slice(-3)).toEqual([
        'ToolCallExecutionEvent',
        'ToolCallSummaryMessage',
        'done',
      ]);
    }
    await one.send('POST', `${path}/chat`, { content: 'again' });
    expect(JSON.stringify(model.calls)).not.toContain('reading');
  });

  test('is not kept where its turn is cancelled, and a call that goes on in vain tells nothing', async () => {
    const { one, at, live, progress, goOn } = await slowCall();
    await one.send('POST', `${at}/cancel`, {});
    const events = await readEvents(live);
    expect(events.at(-1)?.data).toMatchObject({ status: 'cancelled' });
    progress({ progress: 2 });
    goOn();
    const again = await readEvents(await one.get(at, stream));
    expect(again.map(({ event }) => event)).not.toContain('ToolProgressEvent');
  });
});

test('a tool that tells a thousand times at once is heard twice, and the last counts', () => {
  const told: number[] = [];
  const { take, end } = tellCalmly(({ progress }) => told.push(progress));
  for (let n = 0; n < 1000; n++) take({ progress: n });
  take({ progress: Number.POSITIVE_INFINITY });
  end();
  take({ progress: 2000 });
  expect(told).toEqual([0, 999]);
});
