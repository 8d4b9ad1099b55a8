// Streams end with the key or the sign-in that they were asked for with, in every process; their turns go on.
import { beforeAll, expect, test } from 'bun:test';
import type { Database } from '../db/database.ts';
import { onEachDatabase } from '../testing/databases.ts';
import { eachEvent, joined, readEvents } from '../testing/event-stream.ts';
import { expectProblem } from '../testing/expect-problem.ts';
import { makeKey } from '../testing/keys.ts';
import { say, scriptedModel } from '../testing/scripted-model.ts';
import { testApp } from '../testing/test-app.ts';

const chunk = 'ModelClientStreamingChunkEvent';

onEachDatabase('a stream', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  test('ends within five seconds of its key or sign-in, the turn does not, and who may has all of it', async () => {
    const gate = Promise.withResolvers<void>();
    const model = scriptedModel(() => [
      { type: 'content', text: 'half' },
      gate.promise,
      ...say([' and all']),
    ]);
    const process = () => testApp(database, { model, settings: { ways: ['keys'] } });
    const [one, two] = [await process(), await process()];
    const admin = await makeKey(database, { role: 'admin' });
    const by = { authorization: `Bearer ${admin.key}` };
    const good = await makeKey(database);
    const { owner } = good;
    const [revoked, expiring, ofPage] = [
      await makeKey(database, { owner }),
      await makeKey(database, { owner, expiresAt: new Date(Date.now() + 2000) }),
      await makeKey(database, { owner }),
    ];
    const bearing = ({ key }: { key: string }) => ({ authorization: `Bearer ${key}` });
    const signIn = await two.send('POST', '/api/sign-in', { key: ofPage.key });
    const cookie = { cookie: (signIn.headers.get('set-cookie') ?? '').split(';')[0] ?? '' };
    const asEvents = { accept: 'text/event-stream' };

    const { id } = await (await one.send('POST', '/api/sessions', {}, bearing(good))).json();
    const own = `/api/sessions/${id}`;
    const began = await one.send(
      'POST',
      `${own}/chat`,
      { content: 'x' },
      { ...bearing(revoked), ...asEvents },
    );
    const first = eachEvent(began);
    const { turn_id: turn } = (await first.next()).value?.data ?? {};
    const path = `${own}/turns/${turn}`;
    const follow = (app: typeof one, who: Record<string, string>) => app.get(path, { ...who, ...asEvents });
    // Who does not read is cut too.
    const idle = await follow(two, bearing(revoked));
    const followers = await Promise.all(
      [bearing(revoked), bearing(expiring), cookie].map((who) => follow(two, who)),
    );
    const stays = await follow(two, bearing(good));
    const cut = Promise.all([...followers.map(readEvents), rest(first)]);
    const staying = readEvents(stays);

    await one.send('DELETE', `/api/admin/keys/${revoked.id}`, {}, by);
    await one.send('DELETE', `/api/admin/sign-ins/${owner}`, {}, by);
    const ended = await Promise.race([cut, Bun.sleep(6000)]);
    expect(ended).toBeDefined();
    for (const events of ended ?? []) {
      // On a busy machine it may end before anything was said.
      expect('half').toStartWith(joined(events, chunk));
      expect(events.at(-1)?.event).not.toBe('done');
    }
    expect(joined(await readEvents(idle), chunk)).not.toContain('all');
    for (const who of [bearing(revoked), bearing(expiring), cookie])
      await expectProblem(await follow(two, who), 401);

    gate.resolve();
    expect(joined(await staying, chunk)).toBe('half and all');
    const again = await readEvents(await follow(one, bearing(good)));
    expect([joined(again, chunk), again.at(-1)?.event]).toEqual(['half and all', 'done']);
  }, 20_000);
});

async function rest(events: ReturnType<typeof eachEvent>) {
  const all = [];
  for await (const event of events) all.push(event);
  return all;
}
