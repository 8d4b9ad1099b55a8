// What chat is made of.
import type { Agents } from '../agent/agent.ts';
import type { Store } from '../db/store.ts';
import type { Documents } from './files/documents.ts';
import type { Turns } from './turns/turns.ts';

export type ChatParts = { store: Store; turns: Turns; agents: Agents; documents: Documents };
