// Versions of what was said: other words in an old place, other answers, going back and forth, and sessions made of one.
import { beforeAll, expect, test } from 'bun:test';
import { createAgents } from '../../agent/agent.ts';
import { createAssistant } from '../../agent/assistant.ts';
import type { Database } from '../../db/database.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { expectProblem } from '../../testing/expect-problem.ts';
import { newOwner } from '../../testing/owners.ts';
import { type Step, say, scriptedModel } from '../../testing/scripted-model.ts';
import { testApp } from '../../testing/test-app.ts';
import { threeSteps } from '../../testing/three-steps.ts';

type Message = {
  id: string;
  role: string;
  content: string;
  parent_id: string | null;
  versions?: { id: string; created_at: string }[];
  created_at: string;
  metadata: Record<string, string>;
};
type Turn = { id: string; status: string; user_message: Message; reply: Message | null };

onEachDatabase('versions', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  /** A session in which `said` was said; the model answers with what it was asked, and `gate` says when. */
  async function session(said: string[] = [], gate: () => Promise<void> | undefined = () => undefined) {
    const model = (name: string) => ({
      ...scriptedModel(async function* (messages): AsyncIterable<Step> {
        await gate();
        yield* say([`${name} on ${messages.at(-1)?.content}`]);
      }),
      name,
    });
    const contextPolicy = { kind: 'unbounded' as const, initialMessages: [] };
    const app = await testApp(database, {
      agents: createAgents(
        createAssistant({ model: model('small'), systemMessage: null, contextPolicy }),
        createAssistant({
          name: 'coder',
          model: model('code'),
          models: [{ model: model('code-large') }],
          systemMessage: null,
          contextPolicy,
        }),
      ),
    });
    const id = await app.newSession();
    const at = `/api/sessions/${id}`;
    const chat = (content: string, more: object = {}, query = '', headers = {}) =>
      app.send('POST', `${at}/chat${query}`, { content, ...more }, headers);
    const again = (turn: string, body: object = {}, headers = {}) =>
      app.send('POST', `${at}/turns/${turn}/regenerate`, body, headers);
    const show = (leaf_id: string) => app.send('PATCH', at, { leaf_id });
    const fork = (message_id: string) => app.send('POST', `${at}/fork`, { message_id });
    const history = async (query = ''): Promise<Message[]> => (await app.get(`${at}/history${query}`)).json();
    const turns = async (): Promise<Turn[]> => (await app.get(`${at}/turns`)).json();
    for (const one of said) await (await chat(one)).json();
    return { app, id, at, chat, again, show, fork, history, turns };
  }
  const refuses = async (answer: Response, status: number, code: string) => {
    const problem = await expectProblem(answer, status);
    expect(problem.type).toBe(`urn:agentchat:problem:${code}`);
    return problem;
  };
  const texts = (messages: { content: string }[]) => messages.map(({ content }) => content);
  /** The message at this place of a history. */
  function nth<T>(of: readonly T[], place: number): T {
    const one = of[place];
    if (one === undefined) throw new Error(`there is none at ${place}`);
    return one;
  }

  test('something else in an old place is another version there, and goes on by itself', async () => {
    const { app, at, chat, history, show } = await session(['a', 'b']);
    const before = await history();
    expect(before.map(({ parent_id, versions }) => ({ parent_id, versions }))).toEqual(
      before.map((_, n) => ({ parent_id: before[n - 1]?.id ?? null, versions: undefined })),
    );
    expect((await chat('B', { parent_id: nth(before, 1).id })).status).toBe(200);
    await chat('c');
    const after = await history();
    expect(texts(after)).toEqual(['a', 'small on a', 'B', 'small on B', 'c', 'small on c']);
    const [b, B] = [nth(before, 2), nth(after, 2)];
    expect(B.parent_id).toBe(nth(before, 1).id);
    const versions = [b, B].map(({ id, created_at }) => ({ id, created_at }));
    expect(B.versions).toEqual(versions);
    expect((await show(b.id)).status).toBe(200);
    const asked = async (query: string) =>
      ((await (await app.get(`${at}/turns${query}`)).json()) as Turn[]).map(
        (turn) => turn.user_message.content,
      );
    expect(await asked('?shown=true')).toEqual(['b', 'a']);
    expect(await asked('?shown=true&limit=1')).toEqual(['b']);
    expect(await asked('')).toEqual(['c', 'B', 'b', 'a']);
    const shown = await history();
    expect(texts(shown)).toEqual(texts(before));
    expect(nth(shown, 2).versions).toEqual(versions);
    // What last followed comes with the version.
    await show(B.id);
    expect(await history()).toEqual(after);
    expect(texts(await history('?all=true'))).toEqual([...texts(before), ...texts(after).slice(2)]);
  });

  test('the first message is said otherwise with null, also where nothing was said yet', async () => {
    const { chat, history } = await session();
    await chat('a', { parent_id: null });
    expect(nth(await history(), 0).versions).toBeUndefined();
    await chat('A', { parent_id: null });
    const shown = await history();
    expect(texts(shown)).toEqual(['A', 'small on A']);
    expect(nth(shown, 0)).toMatchObject({ parent_id: null, versions: [{}, { id: nth(shown, 0).id }] });
  });

  test('a turn answers again, by the same model or another, and its answer is a version', async () => {
    const { chat, again, history, turns } = await session(['a']);
    const first = nth(await turns(), 0);
    for (const [body, by] of [
      [{}, 'small'],
      [{ agent: 'coder' }, 'code'],
      [{ agent: 'coder', model: 'code-large' }, 'code-large'],
    ] as const) {
      const answer = await again(first.id, body);
      expect(answer.status).toBe(200);
      const reply: Message = await answer.json();
      expect(reply.content).toBe(`${by} on a`);
      expect(texts(await history())).toEqual(['a', `${by} on a`]);
    }
    const [newest, ...others] = await turns();
    expect(others.length).toBe(3);
    expect(newest).toMatchObject({
      user_message: { content: 'a', id: first.user_message.id },
      reply: { content: 'code-large on a' },
    });
    // Of one that was asked of another model, the same one answers again.
    expect(await (await again(newest?.id ?? '')).json()).toMatchObject({ content: 'code-large on a' });
    expect(nth(await history(), 1).versions?.length).toBe(5);
    expect((await chat('b')).status).toBe(200);
    expect(texts(await history())).toEqual(['a', 'code-large on a', 'b', 'small on b']);
    const unknown = await refuses(await again(first.id, { model: 'none' }), 422, 'invalid_request');
    expect(unknown.errors).toMatchObject([{ loc: ['body', 'model'] }]);
  });

  test('its stream tells the message that it answers, and again to whoever comes later', async () => {
    const { app, at, again, turns } = await session(['a']);
    const { id, user_message } = nth(await turns(), 0);
    const stream = { accept: 'text/event-stream' };
    const told = await (await again(id, {}, stream)).text();
    expect(told).toContain(user_message.id);
    const later = await app.get(`${at}/turns/${nth(await turns(), 0).id}`, stream);
    expect(await later.text()).toContain(user_message.id);
    expect(told.match(/event: done/g)).toEqual(['event: done']);
  });

  test('a key stands for one answer, and for one message in one place', async () => {
    const { chat, again, turns, history } = await session(['a']);
    const { id } = nth(await turns(), 0);
    const key = { 'idempotency-key': 'k' };
    const first: Message = await (await again(id, {}, key)).json();
    expect(await (await again(id, {}, key)).json()).toEqual(first);
    await refuses(await again(id, { agent: 'coder' }, key), 409, 'idempotency_key_reused');
    const said = { parent_id: nth(await history(), 1).id };
    const other = { 'idempotency-key': 'other' };
    const reply = await (await chat('b', said, '', other)).json();
    expect(await (await chat('b', said, '', other)).json()).toEqual(reply);
    await refuses(await chat('b', { parent_id: null }, '', other), 409, 'idempotency_key_reused');
    expect((await turns()).length).toBe(3);
  });

  test('while something is said, nothing is said elsewhere, answered again, shown or taken from it', async () => {
    let gate = Promise.withResolvers<void>();
    gate.resolve();
    const { app, at, chat, again, show, fork, history, turns } = await session(['a'], () => gate.promise);
    gate = Promise.withResolvers<void>();
    const [question, reply] = await history();
    const turn = nth(await turns(), 0);
    const there = async (count: number) => {
      while ((await turns()).length < count) await Bun.sleep(5);
    };
    const running = chat('b');
    await there(2);
    const queued = chat('c');
    await there(3);
    for (const on_busy of ['queue', 'interrupt', 'reject'])
      await refuses(await chat('B', { parent_id: reply?.id }, `?on_busy=${on_busy}`), 409, 'session_busy');
    await refuses(await again(turn.id), 409, 'session_busy');
    await refuses(await show(question?.id ?? ''), 409, 'session_busy');
    const open = nth(await turns(), 1);
    await refuses(await fork(open.user_message.id), 409, 'session_busy');
    expect((await fork(reply?.id ?? '')).status).toBe(201);
    gate.resolve();
    await Promise.all([running, queued]);
    expect((await turns()).map(({ status }) => status)).toEqual(['completed', 'completed', 'completed']);
    expect(texts(await history())).toEqual(['a', 'small on a', 'b', 'small on b', 'c', 'small on c']);
    const { message_count } = await (await app.get(at)).json();
    expect(message_count).toBe(6);
  });

  test('of many who say something else at once, one does, and the others hear that it is busy', async () => {
    const { chat, again, history, turns } = await session(['a']);
    const { id } = nth(await turns(), 0);
    const parent_id = nth(await history(), 1).id;
    const answers = await Promise.all([
      ...['b', 'c', 'd'].map((text) => chat(text, { parent_id })),
      again(id),
      again(id),
    ]);
    const statuses = answers.map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200, 409]));
    expect((await turns()).length).toBe(1 + statuses.filter((status) => status === 200).length);
    const all = await history('?all=true');
    expect(all.length).toBe(
      2 + answers.reduce((sum, { status }, n) => sum + (status === 200 ? (n < 3 ? 2 : 1) : 0), 0),
    );
  });

  test('a message that is said while another version is shown stands on one of them', async () => {
    const { chat, show, history } = await session(['a', 'b']);
    const [, reply, b] = await history();
    await chat('B', { parent_id: reply?.id });
    for (let n = 0; n < 10; n++) {
      const [said, shown] = await Promise.all([chat(`c${n}`), show(b?.id ?? '')]);
      expect(said.status).toBe(200);
      expect([200, 409]).toContain(shown.status);
      const now = await history();
      // Each stands behind the one before it, whichever was first.
      expect(now.map(({ parent_id }) => parent_id)).toEqual([null, ...now.slice(0, -1).map(({ id }) => id)]);
    }
  });

  test('what is shown is all that an agent’s state and a model know', async () => {
    const { app, at, chat, history } = await session(['a', 'b']);
    await chat('B', { parent_id: nth(await history(), 1).id });
    const { agent_state } = await (await app.get(at)).json();
    expect(texts(agent_state.llm_context.messages)).toEqual(['a', 'small on a', 'B', 'small on B']);
  });

  test('a session of its own has what stood up to a message, and goes on by itself', async () => {
    const { app, id, chat, fork, history, show } = await session(['a', 'b']);
    const before = await history();
    await chat('B', { parent_id: nth(before, 1).id });
    const made = await fork(nth(before, 3).id);
    expect(made.status).toBe(201);
    const other: { id: string; name: string; message_count: number } = await made.json();
    expect(made.headers.get('location')).toBe(`/api/sessions/${other.id}`);
    expect(other).toMatchObject({ name: 'a', message_count: 4 });
    const there: Message[] = await (await app.get(`/api/sessions/${other.id}/history`)).json();
    const without = ({ id: _, parent_id: __, versions: ___, ...rest }: Message) => rest;
    expect(there.map(without)).toEqual(
      before.map((one) => ({ ...without(one), session_id: other.id }) as never),
    );
    expect(there.some(({ id }) => before.some((one) => one.id === id))).toBe(false);
    const again = await app.get(`/api/sessions/${other.id}/turns`);
    const [last] = (await again.json()) as Turn[];
    await app.send('POST', `/api/sessions/${other.id}/turns/${last?.id}/regenerate`, {});
    expect(texts(await (await app.get(`/api/sessions/${other.id}/history`)).json())).toEqual(texts(before));
    // Nothing of this is seen in the first.
    await show(nth(before, 3).id);
    expect(await history()).toMatchObject(before.map(({ id }) => ({ id })));
    await app.request(`/api/sessions/${id}`, { method: 'DELETE' });
    expect((await app.get(`/api/sessions/${other.id}`)).status).toBe(200);
  });

  test('what no history shows, what is another’s, and what is no id is refused', async () => {
    const { app, at, chat, show, fork, again } = await session(['a']);
    const theirs = app.calledBy(await newOwner(database));
    const elsewhere = await theirs.newSession();
    await theirs.send('POST', `/api/sessions/${elsewhere}/chat`, { content: 'x' });
    const [foreign] = (await (await theirs.get(`/api/sessions/${elsewhere}/history`)).json()) as Message[];
    const own = await app.newSession();
    await app.send('POST', `/api/sessions/${own}/chat`, { content: 'x' });
    const [ofAnother] = (await (await app.get(`/api/sessions/${own}/history`)).json()) as Message[];
    for (const id of [crypto.randomUUID(), foreign?.id ?? '', ofAnother?.id ?? '']) {
      await refuses(await chat('b', { parent_id: id }), 404, 'message_not_found');
      await refuses(await show(id), 404, 'message_not_found');
      await refuses(await fork(id), 404, 'message_not_found');
      await refuses(await again(id), 404, 'turn_not_found');
    }
    for (const id of ['no', 7, '']) {
      const refused = await refuses(await chat('b', { parent_id: id }), 422, 'invalid_request');
      expect(refused.errors).toMatchObject([{ loc: ['body', 'parent_id'] }]);
      await refuses(await app.send('PATCH', at, { leaf_id: id }), 422, 'invalid_request');
      await refuses(await app.send('POST', `${at}/fork`, { message_id: id }), 422, 'invalid_request');
    }
    await refuses(await app.send('POST', `${at}/fork`, {}), 422, 'invalid_request');
    for (const path of [`/api/sessions/${elsewhere}`, `/api/sessions/${crypto.randomUUID()}`]) {
      const message_id = foreign?.id;
      await refuses(await app.send('POST', `${path}/fork`, { message_id }), 404, 'session_not_found');
      await refuses(await app.send('PATCH', path, { leaf_id: message_id }), 404, 'session_not_found');
    }
    const viewer = app.calledBy(app.owner, 'viewer');
    for (const path of [`${at}/fork`, `${at}/turns/${crypto.randomUUID()}/regenerate`])
      await refuses(await viewer.send('POST', path, { message_id: crypto.randomUUID() }), 403, 'not_allowed');
  });

  test('what is within an imported state stays, and what comes behind it has versions', async () => {
    const { app } = await session();
    const said = { content: 'before', source: 'assistant', type: 'AssistantMessage' };
    const id = await app.newSession({ agent_state: { llm_context: { messages: [said] } } });
    const at = `/api/sessions/${id}`;
    const chat = (content: string, parent_id: string | null | undefined) =>
      app.send('POST', `${at}/chat`, { content, parent_id });
    await chat('a', undefined);
    const history = async (): Promise<Message[]> => (await app.get(`${at}/history?include=imported`)).json();
    const [imported] = await history();
    const refused = await refuses(await chat('b', imported?.id), 422, 'invalid_request');
    expect(refused.errors).toMatchObject([{ loc: ['body', 'parent_id'] }]);
    expect((await chat('A', null)).status).toBe(200);
    expect(texts(await history())).toEqual(['before', 'A', 'small on A']);
    const { agent_state } = await (await app.get(at)).json();
    expect(texts(agent_state.llm_context.messages)).toEqual(['before', 'A', 'small on A']);
  });

  test('the steps of an answer are one version of it', async () => {
    let count = 0;
    const app = await testApp(database, {
      agents: createAgents(threeSteps(scriptedModel(() => say([`said ${++count}`])))),
    });
    const at = `/api/sessions/${await app.newSession()}`;
    await app.send('POST', `${at}/chat`, { content: 'a' });
    const [turn] = (await (await app.get(`${at}/turns`)).json()) as Turn[];
    const reply: Message = await (await app.send('POST', `${at}/turns/${turn?.id}/regenerate`, {})).json();
    const history: Message[] = await (await app.get(`${at}/history`)).json();
    expect(texts(history)).toEqual(['a', 'said 4', 'said 5', 'said 6']);
    const question = history[0]?.id;
    expect(history.map(({ parent_id }) => parent_id)).toEqual([null, question, question, question] as never);
    expect(history.map(({ versions }) => versions?.length)).toEqual([undefined, undefined, undefined, 2]);
    expect(history[3]?.versions?.map(({ id }) => id)).toEqual([turn?.reply?.id, reply.id] as never);
    const behindStep = { content: 'b', parent_id: history[3]?.id };
    expect((await app.send('POST', `${at}/chat`, behindStep)).status).toBe(200);
  });
});
