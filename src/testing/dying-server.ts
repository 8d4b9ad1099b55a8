// A server process that kills itself at the point DIE_AT of the turns it runs: points are before and after each thing that
// it asks the model, hears from it, or stores. Its agent says three steps.
import { createAgents } from '../agent/agent.ts';
import { readMigrations } from '../cli/migrations/read-migrations.ts';
import { diskAssets } from '../cli/serve/assets.ts';
import { openPostgres } from '../db/postgres/open-postgres.ts';
import { silentLog } from '../log.ts';
import { createParts } from '../parts.ts';
import { scriptedModel } from './scripted-model.ts';
import { threeSteps } from './three-steps.ts';
import { toldBy } from './told-by.ts';

const { DATABASE_URL: url = '', DIE_AT: dieAt = '', OWNER: owner = '', PORT: port = '' } = process.env;
let points = 0;

function point(): void {
  points++;
  if (points === Number(dieAt)) process.kill(process.pid, 'SIGKILL');
}

/** The same queries, with a point before and after each. */
function mortal<Q extends Record<string, (...parameters: never[]) => Promise<unknown>>>(queries: Q): void {
  for (const [name, query] of Object.entries(queries)) {
    Object.assign(queries, {
      [name]: async (...parameters: never[]) => {
        point();
        const answer = await query(...parameters);
        point();
        return answer;
      },
    });
  }
}

const script = toldBy('dead');
const { store, appFor, hold } = createParts({
  database: openPostgres({ url, poolMax: 4, prepare: true }),
  agents: createAgents(
    threeSteps(
      scriptedModel(async function* (messages) {
        for (const step of script(messages)) {
          point();
          yield step;
          // Long enough that some of it is stored.
          await Bun.sleep(30);
        }
        point();
      }),
    ),
  ),
  log: silentLog,
  assets: diskAssets,
  served: Number(owner),
  lastMigration: (await readMigrations()).at(-1)?.hash,
  settings: { allowedHosts: [], corsOrigins: [], defaultLocale: 'en', maxBodyBytes: 1024 ** 2, basePath: '' },
});
const { settle, complete, endWithoutReply } = store.turns;
const stored = { settle, complete, endWithoutReply };
mortal(stored);
Object.assign(store.turns, stored);
const { append } = store.events;
const pieces = { append };
mortal(pieces);
Object.assign(store.events, pieces);

await hold();
Bun.serve({
  hostname: '127.0.0.1',
  port: Number(port),
  idleTimeout: 0,
  fetch: appFor({ owner: Number(owner) }).fetch,
});
