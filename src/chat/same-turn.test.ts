// A turn's id is its own in its session only: what a process keeps of turns is kept by the whole name.
import { beforeAll, expect, test } from 'bun:test';
import { eq } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { chatTurns } from '../db/schema.ts';
import { onEachDatabase } from '../testing/databases.ts';
import { eachEvent, joined, type ReceivedEvent } from '../testing/event-stream.ts';
import { newOwner } from '../testing/owners.ts';
import { say, scriptedModel } from '../testing/scripted-model.ts';
import { testApp } from '../testing/test-app.ts';

const stream = { accept: 'text/event-stream' };
const chunk = 'ModelClientStreamingChunkEvent';

onEachDatabase('two owners whose turns have one id', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  test('each has their own while both run, in the process that runs them and in another', async () => {
    const gate = Promise.withResolvers<void>();
    const failed = new Set<unknown>();
    const model = scriptedModel((messages) => {
      const asked = messages.at(-1)?.content;
      if (!failed.has(asked) && failed.add(asked)) return [new Error('not yet')];
      return [{ type: 'content', text: `${asked}: ` }, gate.promise, ...say(['the end'])];
    });
    const owners = [await newOwner(database), await newOwner(database)];
    const [first] = owners;
    if (first === undefined) throw new Error('there is no owner');
    const [one, two] = [
      await testApp(database, { model, owner: first }),
      await testApp(database, { model, owner: first }),
    ];
    const turn = crypto.randomUUID();
    const begun = [];
    for (const [n, owner] of owners.entries()) {
      const here = one.calledBy(owner);
      const session = await here.newSession();
      const name = `owner ${n}`;
      await here.send('POST', `/api/sessions/${session}/chat`, { content: name });
      await database.db.update(chatTurns).set({ id: turn }).where(eq(chatTurns.sessionId, session));
      const path = `/api/sessions/${session}/turns/${turn}`;
      begun.push({ name, owner, path, here: follow(await here.send('POST', `${path}/retry`, {}, stream)) });
    }
    const ran = [];
    for (const { owner, path, ...run } of begun) {
      await until(run.here, 'owner');
      ran.push({ ...run, there: follow(await two.calledBy(owner).get(path, stream)) });
    }
    for (const { there } of ran) await until(there, 'owner');
    gate.resolve();
    for (const { name, here, there } of ran)
      for (const { events, end } of [here, there]) {
        await end;
        expect(joined(events, chunk)).toBe(`${name}: the end`);
        expect(events.at(-1)).toMatchObject({ event: 'done', data: { turn_id: turn, status: 'completed' } });
      }
  });
});

/** What a stream has told so far, and its end. */
function follow(response: Response) {
  const events: ReceivedEvent[] = [];
  const read = async () => {
    for await (const event of eachEvent(response)) events.push(event);
  };
  return { events, end: read() };
}

/** Waits until the reply begins so. */
async function until({ events }: ReturnType<typeof follow>, beginning: string): Promise<void> {
  while (!joined(events, chunk).startsWith(beginning)) await Bun.sleep(5);
}
