// Pages that were made for the FastAPI application, in a real browser: opened as a file, and sent by another host.
import { describe, expect, test } from 'bun:test';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sharedBrowser } from '../../testing/browser.ts';
import { noBrowser, patience } from '../../testing/chat-page.ts';
import { freePort } from '../../testing/server-process.ts';
import { modelEnv, testServers } from '../../testing/servers.ts';

if (noBrowser) console.log('Old pages are not tested: there is no Chromium on this machine.');

/** Does what such pages do: shows the history, sends a message, shows the answer or what went wrong. */
const oldPage = (server: string) => `<!doctype html><meta charset="utf-8"><ol id="log"></ol><script>
  const show = (text) => document.getElementById('log').appendChild(document.createElement('li')).textContent = text;
  async function main() {
    for (const { source, content } of await (await fetch('${server}/history')).json()) show(source + ': ' + content);
    const response = await fetch('${server}/chat', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ content: 'hello from the old page', source: 'user' }),
    });
    const body = await response.json();
    show(response.ok ? body.source + ': ' + body.content : body.detail);
  }
  main().then(() => show('done'), (error) => show('failed: ' + error.name));
</script>`;

describe.skipIf(noBrowser)('a page of the FastAPI application', () => {
  const { start, modelServer, database, tempFolder, afterThisTest } = testServers();

  async function shown(address: (server: string) => Promise<string> | string, settings = {}) {
    const server = await start({
      ...(await database()),
      ...modelEnv(modelServer(() => [{ text: 'hi there' }])),
      ...settings,
    });
    const context = await (await sharedBrowser()).newContext();
    afterThisTest(() => context.close());
    const page = await context.newPage();
    page.setDefaultTimeout(patience);
    await page.goto(await address(server.url));
    return { page, server };
  }

  async function lines(address: (server: string) => Promise<string> | string, settings = {}) {
    const { page } = await shown(address, settings);
    await page.getByText(/^done$|^failed: /).waitFor();
    return page.locator('#log li').allTextContents();
  }

  const asFile = async (server: string) => {
    const file = join(await tempFolder(), 'app_agent.html');
    await writeFile(file, oldPage(server));
    return pathToFileURL(file).href;
  };

  const fromAnotherHost = (server: string, port = 0) => {
    const host = Bun.serve({
      hostname: '127.0.0.2',
      port,
      fetch: () => new Response(oldPage(server), { headers: { 'Content-Type': 'text/html' } }),
    });
    afterThisTest(() => host.stop(true));
    return host.url.href;
  };

  const answered = ['assistant: hi there', 'done'];

  test('works from a file where the settings name null', async () => {
    expect(await lines(asFile, { CORS_ORIGINS: 'null' })).toEqual(answered);
  }, 60_000);

  test('reads nothing from a file otherwise', async () => {
    expect(await lines(asFile)).toEqual(['failed: TypeError']);
  }, 60_000);

  test('works from another host of the network where the settings name it', async () => {
    const port = await freePort();
    const named = (server: string) => fromAnotherHost(server, port);
    expect(await lines(named, { CORS_ORIGINS: `http://127.0.0.2:${port}` })).toEqual(answered);
  }, 60_000);

  test('reads nothing from another host otherwise', async () => {
    expect(await lines(fromAnotherHost)).toEqual(['failed: TypeError']);
  }, 60_000);

  test('is found at its old address', async () => {
    const { page, server } = await shown((url) => `${url}/static/example/app_agent.html`);
    await page.fill('#input', 'hello');
    await page.press('#input', 'Enter');
    await page.getByText('hi there').first().waitFor();
    expect(new URL(page.url()).origin).toBe(server.url);
  }, 60_000);
});
