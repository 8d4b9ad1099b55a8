// Two people on one server: what one has does not exist for the other, whatever way it is asked for.
import { beforeAll, expect, test } from 'bun:test';
import { sql } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { onEachDatabase } from '../testing/databases.ts';
import { expectProblem } from '../testing/expect-problem.ts';
import { newOwner } from '../testing/owners.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import { testApp } from '../testing/test-app.ts';

const until = (over: Promise<void>) =>
  scriptedModel(async function* () {
    yield { type: 'content', text: 'a secret' };
    await over;
    yield { type: 'end', finishReason: 'stop', usage: { prompt_tokens: 1, completion_tokens: 1 } };
  });

const bodies: Record<string, object> = {
  chat: { content: 'hi' },
  patch: { name: 'mine now' },
  fork: { message_id: '0198b0c8-1c2d-7e3f-8a4b-5c6d7e8f9a0b' },
  '{approval}': { decision: 'deny' },
};

onEachDatabase('two owners', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  /** One has a session with a turn that runs; the other knows the ids of both. */
  async function oneAndOther() {
    const over = Promise.withResolvers<void>();
    const one = await testApp(database, { model: until(over.promise) });
    const other = one.calledBy(await newOwner(database));
    const id = await one.newSession();
    const reply = one.send('POST', `/api/sessions/${id}/chat`, { content: 'tell me' });
    let turn = '';
    while (turn === '') {
      await Bun.sleep(5);
      turn = (await (await one.get(`/api/sessions/${id}/turns`)).json())[0]?.id ?? '';
    }
    return { one, other, id, turn, reply, end: over.resolve };
  }

  const rowsOf = (id: string) =>
    database.db
      .select({
        sessions: sql`(select json_agg(s) from chat_sessions as s where s.id = ${id})`,
        messages: sql`(select json_agg(m order by seq) from chat_messages as m where m.session_id = ${id})`,
        turns: sql`(select json_agg((t.id, t.status, t.attempt, t.cancel_requested_at) order by seq)
          from chat_turns as t where t.session_id = ${id})`,
      })
      .from(sql`(values (1)) as once`);

  test('of one process: neither follows, nor stops, nor waits behind what the other has', async () => {
    const { other, id, turn, reply, end } = await oneAndOther();
    const path = `/api/sessions/${id}/turns/${turn}`;
    await expectProblem(await other.get(path, { accept: 'text/event-stream' }), 404);
    await expectProblem(await other.send('POST', `${path}/cancel`, {}), 404);
    const rejecting = `/api/sessions/${id}/chat?on_busy=reject`;
    await expectProblem(await other.send('POST', rejecting, { content: 'x' }), 404);
    const interrupting = `/api/sessions/${id}/chat?on_busy=interrupt`;
    await expectProblem(await other.send('POST', interrupting, { content: 'x' }), 404);
    end();
    expect((await (await reply).json()).content).toBe('a secret');
    await expectProblem(await other.get(path, { accept: 'text/event-stream' }), 404);
  });

  test('nor in a session of their own, under the other’s turn', async () => {
    const { one, other, turn, reply, end } = await oneAndOther();
    for (const caller of [one, other]) {
      const path = `/api/sessions/${await caller.newSession()}/turns/${turn}`;
      await expectProblem(await caller.get(path, { accept: 'text/event-stream' }), 404);
      await expectProblem(await caller.send('POST', `${path}/cancel`, {}), 404);
    }
    end();
    expect((await (await reply).json()).content).toBe('a secret');
  });

  test('a foreign id is a 404 on every route, and changes nothing', async () => {
    const { one, other, id, turn, reply, end } = await oneAndOther();
    const before = await rowsOf(id);
    const document = await (await other.get('/openapi.json')).json();
    const asked: string[] = [];
    for (const [template, methods] of Object.entries<object>(document.paths)) {
      // What only an admin may is in foreign.test.ts.
      if (!template.startsWith('/api/sessions/{id}')) continue;
      const path = template
        .replace('{id}', id)
        .replace('{turn}', turn)
        .replace('{approval}', turn)
        .replace('{share}', turn);
      for (const method of Object.keys(methods)) {
        const body =
          method === 'get' ? undefined : (bodies[template.split('/').at(-1) ?? ''] ?? bodies[method] ?? {});
        for (const accept of ['application/json', 'text/event-stream']) {
          const init = {
            method: method.toUpperCase(),
            headers: { 'content-type': 'application/json', accept },
          };
          const answer = await other.request(path, body ? { ...init, body: JSON.stringify(body) } : init);
          await expectProblem(answer, 404);
          asked.push(`${method} ${template}`);
        }
      }
    }
    expect(new Set(asked).size).toBeGreaterThanOrEqual(9);
    expect(await rowsOf(id)).toEqual(before);
    for (const list of ['/api/sessions', '/api/sessions?q=tell', '/history'])
      expect(await (await other.get(list)).json()).toEqual([]);
    end();
    expect((await reply).status).toBe(200);
    expect((await one.get(`/api/sessions/${id}`)).status).toBe(200);
  });

  test('turns of all owners are held and taken over by the process that has them', async () => {
    const { one, other, id, end, reply } = await oneAndOther();
    const theirs = await other.newSession();
    const asked = other.send('POST', `/api/sessions/${theirs}/chat`, { content: 'and me' });
    await one.turns.beat();
    end();
    for (const answer of [await reply, await asked]) expect((await answer.json()).content).toBe('a secret');
    expect((await (await other.get(`/api/sessions/${theirs}/history`)).json()).length).toBe(2);
    expect((await (await one.get(`/api/sessions/${id}/history`)).json()).length).toBe(2);
  });
});
