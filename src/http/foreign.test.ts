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

  async function appWithKeys() {
    const model = scriptedModel(() => say(['It flew ', 'north.']));
    const app = await testApp(database, { model, settings: { ways: ['keys'] } });
    const document: ApiDocument = await (await app.get('/openapi.json', as(await makeKey(database)))).json();
    return { app, document };
  }
  const as = ({ key }: { key: string }) => ({ authorization: `Bearer ${key}` });

  /** Somebody with a session in which something was said, and the names of all that is theirs. */
  async function somebody({
    send,
    get,
    request,
  }: Pick<Awaited<ReturnType<typeof testApp>>, 'send' | 'get' | 'request'>) {
    const one = await makeKey(database);
    const { id } = await (await send('POST', '/api/sessions', { name: secret }, as(one))).json();
    const headers = { ...as(one), 'idempotency-key': 'the same' };
    const reply = await (await send('POST', `/api/sessions/${id}/chat`, { content: secret }, headers)).json();
    const [turn] = await (await get(`/api/sessions/${id}/turns`, as(one))).json();
    const approval = crypto.randomUUID();
    await database.db.execute(sql`insert into chat_tool_calls (owner_id, session_id, turn_id, step, position, id,
        approval_id, call_id, name, arguments, needs_approval, status, decision, expires_at)
      select owner_id, session_id, id, 0, 0, ${approval}, ${approval}, 'call', ${secret}, '{}', true, 'denied', 'deny', now()
      from chat_turns where id = ${turn.id}`);
    const sent = { method: 'POST', body: secret, headers: { ...as(one), 'x-file-name': secret } };
    const file = (await (await request('/api/files', sent)).json()).id;
    const share = (await (await send('POST', `/api/sessions/${id}/shares`, undefined, as(one))).json()).id;
    const known = {
      share,
      file,
      session: id,
      turn: turn.id,
      approval,
      key: one.id,
      owner: one.owner,
      message: reply.id,
    };
    return { one, known };
  }

  type Known = Awaited<ReturnType<typeof somebody>>['known'];

  /** What stands in a path for `name`. Whoever adds one says here whose it is. */
  function inPath(path: string, name: string, known: Known): string {
    const family = `${path.split('/')[path.startsWith('/api/admin') ? 3 : 2]}.${name}`;
    const values: Record<string, string> = {
      'sessions.id': known.session,
      'sessions.turn': known.turn,
      'sessions.approval': known.approval,
      'sessions.share': known.share,
      'files.id': known.file,
      'keys.id': known.key,
      'limits.owner': known.owner,
      'sign-ins.owner': known.owner,
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
      // Whoever knows a link may read: shares.test.ts.
      if (operation.operationId === 'getShared') return [];
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
    share: randomUUID(),
    file: randomUUID(),
    session: randomUUID(),
    turn: randomUUID(),
    approval: randomUUID(),
    key: randomUUID(),
    owner: randomUUID(),
    message: randomUUID(),
  });

  type App = Awaited<ReturnType<typeof testApp>>;
  type Asked = ReturnType<typeof requests>[number];
  const ask = (
    { app }: Pick<App, 'app'>,
    { method, url, body, accept }: Asked,
    headers: Record<string, string>,
  ) =>
    app.request(url, {
      method,
      headers: { ...headers, accept, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body }),
    });

  /** Without what is another each time: ids, times, and whose it is. */
  const neutral = (shown: string) =>
    shown
      .replace(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, '…')
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'then')
      .replace(/ack_[\w-]{8}/g, 'ack_…')
      .replace(/(shares?d?)\/[\w-]{22}/g, '$1/…');

  /** All that somebody is told who asks everything, with another’s names. */
  async function toldOf(app: App, document: ApiDocument, names: Known, by: { key: string }) {
    const answers = new Map<string, unknown>();
    for (const asked of requests(document, names)) {
      if (asked.operation.operationId === 'signOut') continue;
      const answer = await ask(app, asked, {
        ...as(by),
        'idempotency-key': 'the same',
        'last-event-id': '1.1.0.0.1',
      });
      const text = await answer.text();
      for (const name of [secret, ...Object.values(names)])
        if (!asked.url.includes(name))
          expect([asked.url, text]).not.toEqual([asked.url, expect.stringContaining(name)]);
      const headers = ['content-type', 'link', 'location', 'retry-after'].map((name) =>
        answer.headers.get(name),
      );
      const call = `${asked.method} ${neutral(asked.url)} ${asked.accept}`;
      answers.set(call, [answer.status, neutral(text), neutral(headers.join())]);
    }
    return answers;
  }

  test('is to everybody else what never was, in every operation, and stays as it is', async () => {
    const { app, document } = await appWithKeys();
    // Two strangers: one before it is there, who makes up names, and one after, who knows them all.
    const nothing = await toldOf(app, document, unknown(), await makeKey(database));
    const { one, known } = await somebody(app);
    const before = await rowsOf(one.owner);
    const foreign = await toldOf(app, document, known, await makeKey(database));
    expect(Object.fromEntries(foreign)).toEqual(Object.fromEntries(nothing));
    expect(foreign.size).toBeGreaterThan(30);
    for (const [call, told] of foreign) {
      if (call.includes('/api/admin/')) expect([call, told]).toEqual([call, [403, ...anything]]);
      else if (call.includes('…') && !call.includes('?owner='))
        expect([call, told]).toEqual([call, [404, ...anything]]);
    }
    expect(await rowsOf(one.owner)).toEqual(before);
  });
  const anything = [expect.any(String), expect.any(String)];

  const isOpen = ({ operation: { operationId } }: Asked) =>
    ['checkHealth', 'checkReadiness', 'listSignInWays', 'signIn', 'signOut'].includes(operationId ?? '');

  test('nobody gets anything without saying who they are, but what is for all', async () => {
    const { app, document } = await appWithKeys();
    const { known } = await somebody(app);
    for (const asked of requests(document, known).filter((one) => !isOpen(one))) {
      const answer = await ask(app, asked, {});
      const challenge = answer.headers.get('www-authenticate');
      expect([asked.method, asked.url, answer.status, challenge]).toEqual([
        ...[asked.method, asked.url, 401, 'Bearer realm="AgentChat"'],
      ]);
    }
  });

  test('a viewer reads what is the owner’s, and changes nothing, in every operation', async () => {
    const { app, document } = await appWithKeys();
    const { one, known } = await somebody(app);
    const viewer = await makeKey(database, { owner: one.owner, role: 'viewer' });
    const before = await rowsOf(one.owner);
    for (const asked of requests(document, known)) {
      if (isOpen(asked)) continue;
      const answer = await ask(app, asked, as(viewer));
      const call = [asked.method, asked.url];
      if (asked.method !== 'GET') expect([...call, answer.status]).toEqual([...call, 403]);
      else {
        const [told, own] = [await answer.text(), await (await ask(app, asked, as(one))).text()];
        const asOne = told.replace('"role":"viewer"', '"role":"member"');
        expect([...call, neutral(asOne)]).toEqual([...call, neutral(own)]);
      }
    }
    expect(await rowsOf(one.owner)).toEqual(before);
  });

  test('a service is nobody where it names nobody, and else reads what is the owner’s, in every operation', async () => {
    const { app, document } = await appWithKeys();
    const { one, known } = await somebody(app);
    const service = await makeKey(database, { role: 'service' });
    const before = await rowsOf(one.owner);
    const all = requests(document, known).filter((asked) => !isOpen(asked));
    for (const asked of all) {
      const { status } = await ask(app, asked, as(service));
      const expected = asked.operation.operationId === 'getMe' ? 200 : 403;
      expect([asked.method, asked.url, status]).toEqual([asked.method, asked.url, expected]);
    }
    for (const asked of all.filter(({ method }) => method === 'GET')) {
      const [told, own] = [
        await (await ask(app, asked, { ...as(service), 'x-owner': one.owner })).text(),
        await (await ask(app, asked, as(one))).text(),
      ];
      const asOne = told.replace('"role":"service"', '"role":"member"');
      expect([asked.url, neutral(asOne)]).toEqual([asked.url, neutral(own)]);
    }
    expect(await rowsOf(one.owner)).toEqual(before);
  });

  test('a cursor and a key of idempotency lead to nothing of it', async () => {
    const { app } = await appWithKeys();
    const { one, known } = await somebody(app);
    const other = await makeKey(database);
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
