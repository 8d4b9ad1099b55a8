// A message as it is stored.
import type { Usage } from '../words/usage.ts';
import { as } from './prepared.ts';
import { chatMessages, type Json, type Role } from './schema.ts';

/** Where a message stands in its session. What a turn says stands at one seq, in steps from 0. */
export type Place = { seq: number; step: number };

export type MessageRow = Place & {
  sessionId: string;
  id: string;
  /** The turn's attempt that said it; null where nobody wrote it down. */
  attempt: number | null;
  role: Role;
  source: string;
  type: string;
  /** What its type has beside the text; null for texts. */
  data: Json | null;
  content: string;
  thought: string | null;
  modelsUsage: Usage | null;
  metadata: Json;
  createdAt: Date;
};

/** What a context needs of a message; read only of sessions that a turn was begun in. */
export type ContextRow = Pick<
  MessageRow,
  'seq' | 'step' | 'role' | 'source' | 'type' | 'data' | 'content' | 'thought'
>;

export const messageColumns = {
  sessionId: chatMessages.sessionId,
  seq: chatMessages.seq,
  step: chatMessages.step,
  attempt: chatMessages.attempt,
  id: chatMessages.id,
  role: chatMessages.role,
  source: chatMessages.source,
  type: chatMessages.type,
  data: chatMessages.data,
  content: chatMessages.content,
  thought: chatMessages.thought,
  modelsUsage: chatMessages.modelsUsage,
  metadata: chatMessages.metadata,
  createdAt: chatMessages.createdAt,
};

/** The same of a named part of a statement. */
export const messageResult = {
  sessionId: as(chatMessages.sessionId),
  seq: as(chatMessages.seq),
  step: as(chatMessages.step),
  attempt: as(chatMessages.attempt),
  id: as(chatMessages.id),
  role: as(chatMessages.role),
  source: as(chatMessages.source),
  type: as(chatMessages.type),
  data: as(chatMessages.data),
  content: as(chatMessages.content),
  thought: as(chatMessages.thought),
  modelsUsage: as(chatMessages.modelsUsage),
  metadata: as(chatMessages.metadata),
  createdAt: as(chatMessages.createdAt),
};
