// One serving process: its parts put together, the port opened, and how it stops.
import type { Agents } from '../../agent/agent.ts';
import { createToolHost, type ToolHost } from '../../agent/workbench.ts';
import { createLog, type Log } from '../../log.ts';
import { createParts } from '../../parts.ts';
import type { Settings } from '../../settings.ts';
import type { OpenedDatabase } from '../database/open-database.ts';
import { diskAssets } from './assets.ts';
import { openHttpServer } from './http-server.ts';
import { keepIndexing } from './keep-indexing.ts';
import { urlOf } from './listen.ts';
import { linesTogether } from './log-lines.ts';
import { pageFiles } from './page-files.ts';
import { readPdf } from './read-pdf.ts';
import { startProcess } from './start-process.ts';

/** How long servers of tools are given to end. */
const toolsMs = 4000;

export type ServedAgents = {
  /** Makes the catalogue, whose tools come from the host. */
  agents: (tools: ToolHost) => Agents;
  /** Of reading their files. */
  warnings: readonly string[];
  /** Keeps the catalogue up to date, until what it gives is called. */
  keep?: (log: Log) => () => void;
};

export type Serving = { url: string; stop: () => Promise<void> };

/**
 * Serves until `stop`, which lets running turns end first, and then waits for `drained` with the port open.
 */
export async function serve(
  settings: Settings,
  { agents, warnings, keep }: ServedAgents,
  opened: OpenedDatabase,
  drained: () => Promise<void> = async () => {},
): Promise<Serving> {
  const log = createLog({
    level: settings.logLevel,
    format: settings.logFormat ?? (process.stderr.isTTY ? 'pretty' : 'json'),
    write: linesTogether((text) => process.stderr.write(text)),
  });
  for (const warning of warnings) log.warn(warning);
  if (settings.isOpen)
    log.warn('AUTH lets everybody in who reaches the port, from other machines too', {
      host: settings.host,
      auth: settings.ways.join(),
    });

  const tools = createToolHost({
    startProcess,
    // What it wrote itself may hold anything.
    tell: ({ server, happened }) => log.warn(happened, { server }),
    leftOut: (error, server) => log.warn('the tools of a server are missing', { server, error }),
  });

  await pageFiles();
  opened.database.pool?.onFewer((connections, wanted) =>
    log.warn(
      'PostgreSQL gives fewer connections than are wanted: what waits for one takes longer. Lower DATABASE_POOL_MAX, or raise the limit of the server, the database or the user',
      { connections, wanted },
    ),
  );
  const { store, app, hold, release } = createParts({
    database: opened.database,
    agents: agents(tools),
    approvalSeconds: settings.approvalSeconds,
    log,
    assets: diskAssets,
    lastMigration: opened.migrations.at(-1)?.hash,
    settings,
    readPdf,
  });
  await hold();

  const server = openHttpServer({ settings, log, fetch: app.fetch });
  const stopIndexing = keepIndexing(store.search, log);
  const stopReloading = keep?.(log);

  return {
    url: urlOf({ host: settings.host, port: server.port ?? settings.port }),
    stop: async () => {
      log.info('stopping: running turns may end, new ones are refused');
      stopReloading?.();
      const indexed = stopIndexing();
      await release(settings.shutdownGraceMs);
      await drained();
      await Promise.race([tools.close(), Bun.sleep(toolsMs)]);
      await Promise.race([indexed, Bun.sleep(1000)]);
      await Promise.race([server.stop(), Bun.sleep(1000)]);
      await server.stop(true);
      await opened.database.close();
      log.info('stopped');
    },
  };
}
