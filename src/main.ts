// The entry: settings, the model, the database, then the server, and four lines that say what is where.
import { resolve } from 'node:path';
import { openDatabase } from './cli/database/open-database.ts';
import { explain } from './cli/explain.ts';
import { loadAgents, stampOf } from './cli/load-agents.ts';
import { banner, waitingForPort, waitingForServer } from './cli/serve/banner.ts';
import { whenPortIsFree } from './cli/serve/free-port.ts';
import { reloadedAgents } from './cli/serve/keep-reloading.ts';
import { probePort, urlOf } from './cli/serve/listen.ts';
import { outliveReaders } from './cli/serve/log-lines.ts';
import { serve } from './cli/serve/serve.ts';
import { type Running, stopOnSignals, stopWithParent } from './cli/serve/stop-signals.ts';
import { drainedWithOthers, isWorker, reportToParent, startWorkers } from './cli/serve/workers.ts';
import { terminalLocale } from './cli/terminal-locale.ts';
import { readSettings, type Settings } from './settings.ts';

outliveReaders();
const locale = terminalLocale(process.env);
const worker = isWorker();
let settings: Settings | undefined;
let running: Running | undefined;
(worker ? stopWithParent : stopOnSignals)({ running: () => running, fail: stopWith });
try {
  settings = readSettings(process.env);
  running = await start(settings);
} catch (error) {
  await stopWith(error);
}

async function start(settings: Settings): Promise<Running> {
  // Before anything is made: a port that is taken is the commonest reason not to start.
  if (!worker)
    await whenPortIsFree(settings, settings.shutdownGraceMs, (port) => tell(waitingForPort(port)[locale]));
  const stamp = await stampOf(settings);
  const loaded = await loadAgents(settings, process.env);
  const { agents } = loaded;
  const opened = await openDatabase(settings, () => tell(waitingForServer[locale]));
  const print = (url: string) =>
    console.log(
      banner(
        {
          url,
          database:
            settings.databaseUrl === undefined
              ? { folder: resolve(settings.dataDir) }
              : opened.database.description,
          model: agents[0].model.description,
          demo: agents[0].model.demo,
          agents: agents.map(({ name }) => name),
        },
        locale,
      ),
    );
  if (settings.workers > 1 && !worker) {
    await opened.database.close();
    probePort(settings);
    const workers = startWorkers(settings.workers);
    // They heed a stop while they start.
    running = workers;
    await workers.started;
    print(urlOf(settings));
    return workers;
  }
  const reloaded = reloadedAgents(loaded, { files: settings, environment: process.env, stamp });
  const serving = await serve(settings, reloaded, opened, worker ? drainedWithOthers : undefined);
  if (worker) await reportToParent({ kind: 'serving' });
  else print(serving.url);
  return serving;
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function stopWith(error: unknown): Promise<never> {
  const sentence = explain(error, settings?.databaseUrl);
  if (worker) await reportToParent({ kind: 'failed', sentence });
  else tell(sentence);
  process.exit(1);
}
