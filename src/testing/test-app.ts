// The one way a test makes the app: the real thing over a real database, with a scripted model.
import { type AccessSettings, everybodyIs } from '../access/access.ts';
import type { ProviderMemory } from '../access/oidc/provider.ts';
import { type Agents, createAgents } from '../agent/agent.ts';
import { createAssistant } from '../agent/assistant.ts';
import { type ContextPolicy, DEFAULT_CONTEXT_POLICY } from '../agent/context-policy.ts';
import type { App } from '../app.ts';
import { readMigrations } from '../cli/migrations/read-migrations.ts';
import { diskAssets } from '../cli/serve/assets.ts';
import { readPdf } from '../cli/serve/read-pdf.ts';
import type { Database } from '../db/database.ts';
import type { Owner } from '../db/owner.ts';
import type { HttpSettings } from '../http/parts.ts';
import { type Log, silentLog } from '../log.ts';
import type { ChatModel } from '../models/model.ts';
import { createParts } from '../parts.ts';
import type { Role } from '../words/access.ts';
import { newOwner } from './owners.ts';
import { scriptedModel } from './scripted-model.ts';

export type TestAppOptions = {
  model?: ChatModel;
  systemMessage?: string | null;
  contextPolicy?: ContextPolicy;
  settings?: Partial<HttpSettings & AccessSettings>;
  /** Who answers, instead of an assistant with `model`. */
  agents?: Agents;
  /** Whose everything is, unless `settings.ways` says how callers say it themselves. */
  owner?: Owner;
  log?: Log;
  providerMemory?: ProviderMemory;
  /** How long a turn waits for a person. */
  approvalSeconds?: number;
};

/**
 * An app whose owner is new, so that it starts without any session.
 *
 * @example
 * const { send, newSession } = await testApp(database, { model: scriptedModel(() => say(['Hi', '!'])) });
 * const answer = await send('POST', `/api/sessions/${await newSession()}/chat`, { content: 'hello' });
 */
export async function testApp(database: Database, options: TestAppOptions = {}) {
  const owner = options.owner ?? (await newOwner(database));
  const migrations = await readMigrations();
  const parts = createParts({
    database,
    agents:
      options.agents ??
      createAgents(
        createAssistant({
          model: options.model ?? scriptedModel(),
          systemMessage: options.systemMessage ?? null,
          contextPolicy: options.contextPolicy ?? DEFAULT_CONTEXT_POLICY,
        }),
      ),
    log: options.log ?? silentLog,
    assets: diskAssets,
    lastMigration: migrations.at(-1)?.hash,
    settings: {
      allowedHosts: [],
      corsOrigins: [],
      defaultLocale: 'en',
      maxBodyBytes: 1024 ** 2,
      maxFileBytes: 20 * 1024 ** 2,
      basePath: '',
      ways: ['none'],
      ...options.settings,
    },
    readPdf,
    ...(options.approvalSeconds === undefined ? {} : { approvalSeconds: options.approvalSeconds }),
    ...(options.providerMemory ? { providerMemory: options.providerMemory } : {}),
    // Tests share a database.
    served: owner,
  });
  const { store, turns } = parts;
  const appOf = (who: Owner, role: Role = 'member') =>
    parts.appWith(everybodyIs({ owner: who, name: `owner ${who}`, role, way: 'none' }, store));
  const app = options.settings?.ways ? parts.app : appOf(owner);
  return {
    app,
    owner,
    store,
    turns,
    ...callsOf(app),
    /** The same process, as somebody else calls it. */
    calledBy: (who: Owner, role?: Role) => callsOf(appOf(who, role)),
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
