// Turns whose tools misbehave, or are gone for a while: what is made, what is told, and that the turn ends.
import { beforeAll, expect, test } from 'bun:test';
import { createAgents } from '../../agent/agent.ts';
import { defaultLoop, type LoopSettings } from '../../agent/agent-description.ts';
import { createAssistant } from '../../agent/assistant.ts';
import { DEFAULT_CONTEXT_POLICY } from '../../agent/context-policy.ts';
import type { Database } from '../../db/database.ts';
import { allowanceOf, setLimits } from '../../testing/allowances.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { newOwner } from '../../testing/owners.ts';
import { callFor, type Script, say, scriptedModel } from '../../testing/scripted-model.ts';
import { testApp } from '../../testing/test-app.ts';
import { type TestTool, testWorkbench } from '../../testing/workbench.ts';
import { joinWorkbenches } from '../../tools/join-workbenches.ts';
import type { Workbench } from '../../tools/tool.ts';
import { longestResult } from '../../tools/tool.ts';

type Result = { content: string; call_id: string; is_error: boolean };

onEachDatabase('a turn whose tools misbehave', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  const reads = { readOnlyHint: true };

  /** `list`: which of the tools there are when they are listed for so many times. */
  async function appWith(
    script: Script,
    tools: Record<string, TestTool>,
    { loop = {}, list }: { loop?: Partial<LoopSettings>; list?: (count: number) => boolean } = {},
  ) {
    const model = scriptedModel(script);
    const workbench = testWorkbench(tools);
    let listed = 0;
    const listAll = workbench.list;
    workbench.list = async (signal) => {
      listed++;
      return list && !list(listed) ? [] : listAll(signal);
    };
    const agents = createAgents(
      createAssistant({
        model,
        systemMessage: null,
        contextPolicy: DEFAULT_CONTEXT_POLICY,
        workbench,
        loop: { ...defaultLoop, ...loop },
      }),
    );
    const app = await testApp(database, { agents });
    const id = await app.newSession();
    const chat = (content = 'go') => app.send('POST', `/api/sessions/${id}/chat`, { content });
    const turns = async (): Promise<{ id: string; status: string }[]> =>
      (await app.get(`/api/sessions/${id}/turns`)).json();
    /** The newest turn, once it has this status. */
    const turnThat = async (status: string): Promise<string> => {
      for (;;) {
        const [turn] = await turns();
        if (turn?.status === status) return `/api/sessions/${id}/turns/${turn.id}`;
        if (turn && ['completed', 'failed', 'cancelled'].includes(turn.status))
          throw new Error(`it is ${turn.status}`);
        await Bun.sleep(5);
      }
    };
    return { ...app, id, model, workbench, chat, turns, turnThat };
  }

  test('asks a person also where the tools could not be listed when its calls were written down', async () => {
    const { chat, workbench, turnThat, send, get, store, owner } = await appWith(
      () => callFor([['write', '{}']]),
      { write: {} },
      // They are offered to the model, gone for a moment, and there again.
      { list: (count) => count !== 2 },
    );
    const reply = chat();
    const turn = await turnThat('waiting');
    expect(workbench.calls).toEqual([]);
    const [{ id }] = await (await get('/api/approvals')).json();
    // What is allowed is what the call is of when a person is asked.
    expect((await store.calls.waiting(owner, { limit: 1 })).calls[0]?.server).toBe('');
    expect((await send('POST', `${turn}/approvals/${id}`, { decision: 'approve' })).status).toBe(200);
    expect(await (await reply).json()).toMatchObject({ content: 'write done' });
    expect(workbench.calls.map(({ name }) => name)).toEqual(['write']);
  });

  test('tells and keeps of a result that is too long what a model can take', async () => {
    const { chat, get, id } = await appWith(() => callFor([['look', '{}']]), {
      look: { annotations: reads, run: () => `\u{1f600}${'x'.repeat(5 * 1024 ** 2)}` },
    });
    const { content, results } = (await (await chat()).json()) as { content: string; results: Result[] };
    expect(content.length).toBeLessThan(longestResult + 200);
    expect(content).toStartWith('\u{1f600}xxx');
    expect(results[0]?.content).toEndWith('xx\n[Cut here: the result has 5242882 characters.]');
    const kept = await (await get(`/api/sessions/${id}/history?include=events`)).text();
    // In the results, and as the summary with its results.
    expect(kept.length).toBeLessThan(3.1 * longestResult);
  });

  test('keeps what a tool and a model write, though no database keeps all of it', async () => {
    const lone = String.fromCharCode(0xd800);
    const { chat, workbench } = await appWith(
      () =>
        callFor([
          ['look', '{"at":"a\\u0000b"}'],
          ['fail', '{}'],
        ]),
      {
        look: { annotations: reads, run: () => `a\0b${lone}c` },
        fail: { annotations: reads, run: () => Promise.reject(new Error(`no\0${lone}`)) },
      },
    );
    const { results } = (await (await chat()).json()) as { results: Result[] };
    expect(results.map(({ content }) => content)).toEqual(['ab\ufffdc', 'no\ufffd']);
    expect(workbench.calls).toHaveLength(2);
  });

  test('keeps calls apart that the model gave one id', async () => {
    const { chat, workbench } = await appWith(
      () => [
        {
          type: 'calls',
          calls: ['a', 'b'].map((at) => ({ id: 'same', name: 'look', arguments: `{"at":"${at}"}` })),
        },
        { type: 'end', finishReason: 'function_calls', usage: { prompt_tokens: 1, completion_tokens: 1 } },
      ],
      { look: { annotations: reads, run: ({ at }) => `seen ${at}` } },
      { loop: { summaryFormat: '{arguments}: {result}' } },
    );
    expect(await (await chat()).json()).toMatchObject({
      content: '{"at":"a"}: seen a\n{"at":"b"}: seen b',
    });
    expect(new Set(workbench.calls.map(({ key }) => key)).size).toBe(2);
  });

  test('goes on where a workbench throws what it should have answered', async () => {
    const { chat, workbench } = await appWith(() => callFor([['look', '{}']]), {
      look: { annotations: reads },
    });
    const listed = await workbench.list(new AbortController().signal);
    const call = () => Promise.reject(new Error('a secret of the server'));
    workbench.list = async () => listed.map((tool) => ({ ...tool, call }));
    const answer = (await (await chat()).json()) as { results: Result[] };
    expect(answer.results).toMatchObject([{ is_error: true }]);
    expect(JSON.stringify(answer)).not.toContain('secret');
  });

  test('goes on without the tools of a server that cannot be listed', async () => {
    const down: Workbench = {
      ...testWorkbench({}),
      list: () => Promise.reject(new Error('the server is down')),
    };
    const { chat, workbench, model } = await appWith(
      () =>
        callFor([
          ['look', '{}'],
          ['gone', '{}'],
        ]),
      { look: { annotations: reads } },
    );
    const both = joinWorkbenches([down, { ...workbench }], () => {});
    workbench.list = both.list;
    const { results } = (await (await chat()).json()) as { results: Result[] };
    expect(results.map(({ content }) => content)).toEqual([
      'look done',
      "Error: tool 'gone' not found in any workbench",
    ]);
    expect(model.askings[0]?.tools?.map(({ name }) => name)).toEqual(['look']);
  });

  for (const heeds of [true, false])
    test(`stops at once when it is cancelled, and the next runs, while a tool ${heeds ? 'heeds' : 'ignores'} it`, async () => {
      const called = Promise.withResolvers<AbortSignal>();
      const { chat, send, turns, id } = await appWith(
        (messages) => (messages.at(-1)?.content === 'go' ? callFor([['hang', '{}']]) : say(['hello'])),
        {
          hang: {
            annotations: reads,
            run: (_, { signal }) =>
              new Promise((_resolve, reject) => {
                called.resolve(signal);
                if (heeds) signal.addEventListener('abort', () => reject(signal.reason));
              }),
          },
        },
      );
      const reply = chat();
      const signal = await called.promise;
      const next = chat('hi');
      while ((await turns()).length < 2) await Bun.sleep(5);
      const turn = (await turns()).at(-1)?.id;
      const cancelled = await send('POST', `/api/sessions/${id}/turns/${turn}/cancel`, {});
      expect(await cancelled.json()).toMatchObject({ status: 'cancelled' });
      expect(signal.aborted).toBe(true);
      expect((await reply).ok).toBe(false);
      expect(await (await next).json()).toMatchObject({ content: 'hello' });
    });

  test('is decided of by two at once, for two of its calls, and once for one', async () => {
    const { chat, workbench, turnThat, send, get } = await appWith(
      () =>
        callFor([
          ['write', '{"n":1}'],
          ['write', '{"n":2}'],
        ]),
      { write: { run: ({ n }) => `written ${n}` } },
    );
    const reply = chat();
    const turn = await turnThat('waiting');
    const pending = (await (await get('/api/approvals')).json()) as { id: string }[];
    const decided = await Promise.all(
      pending.flatMap(({ id }) =>
        [1, 2].map(() => send('POST', `${turn}/approvals/${id}`, { decision: 'approve' })),
      ),
    );
    expect(decided.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(await (await reply).json()).toMatchObject({ content: 'written 1\nwritten 2' });
    expect(workbench.calls).toHaveLength(2);
  });

  test('is decided of by nobody who may not', async () => {
    const { chat, turnThat, send, get, calledBy, owner, workbench } = await appWith(
      () => callFor([['write', '{}']]),
      { write: {} },
    );
    const reply = chat();
    const turn = await turnThat('waiting');
    const [{ id }] = await (await get('/api/approvals')).json();
    const path = `${turn}/approvals/${id}`;
    const approve = { decision: 'approve' };
    expect((await calledBy(owner, 'viewer').send('POST', path, approve)).status).toBe(403);
    expect((await calledBy(await newOwner(database)).send('POST', path, approve)).status).toBe(404);
    expect(workbench.calls).toEqual([]);
    expect((await send('POST', path, approve)).status).toBe(200);
    expect((await reply).status).toBe(200);
  });

  test('counts what it used once, whether it waited or not', async () => {
    const used = async (annotations: object) => {
      const { chat, turnThat, send, get, owner } = await appWith(
        (_, call) => (call === 1 ? callFor([['do', '{}']]) : say(['done'])),
        { do: { annotations } },
        { loop: { maxToolIterations: 2 } },
      );
      await setLimits(database, owner, { tokens_per_day: 1000 });
      const reply = chat();
      if (annotations !== reads) {
        const turn = await turnThat('waiting');
        const [{ id }] = await (await get('/api/approvals')).json();
        await send('POST', `${turn}/approvals/${id}`, { decision: 'approve' });
      }
      expect((await reply).status).toBe(200);
      return (await allowanceOf(database, owner)) as { tokens: number; turns: number; running: number };
    };
    const [plain, waited] = [await used(reads), await used({})];
    expect(plain).toMatchObject({ tokens: 10, turns: 1, running: 0 });
    expect(waited).toMatchObject({ tokens: 10, turns: 1, running: 0 });
  });

  test('lets what was said meanwhile run behind it once it is allowed', async () => {
    const { chat, turnThat, turns, send, get } = await appWith(
      (messages) => (messages.at(-1)?.content === 'go' ? callFor([['write', '{}']]) : say(['hello'])),
      { write: {} },
    );
    const reply = chat();
    const turn = await turnThat('waiting');
    const next = chat('hi');
    while ((await turns()).length < 2) await Bun.sleep(5);
    expect((await turns()).map(({ status }) => status)).toEqual(['queued', 'waiting']);
    const [{ id }] = await (await get('/api/approvals')).json();
    await send('POST', `${turn}/approvals/${id}`, { decision: 'approve' });
    expect(await (await reply).json()).toMatchObject({ content: 'write done' });
    expect(await (await next).json()).toMatchObject({ content: 'hello' });
  });

  for (const said of [
    { decision: 'approve', arguments: { to: 'a\0\ud800' } },
    { decision: 'deny', reason: 'no\0\ud800' },
    { decision: 'answer', answer: 'yes\0\ud800' },
  ])
    test(`ends, or says what is wrong, where a person who says ${said.decision} writes what cannot be kept`, async () => {
      const { chat, turnThat, send, get } = await appWith(() => callFor([['write', '{}']]), {
        write: { run: ({ to }) => `to ${to}` },
      });
      const reply = chat();
      const turn = await turnThat('waiting');
      const [{ id }] = await (await get('/api/approvals')).json();
      const { status } = await send('POST', `${turn}/approvals/${id}`, said);
      expect([200, 422]).toContain(status);
      if (status === 422) await send('POST', `${turn}/approvals/${id}`, { decision: 'deny' });
      expect((await reply).status).toBe(200);
    });

  test('ends where the model asks for no call at all', async () => {
    const { chat } = await appWith(() => callFor([], 'nothing to do'), { look: { annotations: reads } });
    expect([200, 502]).toContain((await chat()).status);
  });

  test('keeps what one call gave when it is cancelled in another', async () => {
    const hangs = Promise.withResolvers<void>();
    const { chat, turns, send, id, store, owner } = await appWith(
      () =>
        callFor([
          ['look', '{}'],
          ['hang', '{}'],
        ]),
      {
        look: { annotations: reads },
        hang: {
          annotations: reads,
          run: () => {
            hangs.resolve();
            return new Promise(() => {});
          },
        },
      },
    );
    const reply = chat();
    await hangs.promise;
    const turn = (await turns())[0]?.id ?? '';
    const calls = () => store.calls.ofTurn({ owner, session: id, turn });
    while ((await calls())[0]?.status !== 'finished') await Bun.sleep(5);
    await send('POST', `/api/sessions/${id}/turns/${turn}/cancel`, {});
    expect((await reply).ok).toBe(false);
    expect((await calls()).map(({ name, status, result }) => ({ name, status, result }))).toEqual([
      { name: 'look', status: 'finished', result: 'look done' },
      { name: 'hang', status: 'unknown', result: null },
    ]);
  });
});
