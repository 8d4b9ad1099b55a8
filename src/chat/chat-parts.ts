// What chat is made of.
import type { Store } from '../db/store.ts';
import type { ContextTeller } from './turn-context.ts';
import type { Turns } from './turns.ts';

export type ChatParts = { store: Store; turns: Turns; assistant: ContextTeller };
