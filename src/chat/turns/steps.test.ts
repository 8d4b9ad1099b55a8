// A turn of several steps: what is settled stays, whoever looks, whatever becomes of the process.
import { beforeAll, expect, test } from 'bun:test';
import { eq } from 'drizzle-orm';
import { createAgents } from '../../agent/agent.ts';
import type { Database } from '../../db/database.ts';
import type { Owner } from '../../db/owner.ts';
import { chatTurnEvents, chatTurns } from '../../db/schema.ts';
import type { LlmMessage } from '../../models/messages.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { eachEvent, joined, joinPieces, type ReceivedEvent, readEvents } from '../../testing/event-stream.ts';
import { expectProblem } from '../../testing/expect-problem.ts';
import { newOwner } from '../../testing/owners.ts';
import { type Step, say, scriptedModel } from '../../testing/scripted-model.ts';
import { testApp } from '../../testing/test-app.ts';
import { threeSources, threeSteps } from '../../testing/three-steps.ts';
import { shownSteps } from '../../testing/told-by.ts';
import { expireLeases } from '../../testing/two-apps.ts';
import { mostInterruptions } from '../../words/turn-limits.ts';

const stream = { accept: 'text/event-stream' };
const thought = 'ThoughtStreamingChunkEvent';
const content = 'ModelClientStreamingChunkEvent';
const texts = ['a plan', 'the work', 'an answer'];

onEachDatabase('a turn of three steps', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  /** Processes on one database, whose model is told which step of how many asks before it is to say. */
  async function processes(script: (step: number, call: number) => Step[]) {
    const owner: Owner = await newOwner(database);
    const model = scriptedModel((messages, call) => script(shownSteps(messages).length, call));
    const another = () => testApp(database, { agents: createAgents(threeSteps(model)), owner });
    const [one, two] = [await another(), await another()];
    const id = await one.newSession();
    const chat = `/api/sessions/${id}/chat`;
    const row = async () =>
      (await database.db.select().from(chatTurns).where(eq(chatTurns.sessionId, id)))[0];
    const path = async () => `/api/sessions/${id}/turns/${(await until(row)).id}`;
    return { owner, model, one, two, another, id, chat, row, path };
  }

  async function until<T>(look: () => Promise<T | undefined | false>): Promise<T> {
    for (;;) {
      const found = await look();
      if (found) return found;
      await Bun.sleep(5);
    }
  }

  const plain = (step: number) => say([texts[step] ?? '?'], [`hm ${step}`]);

  test('is told in order, live, in another process and from what is stored; its last step is the reply', async () => {
    const { model, one, two, id, chat, path } = await processes(plain);
    const answer = one.send('POST', chat, { content: 'hi' });
    const elsewhere = await readEvents(await two.get(await path(), stream));
    const reply = await (await answer).json();
    expect(reply).toMatchObject({ source: 'assistant', content: 'an answer', thought: 'hm 2' });
    const stored = await readEvents(await two.get(await path(), stream));
    expect(stored).toEqual(await readEvents(await one.get(await path(), stream)));
    expect(joinPieces(elsewhere)).toEqual(joinPieces(stored));
    expect(stored.map(({ event, id: cursor }) => `${cursor} ${event}`)).toEqual([
      '1.1.0.0.1 turn',
      `1.1.4.0.1 ${thought}`,
      `1.1.4.6.1 ${content}`,
      '1.1.4.6.2 ThoughtEvent',
      '1.1.4.6.3 TextMessage',
      `2.1.4.0.0 ${thought}`,
      `2.1.4.8.0 ${content}`,
      '2.1.4.8.1 ThoughtEvent',
      '2.1.4.8.2 TextMessage',
      `3.1.4.0.0 ${thought}`,
      `3.1.4.9.0 ${content}`,
      '3.1.4.9.1 ThoughtEvent',
      '3.1.4.9.2 TextMessage',
      '3.1.4.9.3 done',
    ]);
    const messages = stored.flatMap(({ event, data }) => (event === 'TextMessage' ? [data] : []));
    expect(messages.map(({ source }) => source)).toEqual([...threeSources]);
    expect(stored.flatMap(({ event, data }) => (event === content ? [data.source] : []))).toEqual([
      ...threeSources,
    ]);
    const history = await (await one.get(`/api/sessions/${id}/history`)).json();
    expect(history.slice(1)).toEqual(messages.map((one) => ({ ...one, parent_id: history[0].id })));
    expect(await (await one.get(await path())).json()).toMatchObject({
      status: 'completed',
      attempt: 1,
      reply,
    });
    expect(await (await one.get(`/api/sessions/${id}`)).json()).toMatchObject({ message_count: 4 });
    // Each step was shown what is settled before it, and the next turn all of it.
    expect(model.calls.map(shown)).toEqual([
      ['hi'],
      ['hi', 'a plan', '…'],
      ['hi', 'a plan\n\nthe work', '…'],
    ]);
    await one.send('POST', chat, { content: 'again' });
    expect(shown(model.calls[3] ?? [])).toEqual(['hi', texts.join('\n\n'), 'again']);
    expect(await database.db.select().from(chatTurnEvents).where(eq(chatTurnEvents.sessionId, id))).toEqual(
      [],
    );
  });

  test('is given exactly the rest to every cursor, also in the midst of a piece', async () => {
    const { one, two, path } = await chatted(plain);
    const all = await readEvents(await one.get(await path(), stream));
    for (const [at, { event, id: cursor, data }] of all.entries()) {
      const rest = joinPieces(all.slice(at + 1));
      for (const app of [one, two])
        expect(
          joinPieces(await readEvents(await app.get(await path(), { ...stream, 'last-event-id': cursor }))),
        ).toEqual(rest);
      if (event !== content) continue;
      const numbers = cursor.split('.').map(Number);
      const cut = numbers.with(3, (numbers[3] ?? 0) - 2).join('.');
      const left = await readEvents(await one.get(await path(), { ...stream, 'last-event-id': cut }));
      expect(left[0]?.data).toEqual({ ...data, content: data.content.slice(-2) });
      expect(joinPieces(left.slice(1))).toEqual(rest);
    }
    // Four numbers are of the first step, and have nothing of those behind it.
    const old = await readEvents(await one.get(await path(), { ...stream, 'last-event-id': '1.4.6.3' }));
    expect(joinPieces(old)).toEqual(joinPieces(all.slice(5)));

    async function chatted(script: (step: number) => Step[]) {
      const made = await processes(script);
      await made.one.send('POST', made.chat, { content: 'hi' });
      return made;
    }
  });

  for (const lost of [0, 1, 2])
    test(`goes on behind what is settled when its process is lost in step ${lost + 1}`, async () => {
      const gate = Promise.withResolvers<void>();
      let asked = 0;
      const { model, one, two, id, chat, row, path } = await processes((step) => {
        if (step !== lost || asked++ > 0) return plain(step);
        return [{ type: 'content', text: 'void' }, gate.promise, ...say([' and late'])];
      });
      const answer = one.send('POST', chat, { content: 'hi' });
      const here = followed(await one.get(await path(), stream));
      const elsewhere = followed(await two.get(await path(), stream));
      await Promise.all([here, elsewhere].map(({ hasVoid }) => hasVoid));
      expect(await row()).toMatchObject({ step: lost, attempt: 1, status: 'running' });
      const replyId = (await row())?.replyId;
      await expireLeases(database, id);
      await two.turns.beat();
      await one.turns.beat();
      const [events, others] = [await elsewhere.ended, await here.ended];
      gate.resolve();
      for (const each of [events, others]) {
        const restart = each.findIndex(({ event }) => event === 'restart');
        expect(each[restart]?.data).toMatchObject({ attempt: 2, step: lost + 1 });
        expect(each.filter(({ event }) => event === 'restart')).toHaveLength(1);
        const before = each.slice(0, restart);
        expect(before.filter(({ event }) => event === 'TextMessage')).toHaveLength(lost);
        expect(joined(before, content)).toBe(`${texts.slice(0, lost).join('')}void`);
        expect(joined(each.slice(restart), content)).toBe(texts.slice(lost).join(''));
        expect(each.at(-1)?.data).toMatchObject({ status: 'completed' });
      }
      expect(await (await answer).json()).toMatchObject({ id: replyId, content: 'an answer' });
      expect(model.calls).toHaveLength(4);
      const stored = await readEvents(await two.get(await path(), stream));
      expect(joined(stored, content)).toBe(texts.join(''));
      expect(stored.map(({ id: cursor }) => cursor.split('.').slice(0, 2).join('.'))).toEqual(
        stored.map(
          ({ id: cursor }) => `${cursor.split('.')[0]}.${Number(cursor.split('.')[0]) > lost ? 2 : 1}`,
        ),
      );
      // What is void is told to nobody any more, and the restart to who had some of it.
      const isVoid = (event: ReceivedEvent) => event.id.startsWith(`${lost + 1}.1.`);
      for (const [at, event] of events.entries()) {
        const rest = await readEvents(await one.get(await path(), { ...stream, 'last-event-id': event.id }));
        const left = events.slice(at + 1).filter((one) => !isVoid(one));
        expect(joinPieces(rest)).toEqual(
          joinPieces(left.filter((one) => one.event !== 'restart' || isVoid(event))),
        );
      }
      expect(await row()).toMatchObject({ step: 2, attempt: 2, status: 'completed' });
    });

  test('is begun again as often as steps need it: interruptions count from the last settled one', async () => {
    let lives = 0;
    const { one, two, id, chat, row, path } = await processes((step) =>
      // Twice in each step its process is lost.
      lives++ % mostInterruptions < mostInterruptions - 1 ? [new Promise<void>(() => {})] : plain(step),
    );
    one.send('POST', chat, { content: 'hi' });
    await path();
    for (let lost = 0; lost < 3 * (mostInterruptions - 1); lost++) {
      await until(async () => lives === lost + Math.floor(lost / (mostInterruptions - 1)) + 1);
      await expireLeases(database, id);
      await (lost % 2 ? one : two).turns.beat();
    }
    await until(async () => (await row())?.status === 'completed');
    expect(await row()).toMatchObject({ attempt: 3 * (mostInterruptions - 1) + 1, step: 2 });
  });

  test('that fails keeps what is settled, and a retry goes on behind it', async () => {
    let fails = true;
    const { model, one, two, id, chat, path } = await processes((step) =>
      step === 1 && fails ? [{ type: 'content', text: 'half' }, new Error('broken')] : plain(step),
    );
    const failed = await one.send('POST', chat, { content: 'hi' });
    expect(failed.status).toBe(500);
    const seen = await readEvents(await two.get(await path(), stream));
    expect(seen.map(({ event }) => event).slice(-4)).toEqual(['TextMessage', content, 'error', 'done']);
    expect(seen.at(-1)?.id).toBe('2.1.0.4.2');
    expect(await (await one.get(await path())).json()).toMatchObject({ status: 'failed', reply: null });
    expect(await (await one.get(`/api/sessions/${id}/history`)).json()).toHaveLength(2);
    fails = false;
    const reply = await (await one.send('POST', `${await path()}/retry`, {})).json();
    expect(reply).toMatchObject({ content: 'an answer' });
    expect(model.calls.map((messages) => shownSteps(messages).length)).toEqual([0, 1, 1, 2]);
    const rest = await readEvents(await two.get(await path(), { ...stream, 'last-event-id': '2.1.0.4.2' }));
    expect(rest[0]).toMatchObject({ event: 'restart', data: { attempt: 2, step: 2 } });
    expect(joined(rest, content)).toBe('the workan answer');
    const history = await (await one.get(`/api/sessions/${id}/history`)).json();
    expect(history.map(({ content: said }: { content: string }) => said)).toEqual(['hi', ...texts]);
  });

  for (const said of ['half', ''])
    test(`that is cancelled ${said ? 'keeps what its open step had said as the reply' : 'before its open step says a word has no reply'}`, async () => {
      const { one, two, id, chat, path, row } = await processes((step) =>
        step === 1 ? [...(said ? say([said]).slice(0, 1) : []), new Promise<void>(() => {})] : plain(step),
      );
      const answer = one.send('POST', chat, { content: 'hi' });
      await until(async () => (await row())?.step === 1);
      const live = followed(await one.get(await path(), stream));
      if (said) await live.hasPiece(said);
      const cancelling = two.send('POST', `${await path()}/cancel`, {});
      await until(async () => (await row())?.cancelRequestedAt !== null);
      await one.turns.beat();
      const cancelled = await (await cancelling).json();
      const events = await live.ended;
      expect(joinPieces(await readEvents(await two.get(await path(), stream)))).toEqual(joinPieces(events));
      expect(events.at(-1)?.data).toMatchObject({ status: 'cancelled' });
      const turn = await (await one.get(await path())).json();
      expect(turn).toMatchObject({ status: 'cancelled' });
      if (said)
        expect(turn.reply).toMatchObject({
          content: said,
          source: 'worker',
          metadata: { cancelled: 'true' },
        });
      else expect(turn.reply).toBeNull();
      expect((await answer).status).toBe(said ? 200 : 409);
      expect(cancelled.id).toBe(turn.id);
      const history = await (await one.get(`/api/sessions/${id}/history`)).json();
      expect(history).toHaveLength(said ? 3 : 2);
    });

  test('whose step is stored, though the answer to that was lost, says it once', async () => {
    const { model, one, chat, path } = await processes(plain);
    const { settle } = one.store.turns;
    let lost = false;
    one.store.turns.settle = async (...asked) => {
      const stored = await settle(...asked);
      if (lost) return stored;
      lost = true;
      throw Object.assign(new Error('the connection is gone'), { code: 'CONNECTION_CLOSED' });
    };
    expect(await (await one.send('POST', chat, { content: 'hi' })).json()).toMatchObject({
      content: texts[2],
    });
    expect(lost).toBe(true);
    expect(model.calls).toHaveLength(3);
    expect(joined(await readEvents(await one.get(await path(), stream)), content)).toBe(texts.join(''));
  });

  test('begins anew for who says to have had more of it than there is', async () => {
    const { one, two, chat, path } = await processes(plain);
    await one.send('POST', chat, { content: 'hi' });
    const all = await readEvents(await one.get(await path(), stream));
    for (const future of ['4.1.0.0.0', '999999999.1.0.0.0', '9.9.9.9.9'])
      for (const app of [one, two]) {
        const events = await readEvents(await app.get(await path(), { ...stream, 'last-event-id': future }));
        expect(events[0]).toMatchObject({ event: 'restart', data: { attempt: 1, step: 1 } });
        expect(joinPieces(events.slice(1))).toEqual(joinPieces(all.slice(1)));
      }
  });

  test('while it runs, too; and says so to who follows when its session is deleted elsewhere', async () => {
    const { one, two, id, chat, row, path } = await processes((step) =>
      step === 1 ? [{ type: 'content', text: 'void' }, new Promise<void>(() => {})] : plain(step),
    );
    const answer = one.send('POST', chat, { content: 'hi' });
    await until(async () => (await row())?.step === 1);
    const from = async (cursor?: string) =>
      followed(
        await two.get(await path(), {
          ...stream,
          ...(cursor === undefined ? {} : { 'last-event-id': cursor }),
        }),
      );
    const readers = [await from(), await from('9.9.0.0.0'), await from('9.9.0.0.0')];
    const here = followed(await one.get(await path(), stream));
    await Promise.all([...readers, here].map(({ hasVoid }) => hasVoid));
    await two.send('DELETE', `/api/sessions/${id}`, {});
    await one.turns.beat();
    const [all, ...others] = await Promise.all(readers.map(({ ended }) => ended));
    for (const events of others) {
      expect(events[0]).toMatchObject({ event: 'restart', data: { step: 1 } });
      expect(joinPieces(events.slice(1, -2))).toEqual(joinPieces(all?.slice(1, -2) ?? []));
    }
    for (const events of [all ?? [], await here.ended])
      expect(events.slice(-2).map(({ event }) => event)).toEqual(['error', 'done']);
    expect((await answer).status).toBe(409);
  });

  test('tells what the model was sent for its last step', async () => {
    const { owner, model, one, chat, path } = await processes(plain);
    await one.send('POST', chat, { content: 'hi' });
    const { context } = await (await one.get(`${await path()}?context=true`)).json();
    expect(JSON.stringify(context)).toContain('the work');
    expect(model.calls).toHaveLength(3);
    // Another agent would have been sent something else.
    const stranger = await testApp(database, { owner });
    const answer = await stranger.get(`${await path()}?context=true`);
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(await expectProblem(answer, 503)).toMatchObject({
      type: 'urn:agentchat:problem:agent_unknown',
      detail: expect.stringContaining('three-steps'),
    });
    expect((await stranger.get(await path())).status).toBe(200);
  });

  test('pages of history end and begin between its steps too', async () => {
    const { one, id, chat } = await processes(plain);
    await one.send('POST', chat, { content: 'hi' });
    const history = `/api/sessions/${id}/history`;
    const all = await (await one.get(history)).json();
    const forwards = [];
    for (let offset = 0; offset < 4; offset++)
      forwards.push(...(await (await one.get(`${history}?limit=1&offset=${offset}`)).json()));
    expect(forwards).toEqual(all);
    const backwards = [all[3]];
    for (
      let before = all[3].id;
      before;
      before = backwards[0]?.id === all[0].id ? undefined : backwards[0]?.id
    )
      backwards.unshift(...(await (await one.get(`${history}?limit=1&before=${before}`)).json()));
    expect(backwards).toEqual(all);
  });

  test('is ended by a process that does not know its agent, where somebody cancels it and nobody holds it', async () => {
    const { owner, one, id, chat, path, row } = await processes(() => [
      { type: 'content', text: 'half' },
      new Promise<void>(() => {}),
    ]);
    const stranger = await testApp(database, { owner });
    void one.send('POST', chat, { content: 'hi' });
    await until(async () => (await row())?.step === 0);
    const turn = await path();
    const queued = async () => {
      const all: { id: string; status: string }[] = await (
        await one.get(`/api/sessions/${id}/turns?status=queued`)
      ).json();
      return all[0];
    };
    void one.send('POST', chat, { content: 'and then' });
    await until(async () => (await queued()) !== undefined);
    const behind = `/api/sessions/${id}/turns/${(await queued())?.id}`;
    await expireLeases(database, id);
    await stranger.turns.beat();
    expect(await (await stranger.get(turn)).json()).toMatchObject({ status: 'running', attempt: 1 });
    for (const cancelled of [behind, turn]) {
      const answer = stranger.send('POST', `${cancelled}/cancel`, {});
      await until(async () => {
        await stranger.turns.beat();
        return (await (await stranger.get(cancelled)).json()).status === 'cancelled';
      });
      expect(await (await answer).json()).toMatchObject({ status: 'cancelled' });
    }
    expect((await stranger.send('POST', chat, { content: 'hello' })).status).toBe(200);
  });

  test('is left by a process that does not know its agent, which says so to who would run it again', async () => {
    let fails = true;
    const { owner, one, id, chat, path, row } = await processes((step) =>
      fails ? [new Error('broken')] : plain(step),
    );
    const stranger = await testApp(database, { owner });
    expect((await one.send('POST', chat, { content: 'hi' })).status).toBe(500);
    const answer = await stranger.send('POST', `${await path()}/retry`, {});
    expect(answer.headers.get('retry-after')).toBe('5');
    const problem = await expectProblem(answer, 503);
    expect(problem.type).toBe('urn:agentchat:problem:agent_unknown');
    expect(problem.detail).toContain('three-steps');
    expect(await row()).toMatchObject({ status: 'failed', attempt: 1 });

    // A process that knows it, and dies: the other is not to take the turn.
    const key = { owner, session: id, turn: (await row())?.id ?? '', lease: crypto.randomUUID() };
    const gone = await one.store.turns.retry(key, ['three-steps'], crypto.randomUUID());
    expect(gone).toMatchObject({ attempt: 2, running: true });
    await expireLeases(database, id);
    await stranger.turns.beat();
    expect(await row()).toMatchObject({ status: 'running', attempt: 2 });
    fails = false;
    await one.turns.beat();
    const events = await readEvents(await stranger.get(await path(), stream));
    expect(joined(events, content)).toBe(texts.join(''));
    expect(events.at(-1)).toMatchObject({ event: 'done', data: { status: 'completed' } });
  });
});

/** What was said, without what the agent is told to be. */
const shown = (messages: readonly LlmMessage[]) =>
  messages.flatMap(({ type, content: said }) => (type === 'SystemMessage' ? [] : [said]));

function followed(response: Response) {
  const events: ReceivedEvent[] = [];
  let look = () => {};
  const hasPiece = (text: string) =>
    new Promise<void>((resolve) => {
      look = () => {
        if (events.some(({ event, data }) => event === content && data.content.includes(text))) resolve();
      };
      look();
    });
  const hasVoid = hasPiece('void');
  const read = async () => {
    for await (const event of eachEvent(response)) {
      events.push(event);
      look();
    }
    return events;
  };
  return { hasVoid, hasPiece, ended: read() };
}
