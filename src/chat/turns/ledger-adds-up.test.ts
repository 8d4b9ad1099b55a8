// Turns that end in every way, in random order over two processes: the ledger has what the model reported, each once, and
// limits count nothing that has ended.
import { beforeAll, expect, test } from 'bun:test';
import { createAgents } from '../../agent/agent.ts';
import { createAssistant } from '../../agent/assistant.ts';
import { DEFAULT_CONTEXT_POLICY } from '../../agent/context-policy.ts';
import type { Database } from '../../db/database.ts';
import { type ChatModel, ModelError } from '../../models/model.ts';
import { allowanceOf, setLimits } from '../../testing/allowances.ts';
import { createRandom, type Random } from '../../testing/chaos/random.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { newOwner } from '../../testing/owners.ts';
import { testApp } from '../../testing/test-app.ts';

const broken = new ModelError('failed', { 'zh-CN': '坏了', en: 'it broke' });
/** So large that all estimates together are less. */
const reportedPrompt = 1_000_000_000;

/** Refuses, breaks off, takes its time, and reports what was used or does not; and counts what it did. */
function moodyModel(random: Random) {
  const did = { asked: 0, refused: 0, reported: 0 };
  const model: ChatModel = {
    name: 'moody',
    description: { en: 'moody', 'zh-CN': 'moody' },
    demo: false,
    callsTools: false,
    vision: false,
    structuredOutput: false,
    maxTokens: 10,
    async stream(_messages, signal, take) {
      did.asked++;
      const mood = random.float();
      const pause = () => Bun.sleep(random.int(0, 40));
      await pause();
      if (signal.aborted) throw signal.reason;
      if (mood < 0.15) {
        did.refused++;
        throw broken;
      }
      for (let piece = 0; piece < random.int(1, 4); piece++) {
        if (signal.aborted) throw signal.reason;
        take([{ type: 'content', text: `piece ${piece} ` }]);
        await pause();
      }
      if (signal.aborted) throw signal.reason;
      if (mood < 0.3) throw broken;
      const reports = mood < 0.8;
      if (reports) did.reported++;
      const usage = reports ? { prompt_tokens: reportedPrompt, completion_tokens: 7 } : null;
      take([{ type: 'end', finishReason: 'stop', usage }]);
    },
  };
  return { model, did };
}

onEachDatabase('turns that end in every way', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  test('add up in the ledger, and leave nothing behind', async () => {
    const random = createRandom('the ledger adds up');
    const owner = await newOwner(database);
    const limits = { running_turns: 8, turns_per_day: 100_000, tokens_per_day: Number.MAX_SAFE_INTEGER };
    await setLimits(database, owner, limits);
    const { model, did } = moodyModel(random);
    const agent = createAssistant({ model, systemMessage: null, contextPolicy: DEFAULT_CONTEXT_POLICY });
    const another = () => testApp(database, { owner, agents: createAgents(agent) });
    const apps = [await another(), await another()] as const;
    const some = () => random.pick([...apps]);
    const sessions = await Promise.all(Array.from({ length: 6 }, () => apps[0].newSession()));
    const seen = new Set<number>();
    const post = async (path: string, body = {}) => {
      seen.add((await some().send('POST', path, body)).status);
    };

    async function act(): Promise<void> {
      const place = random.int(0, sessions.length - 1);
      const path = `/api/sessions/${sessions[place]}`;
      const kind = random.float();
      if (kind < 0.6) return post(`${path}/chat`, { content: 'hi' });
      if (kind < 0.7) {
        await some().request(path, { method: 'DELETE' });
        sessions[place] = await some().newSession();
        return;
      }
      const turns: unknown = await (await some().get(`${path}/turns?limit=20`)).json();
      if (!Array.isArray(turns)) return;
      const wanted = kind < 0.85 ? ['running', 'queued'] : ['failed'];
      const turn = turns.find(({ status }) => wanted.includes(status));
      if (turn) await post(`${path}/turns/${turn.id}/${kind < 0.85 ? 'cancel' : 'retry'}`);
    }

    let over = false;
    const beats = apps.map(async ({ turns }) => {
      while (!over) {
        await turns.beat();
        await Bun.sleep(20);
      }
    });
    const actor = async () => {
      for (let n = 0; n < 25; n++) await act();
    };
    await Promise.all(Array.from({ length: 12 }, actor));
    while (apps.some(({ turns }) => turns.busy())) await Bun.sleep(20);
    over = true;
    await Promise.all(beats);

    // All of it happened: answers, stopped or deleted turns, refused ones, failures.
    expect([...seen]).toEqual(expect.arrayContaining([200, 409, 429, 502]));
    const { total } = await (await apps[0].get('/api/usage')).json();
    expect(Math.floor(total.prompt_tokens / reportedPrompt)).toBe(did.reported);
    const turns = did.asked - did.refused;
    expect(total).toMatchObject({ turns, estimated_turns: turns - did.reported });
    expect(await allowanceOf(database, owner)).toMatchObject({
      running: 0,
      reservedTokens: 0,
      reservedCost: 0,
      tokens: total.prompt_tokens + total.completion_tokens,
    });
  }, 120_000);
});
