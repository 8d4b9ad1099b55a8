// Turns and cursors as they were before migration 0003: a cursor that was ever told gets exactly the rest, for ever.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { Database } from '../../db/database.ts';
import type { ReceivedEvent } from '../../testing/event-stream.ts';
import { oldDatabases } from '../../testing/old-turns/old-databases.ts';
import { type OldTurn, readOldTurns } from '../../testing/old-turns/old-turns.ts';
import { type OldApp, openOldApp } from '../../testing/old-turns/open-old-app.ts';
import { answerAt, type Followed, follow, read, type Told, told } from '../../testing/old-turns/told.ts';
import { say, scriptedModel } from '../../testing/scripted-model.ts';

const { recorded } = await readOldTurns();
const over = recorded.turns.filter(({ isOver }) => isOver);
const unfinished = recorded.turns.filter(({ isOver }) => !isOver);

/** Each cursor of a turn, and none, with what is told behind it. */
const askedOf = ({ events, all, after }: OldTurn): { cursor: string | undefined; rest: Told[] }[] => [
  { cursor: undefined, rest: read(all, events) },
  ...Object.entries(after).flatMap(([cursors, rest]) =>
    cursors.split(' ').map((cursor) => ({ cursor, rest: read(rest, events) })),
  ),
];

/** What `restart` tells besides may grow. */
const known = (events: readonly ReceivedEvent[]): Told[] =>
  told(events).map(({ event, data }) =>
    event === 'restart' ? { event, data: { turn_id: data.turn_id, attempt: data.attempt } } : { event, data },
  );

/** Asks behind each id of `streams` in turn, and behind the ids of what that brings: each gets what its stream told behind it. */
async function everyIdIsGood(app: OldApp, path: string, streams: readonly Followed[]): Promise<void> {
  const behind = new Map<string, Promise<Followed>>();
  const ask = async (id: string): Promise<Followed> => {
    const stream = await follow(app, path, id);
    await stream.ended;
    await Promise.all(stream.events.map((_, place) => check(stream, place)));
    return stream;
  };
  const check = async ({ events }: Followed, place: number): Promise<void> => {
    const id = events[place]?.id ?? '';
    const asked = behind.get(id) ?? ask(id);
    behind.set(id, asked);
    expect({ id, rest: known((await asked).events) }).toEqual({ id, rest: known(events.slice(place + 1)) });
  };
  for (const stream of streams) for (const place of stream.events.keys()) await check(stream, place);
}

/** Since then, a history's messages say what they stand behind, and turns who answers. */
const asBefore = (answer: unknown): unknown =>
  JSON.parse(JSON.stringify(answer), (name, value) =>
    ['parent_id', 'agent'].includes(name) ? undefined : value,
  );

describe.each(oldDatabases)('turns of before on %s', (_, open) => {
  let database: Database;
  let app: OldApp;
  beforeAll(async () => {
    database = await open();
    app = await openOldApp(database, scriptedModel());
  }, 180_000);
  afterAll(() => database.close());

  test('there are many, of many kinds', () => {
    expect(new Set(recorded.turns.map(({ kind }) => kind)).size).toBeGreaterThan(40);
    expect(over.flatMap(askedOf).length).toBeGreaterThan(1000);
  });

  test.each(over.map((turn) => [turn.kind, turn] as const))(
    '%s: every cursor gets exactly the rest',
    async (_kind, turn) => {
      const asked = askedOf(turn);
      const streams = await Promise.all(asked.map(({ cursor }) => follow(app, turn.path, cursor)));
      await Promise.all(streams.map(({ ended }) => ended));
      for (const [place, { cursor, rest }] of asked.entries())
        expect({ cursor, rest: known(streams[place]?.events ?? []) }).toEqual({ cursor, rest });
      await everyIdIsGood(app, turn.path, streams);
    },
  );

  test('turns, histories, sessions and searches answer as they did', async () => {
    for (const [path, answer] of Object.entries(recorded.answers))
      expect({ path, answer: asBefore(await answerAt(app, path)) }).toEqual({ path, answer });
  });

  test('searches find the same when the index has everything', async () => {
    while (await app.store.search.takeIn());
    const searches = Object.entries(recorded.answers).filter(([path]) => path.includes('q='));
    expect(searches.length).toBeGreaterThan(5);
    for (const [path, answer] of searches)
      expect({ path, answer: await answerAt(app, path) }).toEqual({ path, answer });
  });
});

describe.each(oldDatabases)('turns of before that go on, on %s', (_, open) => {
  let database: Database;
  let app: OldApp;
  const thought = 'Once more. ';
  const content = 'Taken over 😀';
  beforeAll(async () => {
    database = await open();
    const model = scriptedModel(() => say(['Taken ', 'over 😀'], ['Once ', 'more. ']));
    app = await openOldApp(database, model);
  }, 180_000);
  afterAll(() => database.close());

  // How each ends: a new attempt of it, or an end that keeps what the last one had told.
  const completed = { status: 'completed', thought, content };
  const ends: Record<string, { status: string; attempt: number; thought: string; content: string }> = {
    'running, its process gone': { ...completed, attempt: 2 },
    'queued behind a running one': { ...completed, attempt: 1 },
    'running again, with pieces of the lost attempt beside': { ...completed, attempt: 3 },
    'retried, its process gone before a word': { ...completed, attempt: 3 },
    'running, with more told than was stored': { ...completed, attempt: 2 },
    'to be cancelled, its process gone': {
      status: 'cancelled',
      attempt: 2,
      thought: 'Stop? ',
      content: 'kept ',
    },
    'interrupted as often as it may be': {
      status: 'failed',
      attempt: 4,
      thought: '3! ',
      content: 'try 3 ',
    },
  };

  /** What is told of a turn from its new beginning on. */
  async function newEventsOf({ kind, path }: OldTurn): Promise<Told[]> {
    const { status, attempt, ...texts } = ends[kind] ?? { status: '', attempt: 0, thought: '', content: '' };
    const turn = (await answerAt(app, path)) as Record<string, unknown>;
    expect(turn).toMatchObject({ status, attempt });
    const source = 'assistant';
    const piece = (type: string, text: string) => ({ event: type, data: { source, content: text, type } });
    return [
      ...(attempt === 1 ? [] : [{ event: 'restart', data: { turn_id: turn.id, attempt } }]),
      piece('ThoughtStreamingChunkEvent', texts.thought),
      piece('ModelClientStreamingChunkEvent', texts.content),
      ...(status === 'failed'
        ? [{ event: 'error', data: turn.error }]
        : [
            { event: 'ThoughtEvent', data: expect.objectContaining({ content: texts.thought }) },
            { event: 'TextMessage', data: asBefore(turn.reply) },
          ]),
      { event: 'done', data: { turn_id: turn.id, status } },
    ];
  }

  test('what was not over is told as far as it is stored, then taken over and told to its end', async () => {
    const reading = await Promise.all(
      unfinished.flatMap((turn) =>
        askedOf(turn).map(async (asked) => ({
          turn,
          ...asked,
          stream: await follow(app, turn.path, asked.cursor),
        })),
      ),
    );
    // The streams go on: they tell what there is at once, or at the next looks.
    const isTold = () => reading.every(({ rest, stream }) => Bun.deepEquals(known(stream.events), rest));
    for (let looks = 0; looks < 500 && !isTold(); looks++) await Bun.sleep(10);
    for (const { turn, cursor, rest, stream } of reading)
      expect({ kind: turn.kind, cursor, rest: known(stream.events) }).toEqual({
        kind: turn.kind,
        cursor,
        rest,
      });

    await app.turns.beat();
    await Promise.all(reading.map(({ stream }) => stream.ended));
    for (const turn of unfinished) {
      const news = await newEventsOf(turn);
      const of = reading.filter((one) => one.turn === turn);
      for (const { cursor, rest, stream } of of)
        expect({ cursor, all: known(stream.events) }).toEqual({ cursor, all: [...rest, ...news] });
      // Once more, now that it is over.
      const again = await Promise.all(of.map(({ cursor }) => follow(app, turn.path, cursor)));
      await Promise.all(again.map(({ ended }) => ended));
      const isRestarted = news[0]?.event === 'restart';
      for (const [place, { cursor, rest }] of of.entries()) {
        // Who has no cursor knows of no attempt before. A lost one is void; the one that was queued goes on.
        const whole = [...read('0', turn.events), ...news.slice(isRestarted ? 1 : 0)];
        const behind = isRestarted ? news : [...rest, ...news];
        expect({ cursor, all: known(again[place]?.events ?? []) }).toEqual({
          cursor,
          all: cursor === undefined ? whole : behind,
        });
      }
      await everyIdIsGood(app, turn.path, again);
    }
  });

  test('one that had failed is run again, and a cursor of before gets the new attempt', async () => {
    const [turn] = over.filter(({ kind }) => kind === 'failed half-way');
    if (!turn) throw new Error('no such turn');
    const retried = await app.request(`${turn.path}/retry`, { method: 'POST' });
    expect(await retried.json()).toMatchObject({ content, thought });
    for (const { cursor } of askedOf(turn).slice(1)) {
      const stream = await follow(app, turn.path, cursor);
      await stream.ended;
      expect(known(stream.events)).toMatchObject([
        { event: 'restart', data: { attempt: 2 } },
        { data: { content: thought } },
        { data: { content } },
        { event: 'ThoughtEvent' },
        { event: 'TextMessage' },
        { event: 'done', data: { status: 'completed' } },
      ]);
      await everyIdIsGood(app, turn.path, [stream]);
    }
  });

  test('a key of before is still that of its turn, and a session of before goes on', async () => {
    const [turn] = over.filter(({ kind }) => kind === 'with a key');
    const [chat] = turn?.path.split('/turns/') ?? [];
    const key = { 'idempotency-key': 'the same again' };
    const again = await app.send('POST', `${chat}/chat`, { content: 'Two?' }, key);
    expect(await again.json()).toMatchObject({ content: 'Answer 2' });
    const other = await app.send('POST', `${chat}/chat`, { content: 'Three?' }, key);
    expect((await other.json()).type).toEndWith('idempotency_key_reused');
    const next = await app.send('POST', `${chat}/chat`, { content: 'Three?' });
    expect(await next.json()).toMatchObject({ content });
  });
});
