// Turns that run in another process cost only while somebody here looks at them.
import { beforeAll, expect, test } from 'bun:test';
import { eq } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { chatTurnEvents, chatTurns } from '../../db/schema.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { eachEvent, joined, type ReceivedEvent, readEvents } from '../../testing/event-stream.ts';
import { type Step, say } from '../../testing/scripted-model.ts';
import type { testApp } from '../../testing/test-app.ts';
import { expireLeases, twoAppsOn } from '../../testing/two-apps.ts';

const stream = { accept: 'text/event-stream' };
const chunk = 'ModelClientStreamingChunkEvent';
const piece = (text: string): Step => ({ type: 'content', text });
const forever = () => new Promise<void>(() => {});

type App = Awaited<ReturnType<typeof testApp>>;

/** How often this process has asked what is new elsewhere, and whether it has ceased to. */
function watchPolls({ store: { events } }: App) {
  const { progress } = events;
  let polls = 0;
  events.progress = (followed) => {
    polls++;
    return progress(followed);
  };
  const begin = async () => {
    for (const before = polls; polls < before + 2; ) await Bun.sleep(5);
  };
  /** Resolves when several polls would have been due and none came. */
  const cease = async () => {
    for (let before = -1; before !== polls; await Bun.sleep(400)) before = polls;
  };
  return { begin, cease };
}

onEachDatabase('the mirror of a turn in another process', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  test('is closed when its last reader has left', async () => {
    const { one, two, chat, runningTurn } = await twoAppsOn(database, () => [piece('x'), forever()]);
    one.send('POST', chat, { content: 'hi' });
    const path = await runningTurn('x');
    const polls = watchPolls(two);
    const [first, second] = [await two.get(path, stream), await two.get(path, stream)];
    for await (const { event } of eachEvent(first)) if (event === chunk) break;
    await polls.begin();
    await second.body?.cancel();
    await polls.cease();
    await one.turns.drain(0);
  });

  test('is closed when a reader leaves who read some and then no more', async () => {
    const { one, two, chat, runningTurn } = await twoAppsOn(database, () => [piece('x'), forever()]);
    one.send('POST', chat, { content: 'hi' });
    const path = await runningTurn('x');
    const polls = watchPolls(two);
    const reader = (await two.get(path, stream)).body?.getReader();
    expect((await reader?.read())?.done).toBe(false);
    await polls.begin();
    await reader?.cancel();
    await polls.cease();
    await one.turns.drain(0);
  });

  test('is closed when a caller leaves who waited for the reply', async () => {
    const { one, two, chat, runningTurn } = await twoAppsOn(database, () => [piece('x'), forever()]);
    const key = { 'content-type': 'application/json', 'idempotency-key': 'k' };
    const message = { method: 'POST', headers: key, body: JSON.stringify({ content: 'hi' }) };
    one.request(chat, message);
    await runningTurn('x');
    const polls = watchPolls(two);
    // Only a real connection can be left.
    const server = Bun.serve({ port: 0, fetch: two.app.fetch });
    const caller = new AbortController();
    const joins = fetch(new URL(chat, server.url), { ...message, signal: caller.signal });
    await polls.begin();
    caller.abort();
    await expect(joins).rejects.toThrow();
    await polls.cease();
    await server.stop(true);
    await one.turns.drain(0);
  });

  test('tells its end without waiting for that of another', async () => {
    const gate = Promise.withResolvers<void>();
    const { one, two } = await twoAppsOn(database, () => [piece('x'), gate.promise, ...say(['y'])]);
    const { partial } = two.store.events;
    const finishing = Promise.withResolvers<void>();
    let ends = 0;
    two.store.events.partial = async (...which) => {
      if (++ends === 3) finishing.resolve();
      await finishing.promise;
      return partial(...which);
    };
    const followed = [];
    for (let n = 0; n < 3; n++) {
      const chat = `/api/sessions/${await one.newSession()}/chat`;
      const answer = await one.send('POST', chat, { content: 'hi' }, stream);
      for await (const { event, data } of eachEvent(answer)) {
        if (event !== 'turn') continue;
        followed.push(two.get(`/api/sessions/${data.session_id}/turns/${data.turn_id}`, stream));
        break;
      }
    }
    const readers = await Promise.all(followed);
    gate.resolve();
    for (const events of await Promise.all(readers.map(readEvents))) expect(joined(events, chunk)).toBe('xy');
  });

  test('does not tell a piece that is stored beside its turn’s end, where others before it are missing', async () => {
    const { one, two, id, chat, runningTurn } = await twoAppsOn(database, () => [piece('a'), forever()]);
    const asked = one.send('POST', chat, { content: 'hi' });
    const path = await runningTurn('a');
    const turn = path.split('/').at(-1) ?? '';
    const look = Promise.withResolvers<void>();
    const { progress } = two.store.events;
    const events: ReceivedEvent[] = [];
    for await (const event of eachEvent(await two.get(path, stream))) {
      events.push(event);
      if (event.event !== chunk || joined(events, chunk) !== 'a') continue;
      // Until both are stored nobody looks.
      two.store.events.progress = (followed) => look.promise.then(() => progress(followed));
      const [row] = await database.db.select().from(chatTurns).where(eq(chatTurns.id, turn));
      const key = { owner: one.owner, session: id, turn, lease: row?.lease ?? '' };
      await one.store.turns.endWithoutReply(
        key,
        { code: 'internal' },
        { source: 'assistant', thought: '', content: 'abc' },
      );
      const late = { ownerId: one.owner, attempt: 1, position: 3, event: chunk, content: 'c' };
      await database.db.insert(chatTurnEvents).values({ sessionId: id, turnId: turn, ...late });
      look.resolve();
    }
    expect(joined(events, chunk)).toBe('abc');
    await one.turns.drain(0);
    await asked;
  });

  test('is looked up anew for a reader who has seen a later attempt than it knows', async () => {
    const { one, two, another, id, chat, runningTurn } = await twoAppsOn(database, (call) =>
      call === 1 ? [piece('void'), forever()] : [piece('second'), forever()],
    );
    one.send('POST', chat, { content: 'hi' });
    const path = await runningTurn('void');
    // What happens to the turn is not heard of here.
    const look = Promise.withResolvers<void>();
    const { progress } = two.store.events;
    two.store.events.progress = (followed) => look.promise.then(() => progress(followed));
    const early = await two.get(path, stream);
    for await (const { event } of eachEvent(await two.get(path, stream))) if (event === 'turn') break;
    await expireLeases(database, id);
    const three = await another();
    await three.turns.beat();
    const seen = { ...stream, 'last-event-id': '1.2.0.0.0' };
    for await (const { event, id } of eachEvent(await two.get(path, seen))) {
      expect([event, id]).toEqual(['turn', '1.2.0.0.1']);
      break;
    }
    look.resolve();
    const told = [];
    for await (const { event } of eachEvent(early)) if (told.push(event) && told.includes('restart')) break;
    expect(told).toEqual(['turn', 'restart']);
    await Promise.all([one.turns.drain(0), three.turns.drain(0)]);
  });
});
