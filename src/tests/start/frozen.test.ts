// A PostgreSQL that stands still: it keeps its connections, takes what it is asked and says nothing.
import { expect, test } from 'bun:test';
import { eachEvent } from '../../testing/event-stream.ts';
import { findPostgresBinaries, startPostgres } from '../../testing/postgres-server.ts';
import { eventually } from '../../testing/processes.ts';
import { call, json, modelEnv, testServers } from '../../testing/servers.ts';

const { start, modelServer, afterThisTest } = testServers();
const postgres = findPostgresBinaries() !== undefined;
const title =
  'nobody waits for a database that stands still, and when it goes on no turn is lost, doubled or taken';

test.skipIf(!postgres)(
  postgres ? title : `${title} (skipped: no PostgreSQL on this machine)`,
  async () => {
    const database = await startPostgres();
    if (!database) throw new Error('PostgreSQL was found, but no account to run it as');
    afterThisTest(() => database.stop());
    const model = modelServer((_, index) =>
      index === 0 ? [{ text: 'so far' }, { hang: true }] : [{ text: 'late' }],
    );
    const env = { DATABASE_URL: database.url, DATABASE_POOL_MAX: '2', ...modelEnv(model) };
    const [one, two] = [await start(env), await start(env)];
    const [running, other] = await Promise.all([1, 2].map(() => json(call(one, 'POST', '/api/sessions'))));
    const path = (session: { id: string }, rest: string) => `/api/sessions/${session.id}/${rest}`;
    // Every connection is open by then.
    await Promise.all(
      [one, two].flatMap((server) =>
        Array.from({ length: 20 }, () => json(call(server, 'GET', '/api/sessions'))),
      ),
    );
    let turn = '';
    const stream = await call(one, 'POST', path(running, 'chat?stream=true'), { content: 'hi' });
    for await (const { event, data } of eachEvent(stream)) {
      if (event === 'turn') turn = path(running, `turns/${data.turn_id}`);
      else break;
    }

    database.freeze();
    const say = () => call(one, 'POST', path(other, 'chat'), { content: 'hi' }, { 'idempotency-key': 'k' });
    const asked = [
      call(one, 'GET', '/readyz'),
      call(one, 'GET', '/api/sessions'),
      call(two, 'GET', path(running, 'history')),
      call(two, 'GET', turn, undefined, { accept: 'text/event-stream' }),
      say(),
    ];
    for (const answer of await Promise.all(asked)) {
      expect(answer.status).toBe(503);
      expect(await answer.json()).toMatchObject({ type: expect.stringContaining('database_away') });
    }
    database.thaw();

    // What was asked for meanwhile may have been done: it is one turn all the same, with one answer.
    const again = await json(say());
    expect(again.content).toBe('late');
    const history = await json(call(two, 'GET', path(other, 'history')));
    expect(history.map(({ content }: { content: string }) => content)).toEqual(['hi', 'late']);
    // Its process was never gone.
    expect(await json(call(two, 'GET', turn))).toMatchObject({ status: 'running', attempt: 1 });
    expect(await json(call(two, 'POST', `${turn}/cancel`))).toMatchObject({
      status: 'cancelled',
      attempt: 1,
      reply: { content: 'so far' },
    });
    expect(await eventually(async () => (await call(one, 'GET', '/readyz')).status === 200)).toBe(true);
  },
  180_000,
);
