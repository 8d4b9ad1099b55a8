// A server process that kills itself at the point DIE_AT of the turns it runs, a number or a name: points are before and
// after each thing that it asks the model, hears from it, looks up, stores, or does with a tool. Its agent says three steps, or calls
// four tools.
import { everybodyIs } from '../access/access.ts';
import { createAgents } from '../agent/agent.ts';
import { readMigrations } from '../cli/migrations/read-migrations.ts';
import { diskAssets } from '../cli/serve/assets.ts';
import { openPostgres } from '../db/postgres/open-postgres.ts';
import { silentLog } from '../log.ts';
import type { LlmMessage } from '../models/messages.ts';
import { createParts } from '../parts.ts';
import { fourCallsBy, fourToolsAgent, fourToolsName } from './four-tools.ts';
import { mortalQueries } from './mortal-queries.ts';
import { type Step, scriptedModel } from './scripted-model.ts';
import { threeSteps } from './three-steps.ts';
import { toldBy } from './told-by.ts';

const { DATABASE_URL: url = '', DIE_AT: dieAt = '', OWNER: owner = '', PORT: port = '' } = process.env;
let points = 0;

function point(name?: string): void {
  points++;
  if (points === Number(dieAt) || name === dieAt) process.kill(process.pid, 'SIGKILL');
}

const database = openPostgres({ url, poolMax: 4, prepare: true });
const dyingModel = (script: (messages: readonly LlmMessage[]) => Step[]) =>
  scriptedModel(async function* (messages) {
    for (const step of script(messages)) {
      point();
      yield step;
      // Long enough that some of it is stored.
      await Bun.sleep(30);
    }
    point();
  });
const { store, appWith, hold } = createParts({
  database,
  agents: createAgents(
    process.env.AGENT === fourToolsName
      ? fourToolsAgent(database, { model: dyingModel(fourCallsBy('dead')), by: 'dead', point })
      : threeSteps(dyingModel(toldBy('dead'))),
  ),
  log: silentLog,
  assets: diskAssets,
  served: Number(owner),
  lastMigration: (await readMigrations()).at(-1)?.hash,
  settings: {
    ways: ['none'],
    allowedHosts: [],
    corsOrigins: [],
    defaultLocale: 'en',
    maxBodyBytes: 1024 ** 2,
    maxFileBytes: 20 * 1024 ** 2,
    basePath: '',
  },
});
const mortal = mortalQueries({ url, dieAt, point });
const { begin, find, settle, complete, endWithoutReply } = store.turns;
Object.assign(store.turns, mortal({ begin, find, settle, complete, endWithoutReply }));
const { append } = store.events;
Object.assign(store.events, mortal({ append }));
const { takeOver } = store.leases;
Object.assign(store.leases, mortal({ takeOver }));
const { settle: settleCalls, start, finish, wait, decide, afterLostRun } = store.calls;
const { 'settle calls': dyingSettle, ...more } = mortal({
  'settle calls': settleCalls,
  start,
  finish,
  wait,
  decide,
  afterLostRun,
});
Object.assign(store.calls, { ...more, settle: dyingSettle });

// What it takes over may let it die: whoever started it is to know first that it serves.
let held: Promise<void> | undefined;
const holdOnce = (): Promise<void> => {
  held ??= hold();
  return held;
};

const { fetch: answer } = appWith(
  everybodyIs({ owner: Number(owner), name: owner, role: 'member', way: 'none' }, store),
);
Bun.serve({
  hostname: '127.0.0.1',
  port: Number(port),
  idleTimeout: 0,
  async fetch(request, server) {
    if (new URL(request.url).pathname !== '/healthz') {
      await holdOnce();
      return answer(request, server);
    }
    setTimeout(holdOnce, 20);
    return answer(request, server);
  },
});
