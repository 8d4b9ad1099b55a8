// The one way a test makes the app: the real thing over a real database, with a scripted model.
import { randomUUID } from 'node:crypto';
import { createAssistant } from '../agent/assistant.ts';
import { type App, createApp } from '../app.ts';
import { createChat } from '../chat/chat.ts';
import { createTurns } from '../chat/turns.ts';
import { diskAssets } from '../cli/assets.ts';
import { readMigrations } from '../cli/read-migrations.ts';
import type { Database } from '../db/database.ts';
import { createStore } from '../db/store.ts';
import type { HttpSettings } from '../http/parts.ts';
import { type Log, silentLog } from '../log.ts';
import { type ContextPolicy, DEFAULT_CONTEXT_POLICY } from '../models/context-policy.ts';
import type { ChatModel } from '../models/model.ts';
import { scriptedModel } from './scripted-model.ts';

export type TestAppOptions = {
  model?: ChatModel;
  systemMessage?: string | null;
  contextPolicy?: ContextPolicy;
  settings?: Partial<HttpSettings>;
  owner?: string;
  log?: Log;
};

/** An app whose owner is new, so that it starts without any session. */
export async function testApp(database: Database, options: TestAppOptions = {}) {
  const owner = options.owner ?? randomUUID();
  const store = createStore(database, owner);
  const log = options.log ?? silentLog;
  const model = options.model ?? scriptedModel();
  const assistant = createAssistant({
    model,
    systemMessage: options.systemMessage ?? null,
    contextPolicy: options.contextPolicy ?? DEFAULT_CONTEXT_POLICY,
  });
  const turns = createTurns({ store, assistant, log });
  const settings = {
    allowedHosts: [],
    corsOrigins: [],
    defaultLocale: 'en' as const,
    maxBodyBytes: 1024 ** 2,
    basePath: '',
    ...options.settings,
  };
  const migrations = await readMigrations();
  const appOf = (who: string) =>
    createApp({
      chat: createChat({ store, turns, assistant }),
      principal: { owner: who },
      log,
      assets: diskAssets,
      lastMigration: migrations.at(-1)?.hash,
      settings,
    });
  const app = appOf(owner);
  return {
    app,
    owner,
    store,
    turns,
    ...callsOf(app),
    /** The same process, as somebody else calls it. */
    calledBy: (who: string) => callsOf(appOf(who)),
  };
}

function callsOf(app: App) {
  const request = async (path: string, init?: RequestInit) => app.request(path, init);
  const send = (method: string, path: string, body: unknown, headers: Record<string, string> = {}) =>
    request(path, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  return {
    request,
    get: (path: string, headers: Record<string, string> = {}) => request(path, { headers }),
    send,
    /** Makes a session and returns its id. */
    newSession: async (body: object = {}): Promise<string> =>
      (await (await send('POST', '/api/sessions', body)).json()).id,
  };
}
