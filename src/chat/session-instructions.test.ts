// What a session says to who answers in it: instructions behind the agent's own, and a temperature.
import { beforeAll, expect, test } from 'bun:test';
import type { Database } from '../db/database.ts';
import { onEachDatabase } from '../testing/databases.ts';
import { expectProblem } from '../testing/expect-problem.ts';
import { newOwner } from '../testing/owners.ts';
import { echo, type Script, say, scriptedModel } from '../testing/scripted-model.ts';
import { testApp } from '../testing/test-app.ts';
import { expireLeases } from '../testing/two-apps.ts';

onEachDatabase('what a session says to who answers', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  /** An app whose model takes temperatures up to 1, and what it is asked with. */
  async function appWith(script: Script = echo, owner?: number) {
    const model = { ...scriptedModel(script), mostTemperature: 1 };
    const app = await testApp(database, { model, systemMessage: 'Own.', ...(owner ? { owner } : {}) });
    const chat = (id: string, content: string) =>
      app.send('POST', `/api/sessions/${id}/chat`, { content }).then((answer) => answer.json());
    /** Of its last request. */
    const asked = () => [model.calls.at(-1)?.[0]?.content, model.askings.at(-1)?.temperature];
    return { ...app, model, chat, asked };
  }

  test('is kept, changed, taken back, copied, and found nowhere but with its owner', async () => {
    const { send, get, newSession, calledBy } = await appWith();
    const given = { instructions: '说中文。\n', temperature: 0 };
    const id = await newSession(given);
    const path = `/api/sessions/${id}`;
    const now = async () => (await get(path)).json();
    expect(await now()).toMatchObject(given);
    expect((await (await get('/api/sessions')).json())[0]).toMatchObject(given);
    const changed = await send('PATCH', path, { temperature: 2 });
    expect(await changed.json()).toMatchObject({ instructions: '说中文。\n', temperature: 2 });
    const reply = await (await send('POST', `${path}/chat`, { content: 'findable' })).json();
    expect((await (await get('/api/sessions?q=findable')).json())[0]).toMatchObject({ temperature: 2 });
    const fork = await (await send('POST', `${path}/fork`, { message_id: reply.id })).json();
    expect(fork).toMatchObject({ instructions: '说中文。\n', temperature: 2 });
    for (const none of [null, '', ' \n'])
      expect(await (await send('PATCH', path, { instructions: none, temperature: null })).json()).toEqual(
        expect.not.objectContaining({ instructions: expect.anything(), temperature: expect.anything() }),
      );
    // What a fork has is its own.
    expect(await (await get(`/api/sessions/${fork.id}`)).json()).toMatchObject({ temperature: 2 });
    const other = calledBy(await newOwner(database));
    for (const call of [other.get(path), other.send('PATCH', path, given)])
      await expectProblem(await call, 404);
    expect(await now()).not.toHaveProperty('instructions');
  });

  test('what is too long, or no temperature, gets 422', async () => {
    const { send, newSession } = await appWith();
    const path = `/api/sessions/${await newSession({ instructions: 'x'.repeat(8192) })}`;
    for (const wrong of [{ instructions: 'x'.repeat(8193) }, { instructions: 'a\0' }, { instructions: 1 }])
      await expectProblem(await send('PATCH', path, wrong), 422);
    for (const temperature of [-0.1, 2.01, '1', true])
      for (const answer of [
        await send('PATCH', path, { temperature }),
        await send('POST', '/api/sessions', { temperature }),
      ])
        await expectProblem(answer, 422);
  });

  test('is told behind the agent’s own, from the next turn on, also to one that answers again', async () => {
    const { send, chat, asked, get, newSession } = await appWith();
    const id = await newSession();
    const path = `/api/sessions/${id}`;
    const plain = await chat(id, 'one');
    expect(asked()).toEqual(['Own.', undefined]);
    expect(Object.keys(plain.metadata)).toEqual(['model']);
    await send('PATCH', path, { instructions: 'Be brief.', temperature: 1.5 });
    // Several that begin together have each their own.
    const other = await newSession();
    const [said] = await Promise.all([chat(id, 'two'), chat(other, 'two')]);
    expect(said.metadata).toEqual({ model: 'scripted', temperature: '1' });
    const [turn] = await (await get(`${path}/turns`)).json();
    const again = await send('POST', `${path}/turns/${turn.id}/regenerate`, {});
    expect((await again.json()).metadata).toMatchObject({ temperature: '1' });
    expect(asked()).toEqual(['Own.\nBe brief.', 1]);
    const shown = await (await get(`${path}/turns/${turn.id}?context=true`)).json();
    expect(shown.context.messages[0]).toMatchObject({ role: 'system', content: 'Own.\nBe brief.' });
    await send('PATCH', path, { instructions: null, temperature: null });
    await chat(id, 'three');
    expect(asked()).toEqual(['Own.', undefined]);
  });

  test('a model that takes no temperature answers without, and its reply says so', async () => {
    const { send, newSession } = await testApp(database);
    const id = await newSession({ temperature: 0.3 });
    const reply = await (await send('POST', `/api/sessions/${id}/chat`, { content: 'hi' })).json();
    expect(reply.metadata).toEqual({ model: 'scripted', temperature_ignored: '0.3' });
  });

  test('a turn that is taken over goes on with what the session says then', async () => {
    const owner = await newOwner(database);
    const stuck = Promise.withResolvers<void>();
    const gone = await appWith(() => [{ type: 'content', text: 'void' }, stuck.promise], owner);
    const id = await gone.newSession({ instructions: 'Before.', temperature: 0.5 });
    const lost = gone.chat(id, 'hi');
    while (gone.model.calls.length === 0) await Bun.sleep(5);
    await gone.send('PATCH', `/api/sessions/${id}`, { instructions: 'Now.' });
    await expireLeases(database, id);
    const next = await appWith(() => say(['done']), owner);
    await next.turns.beat();
    while (next.model.calls.length === 0) await Bun.sleep(5);
    expect(gone.asked()).toEqual(['Own.\nBefore.', 0.5]);
    expect(next.asked()).toEqual(['Own.\nNow.', 0.5]);
    stuck.resolve();
    await lost;
  });
});
