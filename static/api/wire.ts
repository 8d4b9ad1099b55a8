// What the server sends, as the page's own types. The only place that knows the names on the wire.
import { type Round, readRound, withResults } from './calls-wire.ts';
import { list, numberOf, record, textOf } from './json.ts';
import { type Problem, problemFromBody } from './problem.ts';

export type Session = {
  id: string;
  name: string;
  updatedAt: string;
  messageCount: number;
  /** Who answers; an empty text for the default one. */
  agent: string;
} & Instructed;

/** What it says to who answers; an empty text, or null: nothing. */
export type Instructed = { instructions: string; temperature: number | null };

/** What came with a message. `cutTo`: so many characters of it are read, where more is left out. */
export type FileRef = { id: string; name: string; mediaType: string; size: number; cutTo: number | null };

export type Message = {
  id: string;
  role: 'user' | 'assistant';
  content: string;
  files: FileRef[];
  thought: string;
  /** Of a reply: what was done for it before; of a question: what was done for it that came to no reply. */
  rounds: Round[];
  /** How long it was thought about, where that is known. */
  thoughtMs: number | null;
  createdAt: string;
  /** What it stands behind, where the history tells it; null for the first one. */
  parentId: string | null;
  /** The ids of all that was said in its place, itself too, oldest first; empty where there is nothing else. */
  versions: string[];
  tokens: { prompt: number; completion: number } | null;
  /** Who said it; of a reply the agent’s name, which may be there no more. */
  source: string;
  model: string;
  /** What it was answered with, or was not; empty texts where nothing was asked for. */
  temperature: string;
  temperatureIgnored: string;
  /** In the unit of the prices; null where there are none. */
  cost: number | null;
  /** It was said elsewhere, before the session. */
  imported: boolean;
  /** The built-in demo model said it. */
  demo: boolean;
  /** The reader stopped it. */
  cancelled: boolean;
  /** Why the model stopped before it was done, or an empty string. */
  cutBy: string;
};

export type TurnStatus = 'queued' | 'running' | 'waiting' | 'completed' | 'failed' | 'cancelled';
export type Turn = {
  id: string;
  status: TurnStatus;
  userMessage: Message;
  reply: Message | null;
  problem: Problem | null;
};

export function readSession(value: unknown): Session {
  const session = record(value);
  return {
    id: textOf(session.id),
    name: textOf(session.name),
    updatedAt: textOf(session.updated_at),
    messageCount: numberOf(session.message_count),
    agent: textOf(session.agent),
    instructions: textOf(session.instructions),
    temperature: typeof session.temperature === 'number' ? session.temperature : null,
  };
}

export function readMessage(value: unknown): Message {
  const message = record(value);
  const metadata = record(message.metadata);
  const usage = message.models_usage ? record(message.models_usage) : null;
  return {
    id: textOf(message.id),
    role: message.role === 'assistant' ? 'assistant' : 'user',
    content: contentOf(message),
    files: readAll(message.files, readFile),
    thought: textOf(message.thought),
    rounds: [],
    thoughtMs: isNumber(metadata.thought_seconds) ? Number(metadata.thought_seconds) * 1000 : null,
    createdAt: textOf(message.created_at),
    parentId: textOf(message.parent_id) || null,
    versions: readAll(message.versions, (version) => textOf(record(version).id)),
    tokens: usage && {
      prompt: numberOf(usage.prompt_tokens),
      completion: numberOf(usage.completion_tokens),
    },
    source: textOf(message.source),
    model: textOf(metadata.model),
    temperature: textOf(metadata.temperature),
    temperatureIgnored: textOf(metadata.temperature_ignored),
    cost: metadata.cost ? Number(metadata.cost) : null,
    imported: isSet(metadata.imported),
    demo: isSet(metadata.demo),
    cancelled: isSet(metadata.cancelled),
    cutBy: textOf(metadata.finish_reason),
  };
}

export function readFile(value: unknown): FileRef {
  const { id, name, media_type, size, text } = record(value);
  const { characters, cut } = record(text);
  return {
    id: textOf(id),
    name: textOf(name),
    mediaType: textOf(media_type),
    size: numberOf(size),
    cutTo: cut === true ? numberOf(characters) : null,
  };
}

function contentOf({ content, format_string: format }: Record<string, unknown>): string {
  if (typeof content === 'string') return content;
  if (Array.isArray(content)) return partsAsText(content);
  if (!format) return `\`\`\`json\n${JSON.stringify(content, null, 2)}\n\`\`\``;
  return textOf(format).replace(
    /{(\w+)}/g,
    (_, key) => textOf(record(content)[key]) || JSON.stringify(record(content)[key]),
  );
}

/** Texts and images of an imported message; an image is only hinted at. */
const partsAsText = (parts: readonly unknown[]): string =>
  parts.map((part) => (typeof part === 'string' ? part : '🖼️')).join('\n');

/**
 * The messages of a stretch of history, each with what was done for it. `open`: what was done at the end of it, for what
 * comes behind.
 */
export function readHistory(values: readonly unknown[]): { messages: Message[]; open: Round[] } {
  const messages: Message[] = [];
  let open: Round[] = [];
  for (const value of values) {
    const { type, content, outcomes } = record(value);
    // The thought itself is with its message, what a person was asked with the calls’ outcomes.
    if (/^(Thought|MemoryQuery|ApprovalRequest)Event$/.test(textOf(type))) continue;
    if (type === 'ToolCallRequestEvent') open = [...open, readRound(value)];
    else if (type === 'ToolCallExecutionEvent') open = withResults(open, { results: content, outcomes });
    else {
      const message = readMessage(value);
      const before = messages.at(-1);
      if (message.role === 'assistant') message.rounds = open;
      else if (before?.role === 'user') before.rounds = open;
      open = [];
      messages.push(message);
    }
  }
  return { messages, open };
}

export function readTurn(value: unknown): Turn {
  const turn = record(value);
  return {
    id: textOf(turn.id),
    status: readStatus(turn.status),
    userMessage: readMessage(turn.user_message),
    reply: turn.reply ? readMessage(turn.reply) : null,
    problem: turn.error ? problemFromBody(turn.error) : null,
  };
}

const statuses: readonly TurnStatus[] = ['queued', 'running', 'waiting', 'completed', 'failed', 'cancelled'];

/** It is not over: it runs, or waits for its turn or for a person. */
export const isActive = (status: TurnStatus): boolean =>
  status === 'queued' || status === 'running' || status === 'waiting';

/** A status of a later version counts as an end. */
export const readStatus = (value: unknown): TurnStatus =>
  statuses.find((status) => status === value) ?? 'completed';

export const readAll = <T>(value: unknown, read: (one: unknown) => T): T[] => list(value).map(read);

/** A number as text: a message may come from elsewhere, with anything in its metadata. */
const isNumber = (value: unknown): boolean => typeof value === 'string' && /^\d+(\.\d+)?$/.test(value);

const isSet = (value: unknown): boolean => value === true || value === 'true';
