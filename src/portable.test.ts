// The app runs outside Bun as well: bundled for another runtime, it serves there with what that runtime has.
import { expect, test } from 'bun:test';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const entry = `
import { Agent, createServer, request } from 'node:http';
import { Readable } from 'node:stream';
import { migrate } from '${join(import.meta.dir, 'db/migrations/migrate.ts')}';
import { openPglite } from '${join(import.meta.dir, 'db/open-pglite.ts')}';
import { silentLog } from '${join(import.meta.dir, 'log.ts')}';
import { createParts } from '${join(import.meta.dir, 'parts.ts')}';
import { modelFromEnvironment } from '${join(import.meta.dir, 'models/load.ts')}';

/** A server of Node's around the app, as adapters make one. */
async function served(app) {
  const server = createServer(async (incoming, outgoing) => {
    const body = incoming.method === 'GET' ? {} : { body: Readable.toWeb(incoming), duplex: 'half' };
    const { method, headers, url } = incoming;
    const answer = await app.fetch(new Request('http://localhost' + url, { method, headers, ...body }));
    outgoing.writeHead(answer.status, Object.fromEntries(answer.headers));
    outgoing.end(Buffer.from(await answer.arrayBuffer()));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** The statuses of requests with bodies of these sizes, one after the other, on one connection where that stays. */
async function statuses(app, sizes) {
  const server = await served(app);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const options = { port: server.address().port, method: 'POST', path: '/api/sessions', agent };
  const post = (size) => new Promise((resolve) => {
    const headers = { 'content-type': 'application/json', 'content-length': size };
    const sending = request({ ...options, headers }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode));
    });
    sending.on('error', (error) => resolve(error.code));
    sending.end('{}'.padEnd(size));
  });
  const all = [];
  for (const size of sizes) all.push(await post(size));
  server.closeAllConnections();
  server.close();
  return all;
}

export async function serveOnce(migrations) {
  const database = await openPglite();
  await migrate(database, migrations);
  const { appFor } = createParts({
    database, agent: modelFromEnvironment({}), log: silentLog, assets: async () => undefined, lastMigration: undefined,
    settings: { allowedHosts: [], corsOrigins: [], defaultLocale: 'en', maxBodyBytes: 1048576 },
  });
  const app = appFor({ owner: 'local' });
  const response = await app.request('/chat?stream=true', {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ content: 'hello' }),
  });
  const text = await response.text();
  const history = await (await app.request('/history')).json();
  const afterLarge = await statuses(app, [2, 70_000_000, 2, 20_000_000, 2]);
  await database.close();
  return { status: response.status, last: text.trim().split('\\n').at(-1), runtime: typeof Bun, afterLarge, messages: history.length };
}
`;

test('the bundled app answers a streamed message on Node', async () => {
  const { readMigrations } = await import('./cli/read-migrations.ts');
  const folder = await mkdtemp(join(tmpdir(), 'agentchat-portable-'));
  try {
    await writeFile(join(folder, 'entry.ts'), entry);
    await symlink(join(import.meta.dir, '..', 'node_modules'), join(folder, 'node_modules'));
    const built = await Bun.build({
      entrypoints: [join(folder, 'entry.ts')],
      target: 'node',
      format: 'esm',
      // Brings its own files along, which it finds beside itself.
      external: ['@electric-sql/pglite'],
      outdir: folder,
      naming: 'bundle.mjs',
    });
    expect(built.success).toBe(true);
    await writeFile(join(folder, 'migrations.json'), JSON.stringify(await readMigrations()));
    await writeFile(
      join(folder, 'run.mjs'),
      `import { readFileSync } from 'node:fs';
      import { serveOnce } from './bundle.mjs';
      console.log(JSON.stringify(await serveOnce(JSON.parse(readFileSync(new URL('migrations.json', import.meta.url), 'utf8')))));`,
    );
    const node = Bun.spawn(['node', join(folder, 'run.mjs')], { stdout: 'pipe', stderr: 'pipe' });
    const [out, err] = await Promise.all([
      new Response(node.stdout).text(),
      new Response(node.stderr).text(),
    ]);
    expect(err).toBe('');
    const result = JSON.parse(out);
    expect(result).toMatchObject({ status: 200, runtime: 'undefined', messages: 2 });
    // A request that follows one whose body is too large.
    expect(result.afterLarge).toEqual([201, 413, 201, 413, 201]);
    expect(result.last).toContain('"completed"');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 180_000);
