// Sessions, turns and what they say, asked of a store as chat/ asks it, for tests of the store itself.

import { randomUUID } from 'node:crypto';
import type { AuditEntry } from '../db/access/audit.ts';
import type { Database } from '../db/database.ts';
import type { Owner, SessionKey } from '../db/owner.ts';
import { createStore, type Store } from '../db/store.ts';
import type { BegunTurn, NewTurn } from '../db/turns/change-turns.ts';
import type { NewStep } from '../db/turns/settle-step.ts';
import type { NewPiece } from '../db/turns/turn-events.ts';
import type { TurnKey } from '../db/turns/turn-name.ts';
import { newOwner } from './owners.ts';

/** The agent that `newTurn` names. */
export const agents = ['assistant'];

/** A store on the database under test, whose owner is new. */
export async function openStore(open: () => Promise<Database>) {
  const database = await open();
  const owner = await newOwner(database);
  return { database, owner, store: createStore(database, owner) };
}

export async function newSession(store: Store, owner: Owner, id: string = randomUUID()): Promise<SessionKey> {
  await store.sessions.create(owner, {
    id,
    name: undefined,
    defaultName: 'New',
    metadata: {},
    agentState: null,
  });
  return { owner, session: id };
}

export const newKey = (session: SessionKey): TurnKey => ({
  ...session,
  turn: randomUUID(),
  lease: randomUUID(),
});

export type TurnOptions = Partial<
  Pick<NewTurn, 'idempotency' | 'mayWait' | 'before' | 'agent' | 'replyId' | 'message'>
>;

export const newTurn = (key: TurnKey, content: string, options: TurnOptions = {}): NewTurn => ({
  ...key,
  agent: 'assistant',
  replyId: randomUUID(),
  message: {
    id: randomUUID(),
    source: 'user',
    type: 'TextMessage',
    content,
    modelsUsage: null,
    metadata: { n: 1 },
  },
  name: content,
  idempotency: undefined,
  mayWait: true,
  before: 0,
  ...options,
});

/** Throws where it is not begun. */
export async function begin(
  store: Store,
  key: TurnKey,
  content = 'hi',
  options: TurnOptions = {},
): Promise<BegunTurn> {
  const begun = await store.turns.begin(newTurn(key, content, options));
  if (!begun || begun === 'not begun' || 'limit' in begun) throw new Error('not begun');
  return begun;
}

/** A turn that runs, in a session of its own. */
export async function runningTurn(store: Store, owner: Owner, options: TurnOptions = {}): Promise<TurnKey> {
  const key = newKey(await newSession(store, owner));
  await begin(store, key, 'hi', options);
  return key;
}

export const newStep = (content: string, more: Partial<NewStep> = {}): NewStep => ({
  id: randomUUID(),
  source: 'assistant',
  content,
  thought: null,
  modelsUsage: null,
  metadata: {},
  ...more,
});

export const newPiece = (
  key: TurnKey,
  at: Pick<NewPiece, 'attempt' | 'position'> & { step?: number },
  content: string,
): NewPiece => ({
  ...key,
  step: 0,
  ...at,
  event: 'ModelClientStreamingChunkEvent',
  source: 'assistant',
  content,
});

/** What is written down of whom nobody knows. */
export const nobody: AuditEntry = {
  owner: null,
  actor: null,
  way: null,
  key: null,
  action: 'session.deleted',
  target: null,
  address: null,
  requestId: null,
};
