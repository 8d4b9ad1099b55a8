// AgentChat on workerd. Sockets and timers belong to a request there, so each request has parts of its own, which are
// held until its answer is sent and its turns have ended. docs/runtimes.md says how to start it.

import { newProviderMemory } from '../src/access/oidc/provider.ts';
import { createAgents } from '../src/agent/agent.ts';
import { modelFromEnvironment, parseModelConfig } from '../src/agent/agent-config.ts';
import { createAssistant } from '../src/agent/assistant.ts';
import { migrationsOf } from '../src/cli/migrations/migration-files.ts';
import files from '../src/cli/migrations/migrations-copy.json' with { type: 'json' };
import { openPostgres } from '../src/db/postgres/open-postgres.ts';
import { assetOf } from '../src/http/routes/assets.ts';
import { createLog } from '../src/log.ts';
import { createParts } from '../src/parts.ts';
import { readSettings } from '../src/settings.ts';

type Service = { fetch(url: string): Promise<Response> };
/** Settings by their names; in MODEL_CONFIG the file's text, and in PAGES what serves the built pages. */
type Bindings = Record<string, unknown> & { PAGES?: Service };
type Context = { waitUntil(work: Promise<unknown>): void };

/** What requests find out of the provider, for each other. */
const providerMemory = newProviderMemory();
const lastMigration = migrationsOf(files).at(-1)?.hash;

export default {
  async fetch(request: Request, bindings: Bindings, context: Context): Promise<Response> {
    const env = textsOf(bindings);
    const settings = readSettings(env);
    if (settings.databaseUrl === undefined) throw new Error('DATABASE_URL is not set');
    // Nothing here says where it listens.
    if (!env.AUTH) throw new Error('AUTH is not set');
    // Nor from where a request comes.
    if (settings.ways.includes('proxy')) throw new Error('AUTH=proxy does not work on workerd');
    // A request needs no more; Cloudflare allows it six connections in all.
    const database = openPostgres({ ...settings, url: settings.databaseUrl, poolMax: 2 });
    const { app, hold, release } = createParts({
      database,
      agents: createAgents(
        createAssistant(
          env.MODEL_CONFIG
            ? parseModelConfig(env.MODEL_CONFIG, 'MODEL_CONFIG', env)
            : modelFromEnvironment(env),
        ),
      ),
      log: createLog({ level: settings.logLevel, format: 'json', write: (line) => console.error(line) }),
      assets: async (path) => {
        const page = await bindings.PAGES?.fetch(`http://pages/${path}`);
        return page?.ok ? assetOf(path, { body: await page.bytes() }) : undefined;
      },
      lastMigration,
      settings,
      providerMemory,
    });
    const sent = Promise.withResolvers<void>();
    context.waitUntil(hold());
    context.waitUntil(sent.promise.then(() => release()).finally(() => database.close()));
    try {
      return told(
        await app.fetch(request, { address: addressIn(request, env.ADDRESS_HEADER), hasTexts: true }),
        sent.resolve,
      );
    } catch (error) {
      sent.resolve();
      throw error;
    }
  },
};

/** Anybody may send such a header, so none is believed that the settings do not name. */
function addressIn({ headers }: Request, name: string | undefined): string | undefined {
  return name ? (headers.get(name) ?? undefined) : undefined;
}

/** What is not set is null there. */
function textsOf(bindings: Bindings): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(bindings)) if (typeof value === 'string') texts[name] = value;
  return texts;
}

/** Calls `whenSent` when the whole answer is sent, or its reader has left. */
function told(response: Response, whenSent: () => void): Response {
  const reader = response.body?.getReader();
  if (!reader) {
    whenSent();
    return response;
  }
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await reader.read().catch((error) => {
        whenSent();
        throw error;
      });
      if (!next.done) return controller.enqueue(next.value);
      controller.close();
      whenSent();
    },
    async cancel(reason) {
      await reader.cancel(reason);
      whenSent();
    },
  });
  return new Response(body, response);
}
