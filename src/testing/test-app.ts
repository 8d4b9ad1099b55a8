// The one way a test makes the app: the real thing over a real database, with a scripted model.
import { randomUUID } from 'node:crypto';
import { createAssistant } from '../agent/assistant.ts';
import { createApp } from '../app.ts';
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
  const store = createStore(database, options.owner ?? randomUUID());
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
  const app = createApp({
    store,
    turns,
    assistant,
    log,
    assets: diskAssets,
    lastMigration: migrations.at(-1)?.hash,
    settings,
  });

  const request = async (path: string, init?: RequestInit) => app.request(path, init);
  return {
    app,
    store,
    turns,
    request,
    get: (path: string, headers: Record<string, string> = {}) => request(path, { headers }),
    send: (method: string, path: string, body: unknown, headers: Record<string, string> = {}) =>
      request(path, {
        method,
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    /** Makes a session and returns its id. */
    newSession: async (body: object = {}): Promise<string> => {
      const response = await request('/api/sessions', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return (await response.json()).id;
    },
  };
}
