// The steps of a turn, each measured by the processor time that this process spends on it.
import { v7 as newId } from 'uuid';
import type { Agent } from '../../src/agent/agent.ts';
import type { App } from '../../src/app.ts';
import { readConversation } from '../../src/chat/context/conversation.ts';
import { EventLog } from '../../src/chat/log/event-log.ts';
import { contentPiece } from '../../src/chat/log/turn-event.ts';
import { createTurnReader } from '../../src/chat/log/turn-reader.ts';
import { localOwner as owner } from '../../src/db/owner.ts';
import type { Store } from '../../src/db/store.ts';
import type { NewStep } from '../../src/db/turns/settle-step.ts';
import type { TurnKey } from '../../src/db/turns/turn-name.ts';
import { eventStream } from '../../src/http/event-stream.ts';
import type { ChatModel } from '../../src/models/model.ts';
import type { Run } from './bare-database.ts';
import { question, replyPieces, sessionId, tagOf } from './protocol.ts';

/** Microseconds of processor time; of a piece, for one of many. */
export type Step = { name: string; cpuUs: number };

export type StepParts = {
  app: App;
  store: Store;
  assistant: Agent;
  model: string;
  /** A model whose reply has `manyPieces` pieces. */
  many: ChatModel;
  bare: { begin: Run; complete: Run };
};

/** A turn that was begun, and the id that its reply is to have. */
type BegunKey = TurnKey & { reply: string };

export const stepSessions = 2000;
export const manyPieces = 2000;
const atOnce = 16;
const times = 3000;
// Until the code is compiled.
const warmUp = 6000;
/** So many turns are begun and left; each needs a session of its own. */
export const stepTurns = warmUp + times;

export async function measureSteps(parts: StepParts): Promise<Step[]> {
  const { app, store, assistant } = parts;
  const signal = new AbortController().signal;
  const conversation = await readConversation(
    store,
    assistant,
    { owner, session: sessionId(1, 0) },
    nothingImported,
    10,
  );
  const first = assistant.next([]);
  const replying = first?.kind === 'ask' ? first : fail();
  const begun: BegunKey[] = [];
  const bareBegun: BegunKey[] = [];
  const steps: [string, (n: number) => unknown][] = [
    ['HTTP: a request that does nothing', () => app.request('/healthz')],
    ['HTTP: a body read, checked, and refused', (n) => app.request(...chat(n, '"'))],
    ['begin', async (n) => begun.push(await beginOne(store, n))],
    ['complete', async () => complete(store, begun.shift() ?? fail())],
    [
      'context after a wait: 10 messages',
      (n) => readConversation(store, assistant, { owner, session: sessionId(1, n) }, nothingImported, 10),
    ],
    ['model: ask, and read 8 pieces', () => replying.reply(conversation, signal, () => true)],
    [
      'bare begin, which reads the context too',
      async (n) => bareBegun.push(await bareBegin(parts.bare.begin, n)),
    ],
    ['bare complete', () => bareComplete(parts.bare.complete, bareBegun.shift() ?? fail())],
    ['bare fetch of the reply', () => bareFetch(parts.model)],
    ['a whole turn, in process', (n) => app.request(...chat(n))],
  ];
  const measured: Step[] = [];
  for (const [name, run] of steps) measured.push({ name, cpuUs: await measure(run) });
  const perPiece: [string, () => Promise<unknown>][] = [
    ['a piece: read from the model server', () => parts.many.stream([...question2()], signal, () => true)],
    ['a piece: into the log and out as an event', logAndStream],
  ];
  for (const [name, run] of perPiece)
    measured.push({ name, cpuUs: (await measure(run, 20, 5, 1)) / manyPieces });
  return measured;
}

const nothingImported = {
  agentState: null,
  agentStateSeq: 0,
  path: null,
  instructions: null,
  temperature: null,
};
const question2 = () => [{ type: 'UserMessage' as const, content: 'hi', source: 'user' }];
const fail = (): never => {
  throw new Error('no turn was begun');
};

async function measure(
  run: (n: number) => unknown,
  count = times,
  before = warmUp,
  lanes = atOnce,
): Promise<number> {
  let n = 0;
  const until = async (end: number) => {
    const lane = async () => {
      while (n < end) await run(n++);
    };
    await Promise.all(Array.from({ length: lanes }, lane));
  };
  await until(before);
  const from = process.cpuUsage();
  await until(before + count);
  const { user, system } = process.cpuUsage(from);
  return (user + system) / count;
}

function chat(n: number, broken = ''): [string, RequestInit] {
  const body = `${JSON.stringify({ content: question(tagOf(n)) })}${broken}`;
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  return [`/api/sessions/${sessionId(1, n % stepSessions)}/chat`, { method: 'POST', headers, body }];
}

const newKey = (set: number, n: number): BegunKey => ({
  owner,
  session: sessionId(set, n),
  turn: newId(),
  lease: newId(),
  reply: newId(),
});

async function beginOne(store: Store, n: number): Promise<BegunKey> {
  const { reply: replyId, ...key } = newKey(2, n);
  const message = {
    id: newId(),
    source: 'user',
    type: 'TextMessage',
    content: question(tagOf(n)),
    modelsUsage: null,
    metadata: {},
  };
  await store.turns.begin({
    ...key,
    agent: 'assistant',
    replyId,
    message,
    name: 'A name',
    idempotency: undefined,
    mayWait: true,
    before: 199,
  });
  return { ...key, reply: replyId };
}

const complete = (store: Store, { reply, ...key }: BegunKey) =>
  store.turns.complete(key, 'completed', newReply(reply), false, spent);

const spent = { model: 'bench', prompt_tokens: 20, completion_tokens: 8, estimated: false, cost: 0.0000078 };

const newReply = (id: string): NewStep => ({
  id,
  source: 'assistant',
  content: replyPieces(tagOf(0)).join(''),
  thought: null,
  modelsUsage: { prompt_tokens: 20, completion_tokens: 8 },
  metadata: { model: 'bench' },
});

async function bareBegin(begin: Run, n: number): Promise<BegunKey> {
  const key = newKey(3, n);
  await begin({ ...key, message: newId(), content: question(tagOf(n)) });
  return key;
}

const bareComplete = (run: Run, key: BegunKey) => {
  const { content, modelsUsage: usage, metadata } = newReply(key.reply);
  return run({ ...key, content, usage, metadata });
};

async function bareFetch(model: string): Promise<unknown> {
  const messages = [{ role: 'user', content: question(tagOf(1)) }];
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ model: 'bench', messages });
  return (await fetch(`${model}/chat/completions`, { method: 'POST', headers, body })).json();
}

async function drain(events: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of events);
}

const readTurn = createTurnReader(() => undefined, { open: fail, leaveAll: fail });

/** `manyPieces` pieces through a log with one reader, one each time that the event loop turns. */
async function logAndStream(): Promise<void> {
  const log = new EventLog(1);
  const place = { locale: 'en' as const, instance: '/', requestId: 'r' };
  const { follow } = readTurn({ owner, session: 'session', turn: 'turn' }, log);
  const reading = drain(eventStream((wake) => follow(undefined, wake), place));
  for (let n = 0; n < manyPieces; n++) {
    log.append(contentPiece('assistant', `piece ${n} `));
    await new Promise((resolve) => setImmediate(resolve));
  }
  log.append({ event: 'done', data: { turn_id: 'turn', status: 'completed' } });
  await reading;
}
