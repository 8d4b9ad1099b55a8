// What a turn is charged that was stopped before its end, wherever that was noticed: what was asked for is counted once.
import { beforeAll, expect, test } from 'bun:test';
import { createAgents } from '../../agent/agent.ts';
import { createAssistant } from '../../agent/assistant.ts';
import { DEFAULT_CONTEXT_POLICY } from '../../agent/context-policy.ts';
import type { Database } from '../../db/database.ts';
import { ModelError } from '../../models/model.ts';
import { allowanceOf, setLimits } from '../../testing/allowances.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { newOwner } from '../../testing/owners.ts';
import { type Script, type Step, say, scriptedModel } from '../../testing/scripted-model.ts';
import { testApp } from '../../testing/test-app.ts';
import { expireLeases } from '../../testing/two-apps.ts';

const broken = new ModelError('failed', { 'zh-CN': '坏了', en: 'it broke' });
const half: Step = { type: 'content', text: 'half of it' };
const ms = 60_000;

onEachDatabase('a turn that was stopped', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  /** Two processes of one owner who has limits, and a session; `asked` resolves when the model is asked for the `nth` time. */
  async function twoProcesses(script: Script) {
    const owner = await newOwner(database);
    await setLimits(database, owner, { running_turns: 9, tokens_per_day: 1_000_000 });
    const model = scriptedModel(script);
    const assistant = createAssistant({
      model,
      systemMessage: 'x'.repeat(400),
      contextPolicy: DEFAULT_CONTEXT_POLICY,
    });
    const another = () => testApp(database, { owner, agents: createAgents(assistant) });
    const [one, two] = [await another(), await another()];
    const id = await one.newSession();
    const chat = (content = 'hi') => one.send('POST', `/api/sessions/${id}/chat`, { content });
    const asked = async (nth: number) => {
      while (model.calls.length < nth) await Bun.sleep(5);
      await Bun.sleep(30);
    };
    const turn = async () => (await (await one.get(`/api/sessions/${id}/turns`)).json())[0];
    const usage = async () => (await (await one.get('/api/usage')).json()).total;
    const allowance = () => allowanceOf(database, owner);
    const remove = (by = two) => by.request(`/api/sessions/${id}`, { method: 'DELETE' });
    return { owner, one, two, id, chat, asked, turn, usage, allowance, remove };
  }

  const hangs = (...steps: Step[]) => {
    const over = Promise.withResolvers<void>();
    return { over, script: (): Step[] => [...steps, over.promise] };
  };

  for (const pieces of [[], [half]])
    for (const reported of [false, true]) {
      const what = `${pieces.length > 0 ? 'after' : 'before'} the first piece, by a model that ${reported ? 'else reports' : 'never did'}`;
      test(
        `because another process deleted its session is charged where it ran, ${what}`,
        async () => {
          const { over, script } = hangs(...pieces);
          const { one, chat, asked, usage, allowance, remove } = await twoProcesses((_, call) =>
            reported && call === 1 ? say(['yes']) : script(),
          );
          if (reported) await chat();
          const before = await usage();
          const reply = chat();
          await asked(reported ? 2 : 1);
          expect((await remove()).status).toBe(200);
          expect(await allowance()).toMatchObject({ running: 0, reservedTokens: 0 });
          await one.turns.beat();
          expect((await reply).status).toBe(409);
          over.resolve();
          await one.turns.drain(0);
          const after = await usage();
          expect(after).toMatchObject({ turns: before.turns + 1, estimated_turns: 1 });
          expect(after.prompt_tokens - before.prompt_tokens).toBeGreaterThan(100);
          expect(after.completion_tokens - before.completion_tokens).toBe(pieces.length > 0 ? 3 : 0);
          expect(await allowance()).toMatchObject({
            running: 0,
            reservedTokens: 0,
            tokens: after.prompt_tokens + after.completion_tokens,
          });
        },
        ms,
      );
    }

  test(
    'because another process has it is charged there alone',
    async () => {
      const { over, script } = hangs(half);
      const { one, two, id, chat, asked, usage, allowance } = await twoProcesses((_, call) =>
        call === 1 ? script() : say(['all of it']),
      );
      const reply = chat();
      await asked(1);
      await expireLeases(database, id);
      await two.turns.beat();
      await asked(2);
      await one.turns.beat();
      expect((await (await reply).json()).content).toBe('all of it');
      over.resolve();
      await one.turns.drain(0);
      expect(await usage()).toMatchObject({
        turns: 1,
        prompt_tokens: 3,
        completion_tokens: 2,
        estimated_turns: 0,
      });
      expect(await allowance()).toMatchObject({ running: 0, reservedTokens: 0, tokens: 5 });
    },
    ms,
  );

  for (const way of ['cancelled', 'deleted here'] as const)
    test(`${way} before the first piece is charged what was asked, as an estimate`, async () => {
      const { over, script } = hangs();
      const { one, id, chat, asked, turn, usage, allowance, remove } = await twoProcesses(script);
      const reply = chat();
      await asked(1);
      if (way === 'cancelled')
        await one.send('POST', `/api/sessions/${id}/turns/${(await turn()).id}/cancel`, {});
      else await remove(one);
      expect((await reply).status).toBe(409);
      over.resolve();
      await one.turns.drain(0);
      const total = await usage();
      expect(total).toMatchObject({ turns: 1, completion_tokens: 0, estimated_turns: 1 });
      expect(total.prompt_tokens).toBeGreaterThan(100);
      expect(await allowance()).toMatchObject({ running: 0, reservedTokens: 0, tokens: total.prompt_tokens });
    });

  test('in the queue is charged nothing, nor is one whose model refused', async () => {
    const { over, script } = hangs();
    const { one, id, chat, asked, turn, usage, allowance } = await twoProcesses((_, call) =>
      call === 1 ? [broken] : script(),
    );
    expect((await chat()).status).toBe(502);
    expect(await usage()).toMatchObject({ turns: 0 });
    const running = chat();
    await asked(2);
    const first = (await turn()).id;
    const queued = chat();
    while ((await turn()).id === first) await Bun.sleep(5);
    await one.send('POST', `/api/sessions/${id}/turns/${(await turn()).id}/cancel`, {});
    expect((await queued).status).toBe(409);
    expect(await usage()).toMatchObject({ turns: 0 });
    await one.send('POST', `/api/sessions/${id}/turns/${first}/cancel`, {});
    expect((await running).status).toBe(409);
    over.resolve();
    expect(await usage()).toMatchObject({ turns: 1 });
    expect(await allowance()).toMatchObject({ running: 0, reservedTokens: 0, turns: 3 });
  });
});
