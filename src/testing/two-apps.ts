// Two processes on one database, as far as a test needs them: two apps that know of each other only what it tells.
import { eq, sql } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { chatTurns } from '../db/schema.ts';
import { newOwner } from './owners.ts';
import { type Step, scriptedModel } from './scripted-model.ts';
import { testApp } from './test-app.ts';

/** Two processes, and a session. */
export async function twoAppsOn(database: Database, script: (call: number) => Step[]) {
  const model = scriptedModel((_messages, call) => script(call));
  const owner = await newOwner(database);
  const another = () => testApp(database, { model, owner });
  const [one, two] = [await another(), await another()];
  const id = await one.newSession();
  const chat = `/api/sessions/${id}/chat`;
  const turns = async () => (await one.get(`/api/sessions/${id}/turns`)).json();
  /** The turn's path, once so much of it is stored. */
  const runningTurn = async (stored = ''): Promise<string> => {
    for (;;) {
      const [turn] = await turns();
      if (turn && (await one.store.events.partial({ owner, session: id, turn: turn.id })).content === stored)
        return `/api/sessions/${id}/turns/${turn.id}`;
      await Bun.sleep(5);
    }
  };
  return { model, one, two, another, id, chat, turns, runningTurn };
}

/** As if the process that runs the session's turns had stopped for longer than a lease. */
export async function expireLeases(database: Database, session: string): Promise<void> {
  await database.db
    .update(chatTurns)
    .set({ leaseUntil: sql`now() - interval '1 second'` })
    .where(eq(chatTurns.sessionId, session));
}
