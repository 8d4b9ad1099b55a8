import { beforeAll, expect, test } from 'bun:test';
import type { Database } from '../../db/database.ts';
import { ModelError } from '../../models/model.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { eachEvent, joined, readEvents } from '../../testing/event-stream.ts';
import { echo, say, scriptedModel } from '../../testing/scripted-model.ts';
import { testApp } from '../../testing/test-app.ts';

const stream = { accept: 'text/event-stream' };
const noLuck = { 'zh-CN': '运气不好', en: 'no luck' };

onEachDatabase('a turn', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  test('a blocking answer is the stored reply, with thought and usage', async () => {
    const model = scriptedModel(function* () {
      const [first, second, ...rest] = say(['Hel', 'lo'], ['let me ', 'see']);
      yield* [first, Bun.sleep(120), second, ...rest];
    });
    const app = await testApp(database, { model });
    const id = await app.newSession();
    const response = await app.send('POST', `/api/sessions/${id}/chat`, { content: 'hi' });
    expect(response.status).toBe(200);
    const reply = await response.json();
    expect(reply).toMatchObject({
      session_id: id,
      source: 'assistant',
      type: 'TextMessage',
      content: 'Hello',
      thought: 'let me see',
      models_usage: { prompt_tokens: 3, completion_tokens: 2 },
      metadata: { model: 'scripted', thought_seconds: expect.stringMatching(/^(?!0\.0)\d+\.\d$/) },
    });
    const history = await (await app.get(`/api/sessions/${id}/history`)).json();
    expect(history).toHaveLength(2);
    expect(history[0]).toMatchObject({ source: 'user', content: 'hi' });
    expect(history[1]).toEqual({ ...reply, parent_id: history[0].id });
  });

  test('the streamed pieces join to the stored thought and content, and done is last', async () => {
    const model = scriptedModel(() => say(['a', 'b', 'c'], ['x', 'y']));
    const app = await testApp(database, { model });
    const id = await app.newSession();
    const events = await readEvents(
      await app.send('POST', `/api/sessions/${id}/chat`, { content: 'hi' }, stream),
    );
    expect(events.map((event) => event.event)).toEqual([
      'turn',
      'ThoughtStreamingChunkEvent',
      'ThoughtStreamingChunkEvent',
      'ModelClientStreamingChunkEvent',
      'ModelClientStreamingChunkEvent',
      'ModelClientStreamingChunkEvent',
      'ThoughtEvent',
      'TextMessage',
      'done',
    ]);
    const { parent_id: _, ...stored } = (await (await app.get(`/api/sessions/${id}/history`)).json())[1];
    expect(events.at(-2)?.data).toEqual(stored);
    expect(joined(events, 'ThoughtStreamingChunkEvent')).toBe(stored.thought);
    expect(joined(events, 'ModelClientStreamingChunkEvent')).toBe(stored.content);
    expect(events.at(-1)?.data).toEqual({ turn_id: events[0]?.data.turn_id, status: 'completed' });
  });

  test('events are for those who would rather have them than JSON', async () => {
    const app = await testApp(database);
    const id = await app.newSession();
    const type = async (accept: string, query = '') => {
      const response = await app.send(
        'POST',
        `/api/sessions/${id}/chat${query}`,
        { content: 'hi' },
        { accept },
      );
      await response.text();
      return response.headers.get('content-type')?.split(';')[0];
    };
    const [json, events] = ['application/json', 'text/event-stream'];
    expect(await type('*/*')).toBe(json);
    expect(await type('text/event-stream')).toBe(events);
    expect(await type('text/event-stream, application/json;q=0.5')).toBe(events);
    expect(await type('application/json, text/event-stream;q=0.5')).toBe(json);
    expect(await type('text/event-stream;q=0')).toBe(json);
    expect(await type('text/event-stream', '?stream=false')).toBe(json);
    expect(await type('application/json', '?stream=true')).toBe(events);
  });

  test('the model is asked only after the user message is stored', async () => {
    const seen: unknown[] = [];
    const app = await testApp(database, {
      model: scriptedModel(async function* () {
        seen.push(...(await (await app.get(`/api/sessions/${id}/history`)).json()));
        yield* say(['ok']);
      }),
    });
    const id = await app.newSession();
    await app.send('POST', `/api/sessions/${id}/chat`, { content: 'first' });
    expect(seen).toMatchObject([{ content: 'first' }]);
  });

  for (const [failure, status] of [
    ['failed', 502],
    ['timeout', 504],
    ['busy', 503],
  ] as const) {
    test(`a model that ${failure} gives ${status}; the message stays, the turn failed, the next message works`, async () => {
      const model = scriptedModel((messages, call) =>
        call === 1
          ? [{ type: 'content', text: 'half' }, new ModelError(failure, noLuck, { retryAfterSeconds: 7 })]
          : echo(messages, call),
      );
      const app = await testApp(database, { model });
      const id = await app.newSession();
      const response = await app.send('POST', `/api/sessions/${id}/chat`, { content: 'hi' });
      expect(response.status).toBe(status);
      const problem = await response.json();
      expect(problem.detail).toContain('no luck');
      if (status === 503) expect(response.headers.get('retry-after')).toBe('7');
      expect(await (await app.get(`/api/sessions/${id}/history`)).json()).toMatchObject([{ content: 'hi' }]);
      const [turn] = await (await app.get(`/api/sessions/${id}/turns`)).json();
      expect(turn).toMatchObject({ status: 'failed', reply: null, error: { status } });

      const next = await app.send('POST', `/api/sessions/${id}/chat`, { content: 'again' });
      expect((await next.json()).content).toBe('echo: hi\n\nagain');
    });
  }

  test('a stream whose model fails half-way says error and done, and replays what was streamed', async () => {
    const model = scriptedModel(() => [{ type: 'content', text: 'half' }, new ModelError('failed', noLuck)]);
    const app = await testApp(database, { model });
    const id = await app.newSession();
    const events = await readEvents(
      await app.send('POST', `/api/sessions/${id}/chat`, { content: 'hi' }, stream),
    );
    const names = ['turn', 'ModelClientStreamingChunkEvent', 'error', 'done'];
    expect(events.map((event) => event.event)).toEqual(names);
    expect(events[2]?.data).toMatchObject({ status: 502, title: 'The model failed' });
    expect(events[3]?.data).toMatchObject({ status: 'failed' });
    const again = await readEvents(
      await app.get(`/api/sessions/${id}/turns/${events[0]?.data.turn_id}`, stream),
    );
    expect(again.map(({ event, data, id }) => ({ event, id, content: data.content }))).toEqual(
      events.map(({ event, data, id }) => ({ event, id, content: data.content })),
    );
  });

  test('a caller that goes away does not stop its turn', async () => {
    const gate = Promise.withResolvers<void>();
    const model = scriptedModel(() => [{ type: 'content', text: 'a' }, gate.promise, ...say(['b'])]);
    const app = await testApp(database, { model });
    const id = await app.newSession();
    const response = await app.send('POST', `/api/sessions/${id}/chat`, { content: 'hi' }, stream);
    for await (const event of eachEvent(response)) {
      if (event.event === 'ModelClientStreamingChunkEvent') break;
    }
    gate.resolve();
    await app.turns.drain(5000);
    const history = await (await app.get(`/api/sessions/${id}/history`)).json();
    expect(history.at(-1)).toMatchObject({ source: 'assistant', content: 'ab' });
  });

  test('messages of one session sent at once are answered one after the other, in order, in pairs', async () => {
    let running = 0;
    let most = 0;
    const model = scriptedModel(async function* (messages, call) {
      most = Math.max(most, ++running);
      await Bun.sleep(5);
      yield* echo(messages, call) as Iterable<never>;
      running--;
    });
    const app = await testApp(database, { model });
    const id = await app.newSession();
    const sent = Array.from({ length: 6 }, (_, n) => `message ${n}`);
    const replies = await Promise.all(
      sent.map(async (content) => (await app.send('POST', `/api/sessions/${id}/chat`, { content })).json()),
    );
    expect(replies.map((reply) => reply.content)).toEqual(sent.map((content) => `echo: ${content}`));
    expect(most).toBe(1);
    const history = await (await app.get(`/api/sessions/${id}/history`)).json();
    const contents = history.map((message: { content: string }) => message.content);
    expect(contents).toHaveLength(12);
    for (let i = 0; i < 12; i += 2) expect(contents[i + 1]).toBe(`echo: ${contents[i]}`);
    // Each turn knew all that was said and answered before it, and nothing that came after.
    for (const [turn, messages] of model.calls.entries()) {
      const known = messages.slice(1).map((message) => message.content);
      expect(known).toEqual(contents.slice(0, 2 * turn + 1));
    }
  });

  test('a deleted session ends its running turn, which tells its reader', async () => {
    const gate = Promise.withResolvers<void>();
    const model = scriptedModel(() => [{ type: 'content', text: 'a' }, gate.promise, ...say(['b'])]);
    const app = await testApp(database, { model });
    const id = await app.newSession();
    const response = await app.send('POST', `/api/sessions/${id}/chat`, { content: 'hi' }, stream);
    const events: string[] = [];
    for await (const event of eachEvent(response)) {
      events.push(event.event);
      if (event.event === 'ModelClientStreamingChunkEvent' && events.length === 2) {
        expect((await app.request(`/api/sessions/${id}`, { method: 'DELETE' })).status).toBe(200);
        gate.resolve();
      }
    }
    expect(events.slice(-2)).toEqual(['error', 'done']);
    expect((await app.get(`/api/sessions/${id}/history`)).status).toBe(404);
  });

  test('a reply the model cut short says so', async () => {
    const model = scriptedModel(() => [
      { type: 'content', text: 'cut' },
      { type: 'end', finishReason: 'length', usage: null },
    ]);
    const app = await testApp(database, { model });
    const id = await app.newSession();
    const reply = await (await app.send('POST', `/api/sessions/${id}/chat`, { content: 'hi' })).json();
    expect(reply).toMatchObject({ models_usage: null, metadata: { finish_reason: 'length' } });
  });

  test('a model that never stops is stopped, and the reply says that it was cut', async () => {
    const mebi = 'x'.repeat(1024 ** 2);
    const app = await testApp(database, {
      model: scriptedModel(function* () {
        for (;;) yield { type: 'content', text: mebi };
      }),
    });
    const id = await app.newSession();
    const reply = await (await app.send('POST', `/api/sessions/${id}/chat`, { content: 'hi' })).json();
    expect(reply.content).toHaveLength(4 * mebi.length);
    expect(reply.metadata.finish_reason).toBe('length');
  });

  test('a stream that is resumed after any of its ids gets exactly the rest', async () => {
    const model = scriptedModel(() => say(['Ein ', '😀 ', 'end'], ['hm', 'm']));
    const app = await testApp(database, { model });
    const id = await app.newSession();
    const events = await readEvents(
      await app.send('POST', `/api/sessions/${id}/chat`, { content: 'hi' }, stream),
    );
    const turn = events[0]?.data.turn_id;
    for (const [index, event] of events.entries()) {
      const rest = await readEvents(
        await app.get(`/api/sessions/${id}/turns/${turn}`, { ...stream, 'last-event-id': event.id }),
      );
      const missed = events.slice(index + 1);
      for (const kind of ['ThoughtStreamingChunkEvent', 'ModelClientStreamingChunkEvent']) {
        expect(joined(rest, kind)).toBe(joined(missed, kind));
      }
      const whole = (list: typeof events) => list.filter((one) => !one.event.includes('Chunk'));
      expect(whole(rest)).toEqual(whole(missed));
    }
  });

  test('a stream that breaks after each of its events is read on without a character twice', async () => {
    const thought = (text: string) => ({ type: 'thought' as const, text });
    const content = (text: string) => ({ type: 'content' as const, text });
    const model = scriptedModel(() => [content('One '), thought('hm '), ...say(['two'], ['mm'])]);
    const app = await testApp(database, { model });
    const id = await app.newSession();
    const path = `/api/sessions/${id}/chat`;
    const events = await readEvents(await app.send('POST', path, { content: 'hi' }, stream));
    const turn = events[0]?.data.turn_id;
    for (const [index, event] of events.slice(0, -1).entries()) {
      const got = events.slice(0, index + 1);
      for (let last = event; last.event !== 'done'; last = got.at(-1) ?? last) {
        const headers = { ...stream, 'last-event-id': last.id };
        const [next] = await readEvents(await app.get(`/api/sessions/${id}/turns/${turn}`, headers));
        if (!next) throw new Error(`nothing behind ${last.id}`);
        got.push(next);
      }
      expect(joined(got, 'ThoughtStreamingChunkEvent')).toBe('hm mm');
      expect(joined(got, 'ModelClientStreamingChunkEvent')).toBe('One two');
    }
  });
});
