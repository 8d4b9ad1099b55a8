// A session with versions, changed at random, shows what a plain model of it says: its history, what each message stands
// behind and its versions, what a model is shown, and the agent's state.
import { beforeAll, expect, test } from 'bun:test';
import { createAgents } from '../../agent/agent.ts';
import { createAssistant } from '../../agent/assistant.ts';
import type { Database } from '../../db/database.ts';
import { ModelError } from '../../models/model.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { say, scriptedModel } from '../../testing/scripted-model.ts';
import { testApp } from '../../testing/test-app.ts';
import { versionTree } from '../../testing/version-tree.ts';

type Message = { id: string; content: string; parent_id: string | null; versions?: { id: string }[] };

/** Every text is one of these, and so what is shown can be found in anything. */
const textsIn = (value: unknown): string[] =>
  JSON.stringify(value)
    .replaceAll('\\n', ' ')
    .match(/\b[qa]\d+\b/g) ?? [];

onEachDatabase('a session with versions', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  for (const seed of [1, 2, 4]) {
    test(`shows what was said on its path, after every change (${seed})`, () => walk(seed, 25), 120_000);
  }

  async function walk(seed: number, length: number): Promise<void> {
    const random = randomFrom(seed);
    const below = (count: number) => Math.floor(random() * count);
    const pick = <T>(of: readonly T[]): T => {
      const one = of[below(of.length)];
      if (one === undefined) throw new Error('there is none');
      return one;
    };
    let fails = false;
    let answers = 0;
    const model = scriptedModel(() =>
      fails ? [new ModelError('failed', { 'zh-CN': '坏了', en: 'it broke' })] : say([`a${++answers}`]),
    );
    // One reads a conversation from its beginning, the other from its end.
    const contextPolicy =
      seed % 2 === 1
        ? { kind: 'unbounded' as const, initialMessages: [] }
        : { kind: 'buffered' as const, size: 200 };
    const app = await testApp(database, {
      agents: createAgents(createAssistant({ model, systemMessage: null, contextPolicy })),
    });
    const id = await app.newSession();
    const at = `/api/sessions/${id}`;
    const read = async (path: string) => (await app.get(at + path)).json();
    const tree = versionTree();
    const turnIds: string[] = [];
    const failed = new Set<number>();
    /** What its model was shown of each turn: an answer that came later is none of it. */
    const contexts: string[][] = [];
    const idOf = async (text: string | undefined): Promise<string> => {
      const found = ((await read('/history?all=true&limit=1000')) as Message[]).find(
        ({ content }) => content === text,
      );
      if (!found) throw new Error(`${text} is nowhere`);
      return found.id;
    };

    /** Lets the turn be answered, or fail. `ask` gives the answer. */
    async function answer(turn: { question: number; reply: number }, ask: () => Promise<Response>) {
      const index = tree.turns.indexOf(turn);
      fails = random() < 0.25;
      const response = await ask();
      expect(response.status).toBe(fails ? 502 : 200);
      if (fails) failed.add(index);
      else {
        failed.delete(index);
        tree.answered(turn, `a${answers}`);
      }
      const [newest] = (await read('/turns?limit=1')) as { id: string }[];
      turnIds[index] ??= newest?.id ?? '';
      contexts[index] = tree.contextOf(turn);
      expect(textsIn(model.calls.at(-1))).toEqual(contexts[index]);
    }

    let questions = 0;
    const chat = (content: string, more: object = {}) => app.send('POST', `${at}/chat`, { content, ...more });
    const changes = {
      say: () => {
        const text = `q${++questions}`;
        return answer(tree.say(text), () => chat(text));
      },
      sayBehind: async () => {
        const text = `q${++questions}`;
        const parent = random() < 0.1 ? undefined : pick(tree.all());
        const parent_id = parent ? await idOf(parent.text) : null;
        await answer(tree.sayBehind(parent, text), () => chat(text, { parent_id }));
      },
      answerAgain: async () => {
        const index = below(tree.turns.length);
        const turn = tree.turns[index];
        if (!turn) return;
        const again = tree.answerAgain(turn);
        await answer(again, () => app.send('POST', `${at}/turns/${turnIds[index]}/regenerate`, {}));
      },
      retry: async () => {
        const index = [...failed][below(failed.size)];
        const turn = index === undefined ? undefined : tree.turns[index];
        if (turn) await answer(turn, () => app.send('POST', `${at}/turns/${turnIds[index ?? 0]}/retry`, {}));
      },
      show: async () => {
        const one = pick(tree.all());
        const response = await app.send('PATCH', at, { leaf_id: await idOf(one.text) });
        expect(response.status).toBe(200);
        tree.show(one);
      },
      fork: async () => {
        const one = pick(tree.all());
        const response = await app.send('POST', `${at}/fork`, { message_id: await idOf(one.text) });
        expect(response.status).toBe(201);
        const { id: forked } = (await response.json()) as { id: string };
        const there = (await (await app.get(`/api/sessions/${forked}/history`)).json()) as Message[];
        expect(there.map(({ content }) => content)).toEqual(tree.upTo(one));
        fails = false;
        await app.send('POST', `/api/sessions/${forked}/chat`, { content: 'q0' });
        expect(textsIn(model.calls.at(-1))).toEqual([...tree.upTo(one), 'q0']);
      },
    };

    async function check(): Promise<void> {
      const history = (await read('/history')) as Message[];
      expect(history.map(({ content }) => content)).toEqual(tree.shown().map(({ text }) => text));
      const everything = (await read('/history?all=true&limit=1000')) as Message[];
      expect(everything.map(({ content }) => content)).toEqual(tree.all().map(({ text }) => text));
      const textOf = new Map(everything.map(({ id, content }) => [id, content]));
      const related = ({ parent_id, versions }: Message) => ({
        parent: parent_id === null ? undefined : textOf.get(parent_id),
        versions: versions?.map((version) => textOf.get(version.id)),
      });
      const due = (one: ReturnType<typeof tree.all>[number]) => {
        const siblings = tree.siblings(one).map(({ text }) => text);
        return {
          parent: tree.parentOf(one)?.text,
          versions: siblings.length > 1 ? siblings : undefined,
        };
      };
      expect(history.map(related)).toEqual(tree.shown().map(due));
      expect(everything.map(related)).toEqual(tree.all().map(due));
      expect(textsIn((await read('')).agent_state)).toEqual(tree.shown().map(({ text }) => text));

      const paged: Message[] = [];
      for (let before = ''; ; before = `&before=${paged[0]?.id}`) {
        const page = (await read(`/history?limit=3${before}`)) as Message[];
        const some = before === '' ? ((await read('/history?limit=1000')) as Message[]).slice(-2) : page;
        paged.unshift(...some);
        if (some.length === 0) break;
      }
      expect(paged).toEqual(history);
      const offset = below(history.length + 1);
      expect(await read(`/history?limit=4&offset=${offset}`)).toEqual(history.slice(offset, offset + 4));

      const index = below(tree.turns.length);
      const turn = tree.turns[index];
      if (turn) {
        const { context, user_message } = await read(`/turns/${turnIds[index]}?context=true`);
        expect(textsIn(context.messages)).toEqual(contexts[index] ?? []);
        expect(user_message.content).toBe(tree.textOf(turn.question));
      }
    }

    await changes.say();
    for (let n = 0; n < length; n++) {
      const change = pick(Object.keys(changes)) as keyof typeof changes;
      try {
        await changes[change]();
        await check();
      } catch (error) {
        throw new Error(`after change ${n} of ${seed}, ${change}`, { cause: error });
      }
    }
  }
});

/** Numbers from 0 to 1, always the same for one seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
