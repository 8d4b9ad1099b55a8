import { beforeAll, expect, test } from 'bun:test';
import { eq } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { chatTurns } from '../../db/schema.ts';
import { createLog } from '../../log.ts';
import { type ChatModel, ModelError } from '../../models/model.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { eachEvent, joined, readEvents } from '../../testing/event-stream.ts';
import { newOwner } from '../../testing/owners.ts';
import { echo, say, scriptedModel } from '../../testing/scripted-model.ts';
import { testApp } from '../../testing/test-app.ts';

const stream = { accept: 'text/event-stream' };
const noLuck = { 'zh-CN': '运气不好', en: 'no luck' };

onEachDatabase('a turn that is stopped, cancelled or tried again', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  test('a cancelled turn keeps what was generated as its reply, and the next turn knows it', async () => {
    const model = scriptedModel((messages, call) =>
      call === 1 ? [{ type: 'content', text: 'so far' }, new Promise<void>(() => {})] : echo(messages, call),
    );
    const app = await testApp(database, { model });
    const id = await app.newSession();
    const response = await app.send('POST', `/api/sessions/${id}/chat`, { content: 'hi' }, stream);
    const events = [];
    for await (const event of eachEvent(response)) {
      events.push(event);
      if (event.event !== 'ModelClientStreamingChunkEvent') continue;
      const cancel = await app.request(`/api/sessions/${id}/turns/${events[0]?.data.turn_id}/cancel`, {
        method: 'POST',
      });
      expect(cancel.status).toBe(200);
      expect(await cancel.json()).toMatchObject({
        status: 'cancelled',
        reply: { content: 'so far' },
        error: null,
      });
    }
    expect(events.slice(-2).map((event) => event.event)).toEqual(['TextMessage', 'done']);
    expect(events.at(-2)?.data).toMatchObject({ content: 'so far', metadata: { cancelled: 'true' } });
    expect(events.at(-1)?.data.status).toBe('cancelled');
    await app.send('POST', `/api/sessions/${id}/chat`, { content: 'go on' });
    expect(model.calls[1]?.map((message) => message.content)).toContain('so far');
    const again = await app.request(`/api/sessions/${id}/turns/${events[0]?.data.turn_id}/cancel`, {
      method: 'POST',
    });
    expect((await again.json()).status).toBe('cancelled');
  });

  test('a model that goes on after the turn was cancelled is not listened to any more', async () => {
    const gate = Promise.withResolvers<void>();
    const listened: boolean[] = [];
    const deaf: ChatModel = {
      ...scriptedModel(),
      async stream(_messages, _signal, take) {
        listened.push(take([{ type: 'content', text: 'so far' }]));
        await gate.promise;
        listened.push(take([{ type: 'content', text: ' and on' }]));
      },
    };
    const app = await testApp(database, { model: deaf });
    const id = await app.newSession();
    const reply = app.send('POST', `/api/sessions/${id}/chat`, { content: 'hi' });
    while (listened.length === 0) await Bun.sleep(5);
    const [turn] = await (await app.get(`/api/sessions/${id}/turns`)).json();
    await app.request(`/api/sessions/${id}/turns/${turn.id}/cancel`, { method: 'POST' });
    expect(await (await reply).json()).toMatchObject({ content: 'so far' });
    gate.resolve();
    while (listened.length === 1) await Bun.sleep(5);
    expect(listened).toEqual([true, false]);
  });

  test('while the reply streams, nobody keeps the conversation', async () => {
    const gate = Promise.withResolvers<void>();
    let given: WeakRef<object> | undefined;
    const model: ChatModel = {
      ...scriptedModel(),
      stream(messages, _signal, take) {
        given = new WeakRef(messages.at(-1) ?? {});
        take([{ type: 'content', text: 'so far' }]);
        return gate.promise;
      },
    };
    const app = await testApp(database, { model });
    const id = await app.newSession();
    const reply = app.send('POST', `/api/sessions/${id}/chat`, { content: 'hi' });
    // Until it is collected; kept, it would never be.
    while (!given || given.deref()) {
      await Bun.sleep(5);
      Bun.gc(true);
    }
    gate.resolve();
    expect(await (await reply).json()).toMatchObject({ content: 'so far' });
  });

  test('a turn cancelled before anything was said has no reply, and a queued one never asks the model', async () => {
    const gate = Promise.withResolvers<void>();
    const model = scriptedModel(() => [gate.promise, ...say(['late'])]);
    const app = await testApp(database, { model });
    const id = await app.newSession();
    const first = app.send('POST', `/api/sessions/${id}/chat`, { content: 'one' });
    while (model.calls.length === 0) await Bun.sleep(5);
    const second = app.send('POST', `/api/sessions/${id}/chat`, { content: 'two' });
    const turns = async () => (await app.get(`/api/sessions/${id}/turns`)).json();
    while ((await turns()).length < 2) await Bun.sleep(5);
    for (const { id: turn } of await turns()) {
      await app.request(`/api/sessions/${id}/turns/${turn}/cancel`, { method: 'POST' });
    }
    expect((await first).status).toBe(409);
    expect((await second).status).toBe(409);
    expect(await turns()).toMatchObject([
      { status: 'cancelled', reply: null },
      { status: 'cancelled', reply: null },
    ]);
    expect(model.calls).toHaveLength(1);
    gate.resolve();
  });

  test('another process is asked to cancel by the row, and does at its next beat', async () => {
    const model = scriptedModel(() => [{ type: 'content', text: 'x' }, new Promise<void>(() => {})]);
    const owner = await newOwner(database);
    const runner = await testApp(database, { model, owner });
    const other = await testApp(database, { owner });
    const id = await runner.newSession();
    const answer = runner.send('POST', `/api/sessions/${id}/chat`, { content: 'hi' });
    while (model.calls.length === 0) await Bun.sleep(5);
    const [turn] = await (await other.get(`/api/sessions/${id}/turns`)).json();
    const cancelled = other.request(`/api/sessions/${id}/turns/${turn.id}/cancel`, { method: 'POST' });
    const followed = readEvents(await other.get(`/api/sessions/${id}/turns/${turn.id}`, stream));
    const beats = setInterval(() => runner.turns.beat(), 20);
    expect((await (await cancelled).json()).status).toBe('cancelled');
    clearInterval(beats);
    expect((await (await answer).json()).content).toBe('x');
    expect((await followed).at(-1)).toMatchObject({ event: 'done', data: { status: 'cancelled' } });
  });

  test('a failed turn is tried again in its own place, without a second copy of the message', async () => {
    const model = scriptedModel((messages, call) =>
      call === 1
        ? [{ type: 'content', text: 'half' }, new ModelError('failed', noLuck)]
        : echo(messages, call),
    );
    const app = await testApp(database, { model });
    const id = await app.newSession();
    await app.send('POST', `/api/sessions/${id}/chat`, { content: 'one' });
    await app.send('POST', `/api/sessions/${id}/chat`, { content: 'two' });
    const failed = (await (await app.get(`/api/sessions/${id}/turns?status=failed`)).json())[0];
    const retries = await Promise.all(
      [1, 2, 3].map(() => app.request(`/api/sessions/${id}/turns/${failed.id}/retry`, { method: 'POST' })),
    );
    expect(retries.map((response) => response.status).sort()).toEqual([200, 409, 409]);
    const history = await (await app.get(`/api/sessions/${id}/history`)).json();
    expect(history.map((message: { content: string }) => message.content)).toEqual([
      'one',
      'echo: one',
      'two',
      'echo: one\n\ntwo',
    ]);
    expect(
      model.calls
        .at(-1)
        ?.map((message) => message.content)
        .slice(1),
    ).toEqual(['one']);
    const turn = await (await app.get(`/api/sessions/${id}/turns/${failed.id}`)).json();
    expect(turn).toMatchObject({
      status: 'completed',
      attempt: 2,
      error: null,
      reply: { content: 'echo: one' },
    });
    const events = await readEvents(await app.get(`/api/sessions/${id}/turns/${failed.id}`, stream));
    expect(joined(events, 'ModelClientStreamingChunkEvent')).toBe('echo: one');
  });

  test('an end that is not stored is told to nobody, and once it is, to everybody', async () => {
    const gate = Promise.withResolvers<void>();
    const model = scriptedModel(() => [
      { type: 'content', text: 'half' },
      gate.promise,
      new ModelError('failed', noLuck),
    ]);
    const app = await testApp(database, { model });
    const id = await app.newSession();
    const { endWithoutReply } = app.store.turns;
    const back = Promise.withResolvers<void>();
    app.store.turns.endWithoutReply = async (...end) => {
      app.store.turns.endWithoutReply = (...later) => back.promise.then(() => endWithoutReply(...later));
      throw Object.assign(new Error(`away: ${end}`), { code: 'ECONNREFUSED' });
    };
    const answer = app.send('POST', `/api/sessions/${id}/chat`, { content: 'hi' });
    while (model.calls.length === 0) await Bun.sleep(5);
    const [turn] = await (await app.get(`/api/sessions/${id}/turns`)).json();
    const path = `/api/sessions/${id}/turns/${turn.id}`;
    const follower = await app.get(path, stream);
    gate.resolve();
    const response = await answer;
    expect([response.status, (await response.json()).type]).toEqual([
      503,
      expect.stringContaining('database_away'),
    ]);
    expect((await readEvents(follower)).map(({ event }) => event)).toEqual([
      'turn',
      'ModelClientStreamingChunkEvent',
    ]);
    expect(await (await app.get(path)).json()).toMatchObject({ status: 'running', error: null });
    back.resolve();
    while (app.turns.busy()) await Bun.sleep(5);
    expect(await (await app.get(path)).json()).toMatchObject({ status: 'failed' });
    const events = await readEvents(await app.get(path, stream));
    expect(events.slice(-2)).toMatchObject([
      { event: 'error', data: { detail: expect.stringContaining('no luck') } },
      { event: 'done', data: { status: 'failed' } },
    ]);
  });

  test('a stop waits for a turn that is only just being begun', async () => {
    const model = scriptedModel();
    const app = await testApp(database, { model });
    const id = await app.newSession();
    const answer = app.send('POST', `/api/sessions/${id}/chat`, { content: 'hi' });
    // The request is on its way to the database and no turn is listed yet.
    await Promise.resolve();
    while (!app.turns.busy()) await Promise.resolve();
    await app.turns.drain(5000);
    expect(app.turns.busy()).toBe(false);
    expect((await answer).status).toBe(200);
  });

  test('while it stops, nothing is begun, and no session is made for it', async () => {
    const app = await testApp(database);
    await app.turns.drain(0);
    for (const path of ['/chat', `/api/sessions/${crypto.randomUUID()}/chat`]) {
      const response = await app.send('POST', path, { content: 'hi' });
      expect(response.status).toBe(503);
      expect(response.headers.get('retry-after')).toBe('5');
    }
    expect(await (await app.get('/api/sessions')).json()).toEqual([]);
  });

  test('a turn tried again here while its first run still hangs here is the second run’s alone', async () => {
    const model = scriptedModel((_messages, call) =>
      call === 1
        ? [new Promise<void>(() => {})]
        : [{ type: 'content', text: 'x' }, new Promise<void>(() => {})],
    );
    const app = await testApp(database, { model });
    const id = await app.newSession();
    const first = app.send('POST', `/api/sessions/${id}/chat`, { content: 'hi' });
    while (model.calls.length === 0) await Bun.sleep(5);
    // Another process took this one for dead.
    const [abandoned] = await database.db
      .select({ turn: chatTurns.id, lease: chatTurns.lease })
      .from(chatTurns)
      .where(eq(chatTurns.sessionId, id));
    const key = { owner: app.owner, session: id, turn: abandoned?.turn ?? '', lease: abandoned?.lease ?? '' };
    await app.store.turns.endWithoutReply(key, { code: 'interrupted' });
    const path = `/api/sessions/${id}/turns/${abandoned?.turn}`;
    const second = app.request(`${path}/retry`, { method: 'POST' });
    while (model.calls.length < 2) await Bun.sleep(5);
    expect((await (await app.request(`${path}/cancel`, { method: 'POST' })).json()).status).toBe('cancelled');
    const reply = await (await second).json();
    expect(reply).toMatchObject({ content: 'x', metadata: { cancelled: 'true' } });
    expect(await (await first).json()).toEqual(reply);
  });

  test('the log has the provider’s own words, and callers do not', async () => {
    const lines: string[] = [];
    const cause = new Error('400 THE-PROVIDER-SAYS no');
    const model = scriptedModel(() => [new ModelError('failed', noLuck, { cause })]);
    const log = createLog({ level: 'warn', format: 'json', write: (line) => lines.push(line) });
    const app = await testApp(database, { model, log });
    const id = await app.newSession();
    const headers = { 'x-request-id': 'trace-1' };
    const response = await app.send('POST', `/api/sessions/${id}/chat`, { content: 'hi' }, headers);
    expect(await response.text()).not.toContain('THE-PROVIDER-SAYS');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      code: 'model_failed',
      cause: '400 THE-PROVIDER-SAYS no',
      session_id: id,
      request_id: 'trace-1',
    });
  });
});
