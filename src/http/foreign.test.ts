// Every operation of the document, asked by somebody for what is another's: the answer is the one for what never was.
// A new route is tried here by itself.
import { beforeAll, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { type ApiDocument, type Operation, operationsOf } from '../testing/api-document.ts';
import { onEachDatabase } from '../testing/databases.ts';
import { makeKey } from '../testing/keys.ts';
import { say, scriptedModel } from '../testing/scripted-model.ts';
import { testApp } from '../testing/test-app.ts';

const secret = 'the heron is at the reservoir';

onEachDatabase('what is another’s', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  const numberOf = async (owner: string): Promise<number> => {
    const [row] = await database.db
      .select({ id: sql<number>`(select id from chat_owners where name = ${owner})` })
      .from(sql`(values (1)) as once`);
    return row?.id ?? 0;
  };

  /** All that somebody has, in every table that says whose a row is. What only tells that they called is left out. */
  async function rowsOf(owner: string): Promise<unknown> {
    const id = await numberOf(owner);
    const tables = await database.db
      .select({ name: sql<string>`table_name` })
      .from(sql`information_schema.columns`)
      .where(sql`column_name = 'owner_id' and table_schema = 'public'`);
    const rows: Record<string, unknown> = {};
    for (const { name } of tables) {
      const [found] = await database.db
        .select({
          all: sql`(select json_agg(to_jsonb(t) - 'last_used_at' order by t::text) from ${sql.identifier(name)} as t where owner_id = ${id})`,
        })
        .from(sql`(values (1)) as once`);
      rows[name] = found?.all;
    }
    return rows;
  }

  async function oneAndOther() {
    const model = scriptedModel(() => say(['It flew ', 'north.']));
    const app = await testApp(database, { model, settings: { ways: ['keys'] } });
    const as = ({ key }: { key: string }) => ({ authorization: `Bearer ${key}` });
    const [one, other] = [await makeKey(database), await makeKey(database)];
    const admin = await makeKey(database, { role: 'admin' });
    const { id } = await (await app.send('POST', '/api/sessions', { name: secret }, as(one))).json();
    const said = await app.send(
      'POST',
      `/api/sessions/${id}/chat`,
      { content: secret },
      {
        ...as(one),
        'idempotency-key': 'the same',
      },
    );
    const reply = await said.json();
    const [turn] = await (await app.get(`/api/sessions/${id}/turns`, as(one))).json();
    const document: ApiDocument = await (await app.get('/openapi.json', as(other))).json();
    const known = { session: id, turn: turn.id, key: one.id, owner: one.owner, message: reply.id };
    return { app, as, one, other, admin, known, document };
  }

  type Known = Awaited<ReturnType<typeof oneAndOther>>['known'];

  /** What stands in a path for `name`. Whoever adds one says here whose it is. */
  function inPath(path: string, name: string, known: Known): string {
    const family = `${path.split('/')[path.startsWith('/api/admin') ? 3 : 2]}.${name}`;
    const values: Record<string, string> = {
      'sessions.id': known.session,
      'sessions.turn': known.turn,
      'keys.id': known.key,
      'limits.owner': known.owner,
    };
    const value = values[family];
    if (value === undefined)
      throw new Error(`${path} has a parameter {${name}}: say in foreign.test.ts whose it is, as ${family}`);
    return value;
  }

  function bodyOf({ operationId, requestBody }: Operation, { components }: ApiDocument): string | undefined {
    const schema = requestBody?.content?.['application/json']?.schema;
    if (!schema) return undefined;
    const reference = '$ref' in schema ? String(schema.$ref).split('/').at(-1) : undefined;
    const named = reference === undefined ? schema : components.schemas[reference];
    const example = named && 'example' in named ? named.example : bodies[operationId ?? ''];
    if (example === undefined)
      throw new Error(`${operationId} takes a body of which there is no example: give its schema one`);
    return JSON.stringify(example);
  }
  const bodies: Record<string, object> = { signIn: { key: 'ack_none' } };

  const requests = (document: ApiDocument, known: Known) =>
    operationsOf(document).flatMap(({ path, method, operation }) => {
      const url = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(inPath(path, name, known)));
      const body = bodyOf(operation, document);
      const base = { operation, path, method: method.toUpperCase(), body };
      const queries = (operation.parameters ?? []).filter((one) => one.in === 'query');
      const asking = queries.some(({ name }) => name === 'q') ? [`?q=${encodeURIComponent('heron')}`] : [];
      const before = queries.some(({ name }) => name === 'before') ? [`?before=${known.message}`] : [];
      const whose = queries.some(({ name }) => name === 'owner') ? [`?owner=${known.owner}`] : [];
      return ['', ...asking, ...before, ...whose].flatMap((query) =>
        ['application/json', 'text/event-stream'].map((accept) => ({ ...base, url: url + query, accept })),
      );
    });

  const unknown = (): Known => ({
    session: randomUUID(),
    turn: randomUUID(),
    key: randomUUID(),
    owner: randomUUID(),
    message: randomUUID(),
  });

  test('is to everybody else what never was, in every operation, and stays as it is', async () => {
    const { app, as, one, other, known, document } = await oneAndOther();
    const before = await rowsOf(one.owner);
    const never = unknown();

    async function asked(names: Known): Promise<Map<string, unknown>> {
      const answers = new Map<string, unknown>();
      for (const { operation, method, url, body, accept } of requests(document, names)) {
        if (operation.operationId === 'signOut') continue;
        const headers = { ...as(other), accept, 'idempotency-key': 'the same', 'last-event-id': '1.1.0.0.1' };
        const answer = await app.request(url, {
          method,
          headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
          ...(body === undefined ? {} : { body }),
        });
        const text = await answer.text();
        expect([url, text]).not.toEqual([url, expect.stringContaining(secret)]);
        for (const name of Object.values(known))
          if (!url.includes(name)) expect([url, text]).not.toEqual([url, expect.stringContaining(name)]);
        const neutral = (shown: string) =>
          Object.values(names).reduce((shorter, name) => shorter.replaceAll(name, '…'), shown);
        const told = answer.ok
          ? answer.status
          : [answer.status, neutral(text).replace(/"request_id":"[^"]*"/, '')];
        answers.set(`${method} ${neutral(url)} ${accept}`, told);
      }
      return answers;
    }

    const foreign = await asked(known);
    const nothing = await asked(never);
    expect(Object.fromEntries(foreign)).toEqual(Object.fromEntries(nothing));
    expect(foreign.size).toBeGreaterThan(30);
    for (const [call, told] of foreign) {
      if (call.includes('/api/admin/')) expect([call, told]).toEqual([call, [403, expect.any(String)]]);
      else if (call.includes('…') && !call.includes('?owner='))
        expect([call, told]).toEqual([call, [404, expect.any(String)]]);
    }
    expect(await rowsOf(one.owner)).toEqual(before);
  });

  test('nobody gets anything without saying who they are, but what is for all', async () => {
    const { app, known, document } = await oneAndOther();
    const open = new Set(['checkHealth', 'checkReadiness', 'listSignInWays', 'signIn', 'signOut']);
    for (const { operation, method, url, body } of requests(document, known)) {
      const headers = body === undefined ? {} : { 'content-type': 'application/json' };
      const answer = await app.request(url, { method, headers, ...(body === undefined ? {} : { body }) });
      if (operation.operationId?.startsWith('signInWith') || open.has(operation.operationId ?? '')) continue;
      expect([method, url, answer.status]).toEqual([method, url, 401]);
    }
  });

  test('a cursor and a key of idempotency lead to nothing of it', async () => {
    const { app, as, one, other, known } = await oneAndOther();
    for (const name of ['a', 'b']) await app.send('POST', '/api/sessions', { name }, as(one));
    const page = await app.get('/api/sessions?limit=1', as(one));
    const next = /<([^>]+)>/.exec(page.headers.get('link') ?? '')?.[1] ?? '';
    expect(await (await app.get(next, as(one))).json()).toHaveLength(1);
    expect(await (await app.get(next, as(other))).json()).toEqual([]);
    const own = await (await app.send('POST', '/api/sessions', {}, as(other))).json();
    const path = `/api/sessions/${own.id}`;
    const again = await app.send(
      'POST',
      `${path}/chat`,
      { content: secret },
      {
        ...as(other),
        'idempotency-key': 'the same',
      },
    );
    expect((await again.json()).session_id ?? own.id).toBe(own.id);
    expect((await app.get(`${path}/history?before=${known.message}`, as(other))).status).toBe(404);
    expect((await app.get(`${path}/turns/${known.turn}`, as(other))).status).toBe(404);
    expect(await (await app.get('/history', as(other))).json()).toHaveLength(2);
    expect(await (await app.get('/api/sessions?q=reservoir', as(other))).json()).toHaveLength(1);
  });
});
