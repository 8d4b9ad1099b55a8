// What has to hold on every runtime, looked at over a real port, on each database that it can have.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import postgres from 'postgres';
import { createTestDatabase, testServerUrl } from './databases.ts';
import { eachEvent, joined, type ReceivedEvent, readEvents } from './event-stream.ts';
import { startIdentityProvider } from './identity.ts';
import { identityVisitor } from './identity-visitor.ts';
import { type ModelStep, startModelServer } from './model-server.ts';
import { eventually } from './processes.ts';
import { openRaw } from './raw-connection.ts';
import { type Runtime, runtimeFolder } from './runtimes.ts';
import { freePort, type ServerProcess, startServer } from './server-process.ts';
import { call, json, modelEnv } from './servers.ts';

const stream = { accept: 'text/event-stream' };
const chunk = 'ModelClientStreamingChunkEvent';

/** The tests of a runtime, for a file of its own. */
export function probe(runtime: Runtime): void {
  if (runtime.missing !== undefined) console.log(`${runtime.name} is not tested: ${runtime.missing}.`);
  const databases = [
    ...(runtime.hasEmbedded ? ['embedded'] : []),
    ...(testServerUrl === undefined ? [] : ['postgres']),
  ];
  for (const database of databases) {
    describe.skipIf(runtime.missing !== undefined)(`${runtime.name} on ${database}`, () =>
      probes(runtime, database === 'postgres'),
    );
  }
}

function probes(runtime: Runtime, onServer: boolean): void {
  const ends: (() => unknown)[] = [];
  let says: ModelStep[] = [];
  const model = startModelServer(() => says);
  let databaseUrl: string | undefined;
  let server: ServerProcess;

  async function start(more: Record<string, string> = {}): Promise<ServerProcess> {
    const { folder, remove } = await runtimeFolder();
    ends.push(remove);
    const database = databaseUrl === undefined ? undefined : { DATABASE_URL: databaseUrl };
    const env = {
      PORT: String(await freePort()),
      DEFAULT_LOCALE: 'en',
      ...modelEnv(model),
      ...database,
      ...more,
    };
    const { command, env: own } = await runtime.prepare(folder, env);
    const started = await startServer({ command, cwd: folder, env: { ...env, ...own } });
    ends.push(() => started.kill('SIGKILL'));
    return started;
  }

  beforeAll(async () => {
    if (onServer) databaseUrl = await createTestDatabase();
    server = await start();
  }, 180_000);
  afterAll(async () => {
    for (const end of ends.splice(0).reverse()) await end();
    model.stop();
  });

  async function newSession(): Promise<string> {
    const { id } = await json(call(server, 'POST', '/api/sessions', {}));
    return `/api/sessions/${id}`;
  }

  /** Says something and leaves as soon as the first piece is there; gives what was seen, and the turn's path. */
  async function sayAndLeave(at: ServerProcess, session: string, leave: () => unknown) {
    const seen: ReceivedEvent[] = [];
    const caller = new AbortController();
    const answer = await fetch(`${at.url}${session}/chat`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...stream },
      body: JSON.stringify({ content: 'hi' }),
      signal: caller.signal,
    });
    try {
      for await (const event of eachEvent(answer)) {
        seen.push(event);
        if (event.event !== chunk) continue;
        await leave();
        caller.abort();
      }
    } catch {
      // The connection is gone.
    }
    const turn = `${session}/turns/${seen[0]?.data.turn_id}`;
    const after = { ...stream, 'last-event-id': seen.at(-1)?.id ?? '' };
    return {
      seen,
      turn,
      rest: (of: ServerProcess) => call(of, 'GET', turn, undefined, after).then(readEvents),
    };
  }

  test('keeps sessions', async () => {
    const made = await call(server, 'POST', '/api/sessions', { name: 'one' });
    expect(made.status).toBe(201);
    const path = made.headers.get('location') ?? '';
    const { id } = await made.json();
    expect(path).toEndWith(`/api/sessions/${id}`);
    expect(await json(call(server, 'PATCH', path, { name: '另一个' }))).toMatchObject({ id, name: '另一个' });
    const list = await json(call(server, 'GET', '/api/sessions?limit=100'));
    expect(list.map((one: { id: string }) => one.id)).toContain(id);
    expect(await json(call(server, 'GET', path))).toMatchObject({ id, message_count: 0 });
    expect((await call(server, 'DELETE', path)).status).toBe(200);
    expect((await call(server, 'GET', path)).status).toBe(404);
  });

  test('answers at once, and piece by piece', async () => {
    const session = await newSession();
    says = [{ thought: 'hm' }, { text: 'so ' }, { text: 'it is' }];
    const reply = await json(call(server, 'POST', `${session}/chat`, { content: 'hi' }));
    expect(reply).toMatchObject({ content: 'so it is', thought: 'hm', source: 'assistant' });
    const answer = await call(server, 'POST', `${session}/chat`, { content: 'again' }, stream);
    expect(answer.headers.get('content-type')).toStartWith('text/event-stream');
    const events = await readEvents(answer);
    expect(events[0]?.event).toBe('turn');
    expect(joined(events, chunk)).toBe('so it is');
    expect(events.slice(-2).map(({ event }) => event)).toEqual(['TextMessage', 'done']);
    const history = await json(call(server, 'GET', `${session}/history`));
    expect(history.map((one: { content: string }) => one.content)).toEqual([
      ...['hi', 'so it is', 'again', 'so it is'],
    ]);
  });

  test('goes on with a turn whose caller has left, and tells who comes back exactly the rest', async () => {
    const session = await newSession();
    const gate = Promise.withResolvers<void>();
    says = [{ text: 'one ' }, { wait: gate.promise }, { text: 'two ' }, { text: 'three' }];
    const { seen, turn, rest } = await sayAndLeave(server, session, () => {});
    expect(joined(seen, chunk)).toBe('one ');
    const back = rest(server);
    setTimeout(gate.resolve, 300);
    const events = await back;
    expect(joined(events, chunk)).toBe('two three');
    expect(events.at(-1)).toMatchObject({ event: 'done', data: { status: 'completed' } });
    // Once more, of a turn that is over.
    expect(joined(await rest(server), chunk)).toBe('two three');
    expect(await json(call(server, 'GET', turn))).toMatchObject({ status: 'completed', attempt: 1 });
  });

  test('goes on with a turn that nobody looks at any more', async () => {
    const session = await newSession();
    const gate = Promise.withResolvers<void>();
    says = [{ text: 'one ' }, { wait: gate.promise }, { text: 'two' }];
    const { turn } = await sayAndLeave(server, session, () => {});
    setTimeout(gate.resolve, 300);
    const status = async () => (await json(call(server, 'GET', turn))).status;
    expect(await eventually(async () => (await status()) === 'completed', 20_000)).toBe(true);
    const { reply, attempt } = await json(call(server, 'GET', turn));
    expect({ content: reply.content, attempt }).toEqual({ content: 'one two', attempt: 1 });
  });

  test('goes on with a turn whose caller waited for its reply, and left', async () => {
    const session = await newSession();
    const gate = Promise.withResolvers<void>();
    says = [{ text: 'one ' }, { wait: gate.promise }, { text: 'two' }];
    const caller = new AbortController();
    const answer = fetch(`${server.url}${session}/chat`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ content: 'hi' }),
      signal: caller.signal,
    });
    const turn = async () => (await json(call(server, 'GET', `${session}/turns`)))[0];
    expect(await eventually(async () => (await turn())?.status === 'running', 20_000)).toBe(true);
    caller.abort();
    await expect(answer).rejects.toThrow();
    setTimeout(gate.resolve, 300);
    expect(await eventually(async () => (await turn()).status === 'completed', 20_000)).toBe(true);
    expect(await turn()).toMatchObject({ attempt: 1, reply: { content: 'one two' } });
  });

  test('lets the turns of a session wait for each other', async () => {
    const session = await newSession();
    const gate = Promise.withResolvers<void>();
    says = [{ wait: gate.promise }, { text: 'well' }];
    const say = (content: string) => json(call(server, 'POST', `${session}/chat`, { content }));
    const count = async () => (await json(call(server, 'GET', `${session}/turns`))).length;
    const first = say('one');
    expect(await eventually(async () => (await count()) === 1, 20_000)).toBe(true);
    const second = say('two');
    expect(await eventually(async () => (await count()) === 2, 20_000)).toBe(true);
    expect(await json(call(server, 'GET', `${session}/turns?status=queued`))).toHaveLength(1);
    gate.resolve();
    await Promise.all([first, second]);
    const history = await json(call(server, 'GET', `${session}/history`));
    expect(history.map((one: { content: string }) => one.content)).toEqual(['one', 'well', 'two', 'well']);
  });

  test('cancels, and keeps what was generated', async () => {
    const session = await newSession();
    says = [{ text: 'so far' }, { hang: true }];
    const events: ReceivedEvent[] = [];
    for await (const event of eachEvent(
      await call(server, 'POST', `${session}/chat`, { content: 'hi' }, stream),
    )) {
      events.push(event);
      if (event.event !== chunk) continue;
      const turn = `${session}/turns/${events[0]?.data.turn_id}`;
      expect(await json(call(server, 'POST', `${turn}/cancel`))).toMatchObject({
        status: 'cancelled',
        reply: { content: 'so far', metadata: { cancelled: 'true' } },
      });
    }
    expect(events.at(-1)).toMatchObject({ event: 'done', data: { status: 'cancelled' } });
  });

  test('refuses bodies, and hears the next request all the same', async () => {
    let connection = await openRaw(server.port);
    const json = 'Content-Type: application/json';
    async function ask(path: string, type: string, body: string): Promise<number> {
      const head = `POST ${path} HTTP/1.1\r\n${type}\r\nContent-Length: ${Buffer.byteLength(body)}`;
      return sent(head, body);
    }
    async function sent(head: string, ...body: string[]): Promise<number> {
      const { status, headers } = await connection.ask(head, ...body);
      if (/close/i.test(headers.get('connection') ?? '') || !connection.isOpen()) await reconnect();
      return status;
    }
    async function reconnect() {
      connection.close();
      connection = await openRaw(server.port);
    }
    const good = () => ask('/api/sessions', json, '{}');
    const large = '{}'.padEnd(2 * 1024 ** 2);
    expect(await ask('/api/nowhere', json, '{}'.padEnd(300_000))).toBe(404);
    expect(await good()).toBe(201);
    expect(await ask('/chat', json, '{"content":')).toBe(400);
    expect(await ask('/chat', 'Content-Type: text/plain', 'hi')).toBe(415);
    expect(await ask('/chat', json, '{"content":""}')).toBe(422);
    expect(await good()).toBe(201);
    expect(await ask('/chat', json, large)).toBe(413);
    expect(await good()).toBe(201);
    expect(await ask('/chat', json, '{}'.padEnd(20_000_000))).toBe(413);
    expect(await good()).toBe(201);
    const chunked = `POST /chat HTTP/1.1\r\n${json}\r\nTransfer-Encoding: chunked`;
    // Cut off in the middle, or not: nobody else is to feel it.
    await ask('/chat', json, '{}'.padEnd(70_000_000)).catch(reconnect);
    expect(await good()).toBe(201);
    expect(await sent(chunked, `${large.length.toString(16)}\r\n`, large, '\r\n0\r\n\r\n')).toBe(413);
    expect(await good()).toBe(201);
    connection.close();
  });

  test('serves the page and its files', async () => {
    const page = await call(server, 'GET', '/');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    const [script] = (await page.text()).match(/static\/[\w-]+\.js/) ?? [];
    const file = await call(server, 'GET', `/${script}`);
    expect(file.headers.get('content-type')).toContain('text/javascript');
    expect((await file.text()).length).toBeGreaterThan(1000);
    expect((await call(server, 'GET', '/readyz')).status).toBe(200);
  });

  test('lets in by a token of the provider, and by its sign-in there', async () => {
    const port = String(await freePort());
    const url = `http://127.0.0.1:${port}`;
    const provider = await startIdentityProvider({
      redirectUris: [`${url}/api/sign-in/oidc/callback`],
      logoutUris: [`${url}/`],
    });
    ends.push(() => provider.stop());
    const own = await start({
      PORT: port,
      AUTH: 'oidc,keys',
      AUTH_ADMINS: 'boss',
      OIDC_ISSUER: provider.issuer,
      OIDC_CLIENT_ID: 'agentchat',
      OIDC_CLIENT_SECRET: 'agentchat-secret',
    });
    const get = (path: string, headers = {}) => fetch(url + path, { headers, redirect: 'manual' });
    const me = async (headers: object) => (await get('/api/me', headers)).json();
    const bearing = (token: string) => ({ authorization: `Bearer ${token}` });
    expect((await get('/api/me')).status).toBe(401);
    expect((await get('/api/me', bearing('ack_wrong'))).status).toBe(401);
    expect((await get('/api/me', bearing(await provider.token({ aud: 'another' })))).status).toBe(401);
    expect(await me(bearing(await provider.token({ sub: 'boss' })))).toMatchObject({
      owner: 'boss',
      role: 'admin',
      way: 'oidc',
    });

    // Header values are bytes, and names in them UTF-8.
    const made = await fetch(`${url}/api/admin/keys`, {
      method: 'POST',
      headers: { ...bearing(await provider.token({ sub: 'boss' })), 'content-type': 'application/json' },
      body: JSON.stringify({ owner: 'a service', role: 'service' }),
    });
    const { key } = await made.json();
    const raw = await openRaw(Number(port));
    const speakFor = (name: string) =>
      raw.ask(`GET /api/me HTTP/1.1\r\nX-API-Key: ${key}\r\nX-Owner: ${name}`);
    for (const name of ['José', '李 明'])
      expect(JSON.parse((await speakFor(name)).body)).toMatchObject({ owner: name, role: 'service' });
    raw.close();

    const browser = identityVisitor(provider.issuer);
    const there = await get('/api/sign-in/oidc');
    const back = await browser.signIn(there.headers.get('location') ?? '', 'alice');
    const [kept = ''] = there.headers.getSetCookie().map((one) => one.split(';')[0]);
    const answer = await get(back.slice(url.length), { cookie: kept });
    expect(answer.headers.get('location')).toBe('/');
    const [cookie = ''] = answer.headers.getSetCookie().filter((one) => one.startsWith('agentchat='));
    expect(await me({ cookie: cookie.split(';')[0] })).toMatchObject({ owner: 'alice', role: 'member' });
    await own.kill('SIGKILL');
  }, 60_000);

  if (onServer)
    test('takes over the turn of a process that was killed', async () => {
      const session = await newSession();
      const doomed = await start();
      says = [{ text: 'half' }, { hang: true }];
      const { rest } = await sayAndLeave(doomed, session, async () => {
        says = [{ text: 'the ' }, { text: 'whole' }];
        await doomed.kill('SIGKILL');
      });
      const events = await rest(server);
      expect(events[0]).toMatchObject({ event: 'restart', data: { attempt: 2 } });
      expect(joined(events, chunk)).toBe('the whole');
      expect(events.at(-1)).toMatchObject({ event: 'done', data: { status: 'completed' } });
    }, 60_000);

  if (onServer && runtime.drains)
    test('lets what runs end when it is told to stop', async () => {
      const session = await newSession();
      const stopping = await start();
      const gate = Promise.withResolvers<void>();
      says = [{ text: 'one ' }, { wait: gate.promise }, { text: 'two' }];
      const answer = call(stopping, 'POST', `${session}/chat`, { content: 'hi' }).then((one) => one.json());
      const running = () => json(call(server, 'GET', `${session}/turns?status=running`));
      expect(await eventually(async () => (await running()).length === 1, 20_000)).toBe(true);
      const exit = stopping.kill('SIGTERM');
      setTimeout(gate.resolve, 500);
      expect(await answer).toMatchObject({ content: 'one two' });
      expect({ ...(await exit), output: stopping.output() }).toMatchObject({ code: 0, signal: null });
    }, 60_000);

  if (onServer && !runtime.drains)
    test('lets go of its connections when nobody needs them', async () => {
      const client = postgres(databaseUrl ?? '', { max: 1 });
      const held = async () => {
        const rows = await client<{ count: number }[]>`
          select count(*)::int from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`;
        return rows[0]?.count ?? 0;
      };
      expect(await eventually(async () => (await held()) === 0, 20_000)).toBe(true);
      const session = await newSession();
      says = [{ text: 'so far' }, { hang: true }];
      const { turn } = await sayAndLeave(server, session, () => {});
      await Bun.sleep(500);
      const running = await held();
      expect(running).toBeGreaterThan(0);
      const caller = new AbortController();
      const follows = await fetch(`${server.url}${turn}`, { headers: stream, signal: caller.signal });
      for await (const { event } of eachEvent(follows)) if (event === chunk) break;
      caller.abort();
      expect(await eventually(async () => (await held()) <= running, 20_000)).toBe(true);
      await call(server, 'POST', `${turn}/cancel`);
      expect(await eventually(async () => (await held()) === 0, 20_000)).toBe(true);
      await client.end();
    }, 60_000);
}
