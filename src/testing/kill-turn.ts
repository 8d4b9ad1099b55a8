// One turn that calls four tools: begun in a process that is killed at a point of it, taken over by others that are killed too,
// and ended here. Somebody follows it from the first, somebody from here, and a person allows what has to be allowed.
import { join } from 'node:path';
import { eq, sql } from 'drizzle-orm';
import { createAgents } from '../agent/agent.ts';
import type { Database } from '../db/database.ts';
import type { Owner } from '../db/owner.ts';
import { chatTurns } from '../db/schema.ts';
import { isFinal } from '../words/turn-status.ts';
import { eachEvent, type ReceivedEvent, readEvents, withoutVoid } from './event-stream.ts';
import { fourCallsBy, fourToolsAgent, fourToolsName } from './four-tools.ts';
import { newOwner } from './owners.ts';
import { scriptedModel } from './scripted-model.ts';
import { type ServerProcess, startServer } from './server-process.ts';
import { testApp } from './test-app.ts';
import { expireLeases } from './two-apps.ts';

const stream = { accept: 'text/event-stream' };
const json = { 'content-type': 'application/json' };
const entry = join(import.meta.dir, 'dying-server.ts');

/** What is stored and told at the end. `decided`: the statuses of answers to decisions; `shown`: to the model, at last. */
export async function killTurnAt(database: Database, url: string, points: readonly string[]) {
  const owner = await newOwner(database);
  const model = scriptedModel(fourCallsBy('alive'));
  const agents = createAgents(fourToolsAgent(database, { model, by: 'alive' }));
  const alive = await testApp(database, { owner, agents });
  // It has no such agent, so that what it allows goes on in the one that dies, as long as that lives.
  const decider = await testApp(database, { owner });
  const id = await alive.newSession();
  const row = async () => (await database.db.select().from(chatTurns).where(eq(chatTurns.sessionId, id)))[0];
  const hasEnded = async () => isFinal((await row())?.status ?? 'queued');

  const [first = '', ...others] = points;
  let dying = await startDying(url, owner, first);
  const chat = `/api/sessions/${id}/chat`;
  const keyed = { ...stream, 'idempotency-key': 'k' };
  const there: ReceivedEvent[] = [];
  const readThere = async () => {
    const body = JSON.stringify({ content: 'hi' });
    const asked = { method: 'POST', body, headers: { ...json, ...keyed } };
    for await (const event of eachEvent(await fetch(dying.url + chat, asked))) there.push(event);
  };
  const reading = readThere().catch(() => {});
  while (!(await row()) && !dying.hasDied()) await Bun.sleep(5);
  if (!(await row())) await alive.send('POST', chat, { content: 'hi' }, keyed);
  const turn = await row();
  if (!turn) throw new Error('the turn is lost');
  const path = `/api/sessions/${id}/turns/${turn.id}`;
  const elsewhere = readEvents(await alive.get(path, stream));

  const decided: number[] = [];
  async function decide(): Promise<void> {
    const pending = (await (await decider.get('/api/approvals')).json()) as { id: string }[];
    for (const { id: approval } of pending) {
      const at = `${path}/approvals/${approval}`;
      const decision = { decision: 'approve' };
      // Who is told of it and dies is told again elsewhere.
      const asked = { method: 'POST', headers: json, body: JSON.stringify(decision) };
      const answer = first.endsWith('decide') && (await fetch(dying.url + at, asked).catch(() => undefined));
      decided.push((answer || (await decider.send('POST', at, decision))).status);
    }
  }

  /** `from`: the lease of the one before, until it has the turn. */
  async function dies({ process, hasDied }: Dying, from?: string | null): Promise<string | null> {
    while (!hasDied() && !(await hasEnded())) {
      if (from && (await row())?.lease === from) await expireLeases(database, id);
      await decide();
      await Bun.sleep(10);
    }
    // It may not be dead yet when all is stored.
    return (await Promise.race([process.exited, Bun.sleep(5000).then(() => process.kill())])).signal;
  }

  const deaths = [await dies(dying)];
  await reading;
  for (const point of others) {
    const from = (await row())?.lease;
    dying = await startDying(url, owner, point);
    deaths.push(await dies(dying, from));
  }
  const dead = (await row())?.lease;
  while (!(await hasEnded())) {
    await decide();
    const now = await row();
    // Once it is held by the living, it is left alone.
    if (now?.status === 'running' && now.lease === dead) await expireLeases(database, id);
    await alive.turns.beat();
    await Bun.sleep(20);
  }

  const last = there.at(-1);
  const cursor = last ? { 'last-event-id': last.id } : {};
  const rest =
    last?.event === 'done' ? [] : await readEvents(await alive.get(path, { ...stream, ...cursor }));
  const calls = await alive.store.calls.ofTurn({ owner, session: id, turn: turn.id }, 0);
  return {
    deaths,
    status: (await row())?.status,
    decided,
    stored: withoutVoid(await readEvents(await alive.get(path, stream))),
    followers: [withoutVoid(await elsewhere), withoutVoid([...there, ...rest])],
    calls: await Promise.all(
      calls.map(async ({ id: call, name, status }) => ({
        name,
        status,
        effects: await effectsOf(database, name, call),
      })),
    ),
    shown: model.calls.at(-1)?.at(-1),
  };
}

type Dying = { process: ServerProcess; url: string; hasDied: () => boolean };

async function startDying(url: string, owner: Owner, point: string): Promise<Dying> {
  const env = { DATABASE_URL: url, DIE_AT: point, OWNER: String(owner), AGENT: fourToolsName };
  const process = await startServer({ entry, env });
  let died = false;
  process.exited.then(() => {
    died = true;
  });
  return { process, url: process.url, hasDied: () => died };
}

async function effectsOf({ db }: Database, tool: string, call: string): Promise<number> {
  const [counted] = await db
    .select({ n: sql`count(*)`.mapWith(Number) })
    .from(sql.raw(tool === 'keyed' ? 'keyed_effects' : 'effects'))
    .where(sql`call = ${call}`);
  return counted?.n ?? 0;
}
