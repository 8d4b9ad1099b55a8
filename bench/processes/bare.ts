// The limit: a bare Hono handler with nothing but the same rows written and read and the same model asked.
import { Hono } from 'hono';
import { v7 as newId } from 'uuid';
import { beginTurn, completeTurn, history, sessionList, sessionSearch } from '../statements.ts';
import { openEmbedded, openServer } from './bare-database.ts';
import { bareStream, eventStreamType } from './bare-stream.ts';
import { serveRole } from './role.ts';

const { BARE_DATABASE: url, BARE_FOLDER: folder = '', BARE_MODEL: model = '' } = process.env;
const database = url === undefined ? await openEmbedded(folder) : openServer(url);

const begin = database.prepare(beginTurn);
const complete = database.prepare(completeTurn);
const readHistory = database.prepare(history);
const readSessions = database.prepare(sessionList);
const search = database.prepare(sessionSearch);

const app = new Hono();

app.post('/api/sessions/:id/chat', async (c) => {
  const { content } = await c.req.json();
  const key = { session: c.req.param('id'), turn: newId(), lease: newId(), reply: newId() };
  const [begun] = await begin({ ...key, message: newId(), content });
  if (!begun) return c.json({ error: 'busy' }, 409);
  const messages = [...((begun.context as object[] | null) ?? []), { role: 'user', content }];
  const stream = c.req.header('accept') === eventStreamType;
  const answer = await fetch(`${model}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'bench', messages, ...(stream ? { stream } : {}) }),
  });
  const store = async (content: string, usage: unknown) => {
    const reply = { id: key.reply, content, models_usage: usage, metadata: { model: 'bench' } };
    const { metadata } = reply;
    const [stored] = await complete({ ...key, content, usage, metadata });
    return { ...reply, session_id: key.session, role: 'assistant', created_at: stored?.created_at };
  };
  if (stream)
    return new Response(bareStream(answer, store), { headers: { 'content-type': eventStreamType } });
  const { choices, usage } = (await answer.json()) as Completion;
  return c.json(await store(choices[0].message.content, usage));
});

app.get('/api/sessions/:id/history', async (c) => c.json(await readHistory({ session: c.req.param('id') })));

app.get('/api/sessions', async (c) => {
  const q = c.req.query('q');
  const rows = q === undefined ? await readSessions({}) : await search({ pattern: `%${q}%` });
  return c.json(rows);
});

type Completion = { choices: [{ message: { content: string } }]; usage: unknown };

const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: app.fetch });
serveRole((sql) => database.execute(String(sql)), { port: server.port });
