// One turn, several processes: two apps on one database that know of each other only what it tells.
import { beforeAll, expect, test } from 'bun:test';
import { eq } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { chatTurns } from '../../db/schema.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { eachEvent, joined, type ReceivedEvent, readEvents } from '../../testing/event-stream.ts';
import { type Step, say } from '../../testing/scripted-model.ts';
import { expireLeases, twoAppsOn } from '../../testing/two-apps.ts';
import { mostInterruptions } from '../../words/turn-limits.ts';

const stream = { accept: 'text/event-stream' };
const chunk = 'ModelClientStreamingChunkEvent';
const piece = (text: string): Step => ({ type: 'content', text });
const forever = () => new Promise<void>(() => {});

/** Reads a stream: `begun` when it has a piece, `ended` with all of it. */
function followed(response: Response) {
  const begun = Promise.withResolvers<void>();
  const read = async () => {
    const events: ReceivedEvent[] = [];
    for await (const event of eachEvent(response)) {
      events.push(event);
      if (event.event === chunk) begun.resolve();
    }
    return events;
  };
  return { begun: begun.promise, ended: read() };
}

onEachDatabase('a turn in another process', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  const twoApps = (script: (call: number) => Step[]) => twoAppsOn(database, script);
  const expire = (session: string) => expireLeases(database, session);

  test('is followed live, by several readers, each to the same end', async () => {
    const gate = Promise.withResolvers<void>();
    const { one, two, chat, runningTurn } = await twoApps(() => [
      { type: 'thought', text: 'hm' },
      piece('first '),
      gate.promise,
      ...say(['second'], []),
    ]);
    const answer = one.send('POST', chat, { content: 'hi' });
    const path = await runningTurn('first ');
    const readers = await Promise.all([1, 2, 3].map(() => two.get(path, stream)));
    const seen = readers.map(async (response) => {
      const events: ReceivedEvent[] = [];
      for await (const event of eachEvent(response)) {
        events.push(event);
        // Only what is told while the turn runs opens the gate.
        if (event.event === chunk) gate.resolve();
      }
      return events;
    });
    const reply = await (await answer).json();
    for (const events of await Promise.all(seen)) {
      expect(joined(events, chunk)).toBe('first second');
      expect(joined(events, 'ThoughtStreamingChunkEvent')).toBe('hm');
      expect(events.at(-2)?.data).toEqual(reply);
      expect(events.map(({ event }) => event)).toEqual(
        expect.arrayContaining(['turn', 'ThoughtEvent', 'TextMessage', 'done']),
      );
    }
    const late = await readEvents(await two.get(path, { ...stream, 'last-event-id': '1.1.2.6.1' }));
    expect(joined(late, chunk)).toBe('second');
  });

  test('is taken over when its process is silent: a restart for its readers, one reply, also for its caller', async () => {
    const gate = Promise.withResolvers<void>();
    const { model, one, two, id, chat, turns, runningTurn } = await twoApps((call) =>
      call === 1 ? [piece('void'), gate.promise, piece(' and late')] : say(['the ', 'reply']),
    );
    const answer = one.send('POST', chat, { content: 'hi' });
    const path = await runningTurn('void');
    const [here, there] = await Promise.all([one.get(path, stream), two.get(path, stream)]);
    const readers = [here, there].map(followed);
    await Promise.all(readers.map(({ begun }) => begun));
    const events = readers.map(({ ended }) => ended);
    await expire(id);
    await two.turns.beat();
    await one.turns.beat();
    const reply = await (await answer).json();
    expect(reply.content).toBe('the reply');
    for (const seen of await Promise.all(events)) {
      const restart = seen.findIndex(({ event }) => event === 'restart');
      expect(seen[restart]?.data).toMatchObject({ attempt: 2 });
      expect(joined(seen.slice(restart), chunk)).toBe('the reply');
      expect(seen.slice(-2).map(({ event }) => event)).toEqual(['TextMessage', 'done']);
    }
    gate.resolve();
    await one.turns.drain(1000);
    expect(await turns()).toMatchObject([{ status: 'completed', attempt: 2, reply }]);
    const history = await (await one.get(`/api/sessions/${id}/history`)).json();
    expect(history).toHaveLength(2);
    expect(model.calls).toHaveLength(2);
    // Whoever had a place in the first attempt gets the whole second one.
    const late = await readEvents(await one.get(path, { ...stream, 'last-event-id': '1.1.0.3.1' }));
    expect(late[0]?.event).toBe('restart');
    expect(joined(late, chunk)).toBe('the reply');
  });

  test('does not fall back for a reader who comes to a process that has not noticed', async () => {
    const gate = Promise.withResolvers<void>();
    const { one, two, id, chat, runningTurn } = await twoApps((call) =>
      call === 1 ? [piece('void'), forever()] : [piece('new '), gate.promise, ...say(['reply'])],
    );
    const answer = one.send('POST', chat, { content: 'hi' });
    const path = await runningTurn('void');
    await expire(id);
    await two.turns.beat();
    await runningTurn('new ');
    const seen = await one.get(path, { ...stream, 'last-event-id': '1.2.0.4.1' });
    gate.resolve();
    const events = await readEvents(seen);
    expect(events.map(({ event }) => event)).toEqual([chunk, 'TextMessage', 'done']);
    expect(joined(events, chunk)).toBe('reply');
    await one.turns.beat();
    expect((await (await answer).json()).content).toBe('new reply');
    // An attempt that never was is not waited for.
    const lost = await readEvents(await two.get(path, { ...stream, 'last-event-id': '1.9.0.0.1' }));
    expect(lost[0]?.event).toBe('restart');
    expect(joined(lost, chunk)).toBe('new reply');
  });

  test('is left alone for a while after the database was away, also where that was heard between two beats', async () => {
    const { one, two, id, chat, runningTurn } = await twoApps(() => [piece('x'), forever()]);
    const asked = one.send('POST', chat, { content: 'hi' });
    await runningTurn('x');
    const { takeOver, abandoned } = two.store.leases;
    const away = Promise.withResolvers<never>();
    two.store.leases.takeOver = () => away.promise;
    await expire(id);
    await two.turns.beat();
    let looks = 0;
    two.store.leases.abandoned = (agents, all) => {
      looks++;
      return abandoned(agents, all);
    };
    two.store.leases.takeOver = takeOver;
    away.reject(Object.assign(new Error('away'), { code: 'ECONNRESET' }));
    while (two.turns.busy()) await Bun.sleep(5);
    await two.turns.beat();
    expect(looks).toBe(0);
    await one.turns.drain(0);
    await asked;
  });

  test('that never gets through has failed after its last attempt, with what it said, and the session goes on', async () => {
    const { model, one, two, id, chat, turns, runningTurn } = await twoApps((call) =>
      call <= mostInterruptions ? [piece(`try ${call}`), forever()] : say(['at last']),
    );
    const answer = one.send('POST', chat, { content: 'hi' });
    let path = '';
    for (let attempt = 1; attempt <= mostInterruptions; attempt++) {
      path = await runningTurn(`try ${attempt}`);
      await expire(id);
      await (attempt % 2 ? two : one).turns.beat();
      await (attempt % 2 ? one : two).turns.beat();
    }
    expect((await answer).status).toBe(503);
    expect(await turns()).toMatchObject([
      { status: 'failed', attempt: mostInterruptions + 1, error: { title: 'Interrupted' } },
    ]);
    const events = await readEvents(await two.get(path, stream));
    expect(joined(events, chunk)).toBe(`try ${mostInterruptions}`);
    expect(events.slice(-2).map(({ event }) => event)).toEqual(['error', 'done']);
    const again = await two.request(`${path}/retry`, { method: 'POST' });
    expect((await again.json()).content).toBe('at last');
    expect(model.calls).toHaveLength(mostInterruptions + 1);
  });

  test('that was to be cancelled when its process died is cancelled, and keeps what it said', async () => {
    const { one, two, id, chat, runningTurn } = await twoApps((call) =>
      call === 1 ? [piece('so far'), forever()] : say(['next']),
    );
    const answer = one.send('POST', chat, { content: 'hi' });
    const path = await runningTurn('so far');
    await two.store.turns.requestCancel({
      owner: two.owner,
      session: id,
      turn: path.split('/').at(-1) ?? '',
    });
    await expire(id);
    await two.turns.beat();
    await one.turns.beat();
    const reply = await (await answer).json();
    expect(reply).toMatchObject({ content: 'so far', metadata: { cancelled: 'true' } });
    // It had no thought.
    expect(reply.metadata).not.toHaveProperty('thought_seconds');
    expect((await (await two.send('POST', chat, { content: 'and?' })).json()).content).toBe('next');
  });

  test('keeps what it said also when whoever was to end it is gone as well', async () => {
    const { one, two, id, chat, turns, runningTurn } = await twoApps(() => [piece('so far'), forever()]);
    const answer = one.send('POST', chat, { content: 'hi' });
    const path = await runningTurn('so far');
    await two.store.turns.requestCancel({
      owner: two.owner,
      session: id,
      turn: path.split('/').at(-1) ?? '',
    });
    await expire(id);
    const [abandoned] = await two.store.leases.abandoned(['assistant'], false);
    if (!abandoned) throw new Error('not abandoned');
    const to = { lease: crypto.randomUUID(), replyId: crypto.randomUUID() };
    expect(await two.store.leases.takeOver(abandoned, to, false)).toMatchObject({ last: true });
    await expire(id);
    await two.turns.beat();
    expect(await turns()).toMatchObject([{ status: 'cancelled', reply: { content: 'so far' } }]);
    await one.turns.beat();
    expect((await (await answer).json()).content).toBe('so far');
  });

  test('that is only just begun when its process stops is handed over as well', async () => {
    const { one, two, chat, turns } = await twoApps(() => say(['done']));
    const answer = one.send('POST', chat, { content: 'hi' });
    // The request is on its way to the database and no turn is listed yet.
    await Promise.resolve();
    while (!one.turns.busy()) await Promise.resolve();
    await one.turns.drain(0);
    expect(one.turns.busy()).toBe(false);
    expect((await answer).status).toBe(503);
    for (let beats = 0; (await turns())[0]?.status !== 'completed' && beats < 100; beats++) {
      await two.turns.beat();
      await Bun.sleep(20);
    }
    expect(await turns()).toMatchObject([{ status: 'completed', reply: { content: 'done' } }]);
  });

  test('is still answered under its key by a process that stops, from whoever has it', async () => {
    const { one, two, chat, runningTurn } = await twoApps((call) =>
      call === 1 ? [piece('x'), forever()] : say(['done']),
    );
    const ask = () => one.send('POST', chat, { content: 'hi' }, { 'idempotency-key': 'k' });
    const answer = ask();
    await runningTurn('x');
    await one.turns.drain(0);
    expect((await answer).status).toBe(503);
    const again = ask();
    await two.turns.beat();
    expect((await (await again).json()).content).toBe('done');
  });

  test('is taken over at once where a process stops and cannot wait for it', async () => {
    const { one, two, chat, runningTurn } = await twoApps((call) =>
      call === 1 ? [piece('half'), forever()] : say(['whole']),
    );
    const answer = one.send('POST', chat, { content: 'hi' });
    const path = await runningTurn('half');
    const streamed = readEvents(await one.get(path, stream));
    await one.turns.drain(0);
    const response = await answer;
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    expect((await response.json()).title).toBe('Handed over');
    // The stream breaks off: nobody is told an end that is none.
    const events = await streamed;
    expect(events.map(({ event }) => event)).toEqual(['turn', chunk]);
    await two.turns.beat();
    const rest = await readEvents(
      await two.get(path, { ...stream, 'last-event-id': events.at(-1)?.id ?? '' }),
    );
    expect(rest.map(({ event }) => event)).toEqual(['restart', chunk, 'TextMessage', 'done']);
  });

  test('is not taken over by a process that stops', async () => {
    const { one, two, another, id, chat, turns, runningTurn } = await twoApps(() => [piece('x'), forever()]);
    one.send('POST', chat, { content: 'hi' });
    await runningTurn('x');
    await two.turns.drain(0);
    await expire(id);
    await two.turns.beat();
    expect(await turns()).toMatchObject([{ status: 'running', attempt: 1 }]);
    await (await another()).turns.beat();
    expect(await turns()).toMatchObject([{ status: 'running', attempt: 2 }]);
  });

  test('that is only just taken over when its new process stops is handed over as well', async () => {
    const { one, two, another, id, chat, turns, runningTurn } = await twoApps((call) =>
      call === 1 ? [piece('x'), forever()] : say(['done']),
    );
    one.send('POST', chat, { content: 'hi' });
    await runningTurn('x');
    await expire(id);
    const { takeOver } = two.store.leases;
    const taking = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    two.store.leases.takeOver = async (...which) => {
      taking.resolve();
      await gate.promise;
      return takeOver(...which);
    };
    const beat = two.turns.beat();
    await taking.promise;
    const drained = two.turns.drain(0);
    gate.resolve();
    await Promise.all([beat, drained]);
    expect(await turns()).toMatchObject([{ status: 'running', attempt: 2 }]);
    await (await another()).turns.beat();
    while ((await turns())[0].status === 'running') await Bun.sleep(5);
    expect(await turns()).toMatchObject([{ status: 'completed', attempt: 3, reply: { content: 'done' } }]);
  });

  test('is not taken over right after the database was away, when nobody could hold it', async () => {
    const { one, two, another, id, chat, turns, runningTurn } = await twoApps(() => [piece('x'), forever()]);
    one.send('POST', chat, { content: 'hi' });
    await runningTurn('x');
    const { abandoned } = two.store.leases;
    two.store.leases.abandoned = () => Promise.reject(Object.assign(new Error('away'), { code: '57P01' }));
    await expect(two.turns.beat()).rejects.toThrow('away');
    two.store.leases.abandoned = abandoned;
    await expire(id);
    await two.turns.beat();
    expect(await turns()).toMatchObject([{ status: 'running', attempt: 1 }]);
    await (await another()).turns.beat();
    expect(await turns()).toMatchObject([{ status: 'running', attempt: 2 }]);
  });

  test.each([
    ['a piece was stored although the statement seemed to fail', true],
    ['a piece was not stored, because the connection broke', false],
  ])('is told whole where %s', async (_, isStored) => {
    const again = Promise.withResolvers<void>();
    const { one, two, chat, runningTurn } = await twoApps(() => [
      piece('so '),
      again.promise,
      piece('far'),
      forever(),
    ]);
    const { append } = one.store.events;
    one.store.events.append = async (pieces) => {
      one.store.events.append = append;
      if (isStored) await append(pieces);
      // More of the kind comes while this waits to be tried again.
      setTimeout(again.resolve, 1);
      throw Object.assign(new Error('the connection broke'), { code: 'ECONNRESET' });
    };
    one.send('POST', chat, { content: 'hi' });
    const path = await runningTurn('so far');
    let seen = '';
    for await (const { event, data } of eachEvent(await two.get(path, stream))) {
      if (event === chunk) seen += data.content;
      if (seen === 'so far') break;
    }
    await one.turns.drain(0);
  });

  test('waits in line for one that runs here, and the other way round', async () => {
    const gate = Promise.withResolvers<void>();
    const { one, two, id, chat, runningTurn } = await twoApps((call) =>
      call === 1 ? [gate.promise, ...say(['1'])] : say([String(call)]),
    );
    const answers = [one.send('POST', chat, { content: 'a' })];
    await runningTurn();
    for (const app of [two, one, two]) {
      answers.push(app.send('POST', chat, { content: 'more' }));
      const waits = () => database.db.$count(chatTurns, eq(chatTurns.sessionId, id));
      while ((await waits()) < answers.length) await Bun.sleep(5);
    }
    gate.resolve();
    const replies = await Promise.all(answers.map(async (answer) => (await (await answer).json()).content));
    expect(replies).toEqual(['1', '2', '3', '4']);
  });

  test('tells its readers when its session is deleted', async () => {
    const { one, two, id, chat, runningTurn } = await twoApps(() => [piece('x'), forever()]);
    const answer = one.send('POST', chat, { content: 'hi' });
    const path = await runningTurn('x');
    const events = readEvents(await two.get(path, stream));
    await two.request(`/api/sessions/${id}`, { method: 'DELETE' });
    await one.turns.beat();
    expect((await answer).status).toBe(409);
    expect((await events).slice(-2).map(({ event }) => event)).toEqual(['error', 'done']);
  });
});
