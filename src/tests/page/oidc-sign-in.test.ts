// Signing in at an OpenID Connect provider in a real browser: the real server, and a provider with its own login page.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { wordsEn as signInEn } from '../../../static/sign-in/words-en.ts';
import { wordsEn } from '../../../static/usage/words-en.ts';
import { keptOrBuilt } from '../../cli/serve/page-files.ts';
import { chromiumPath, sharedBrowser } from '../../testing/browser.ts';
import { becomes } from '../../testing/chat-page.ts';
import { startIdentityProvider } from '../../testing/identity.ts';
import { type PathProxy, startPathProxy } from '../../testing/path-proxy.ts';
import { serverData } from '../../testing/server-data.ts';
import { freePort, type ServerProcess, startServer } from '../../testing/server-process.ts';

const places = ['at the root', 'below a path that the proxy takes away', 'below BASE_PATH'] as const;

for (const place of places)
  describe.skipIf(chromiumPath === undefined)(`a sign-in at the provider, ${place}`, () => {
    let provider: Awaited<ReturnType<typeof startIdentityProvider>>;
    let server: ServerProcess;
    let proxy: PathProxy | undefined;
    let browser: Browser;
    let folder: string;
    let url: string;
    const contexts: BrowserContext[] = [];

    beforeAll(async () => {
      await keptOrBuilt();
      folder = await mkdtemp(join(tmpdir(), 'agentchat-oidc-'));
      const port = String(await freePort());
      if (place !== 'at the root')
        proxy = startPathProxy(() => `http://127.0.0.1:${port}`, '/agentchat', place !== 'below BASE_PATH');
      url = proxy?.url ?? `http://127.0.0.1:${port}`;
      provider = await startIdentityProvider({
        redirectUris: [`${url}/api/sign-in/oidc/callback`],
        logoutUris: [`${url}/`],
        claims: { alice: { groups: ['boss'] }, nobody: { preferred_username: '' } },
      });
      const env = {
        PORT: port,
        ...(await serverData(folder)).env,
        AUTH: 'oidc',
        OIDC_ISSUER: provider.issuer,
        OIDC_CLIENT_ID: 'agentchat',
        OIDC_CLIENT_SECRET: 'agentchat-secret',
        // These two the provider tells at its userinfo endpoint alone.
        OIDC_OWNER_CLAIM: 'preferred_username',
        OIDC_ROLES_CLAIM: 'groups',
        OIDC_ADMIN_ROLES: 'boss',
        ...(place === 'below BASE_PATH' ? { BASE_PATH: '/agentchat' } : {}),
      };
      [server, browser] = await Promise.all([startServer({ env }), sharedBrowser()]);
    }, 90_000);

    afterAll(async () => {
      for (const context of contexts) await context.close();
      await server?.kill('SIGKILL');
      await provider?.stop();
      await proxy?.stop();
      await rm(folder, { recursive: true, force: true });
    }, 60_000);

    async function newPage(): Promise<Page> {
      const context = await browser.newContext({ locale: 'en-US' });
      contexts.push(context);
      context.setDefaultTimeout(25_000);
      const page = await context.newPage();
      page.on('request', (request) => asked.push(request.url()));
      return page;
    }

    // The page takes an error out of its address again, so it is looked up among what was asked for.
    const asked: string[] = [];
    async function untilLedBack(code: string): Promise<void> {
      const address = `${url}/?sign_in_error=${code}`;
      for (let tries = 0; tries < 250 && !asked.includes(address); tries++) await Bun.sleep(100);
      expect(asked).toContain(address);
      asked.length = 0;
    }

    const says = (page: Page, sentence: string) => page.getByRole('alert').getByText(sentence).waitFor();

    const way = (to: string) => `${url}/api/sign-in/oidc?to=${encodeURIComponent(to)}`;
    const path = () => new URL(url).pathname.replace(/\/$/, '');

    /** Signs in at the provider's own pages. */
    async function signIn(page: Page, name: string, to = `${path()}/`): Promise<void> {
      await page.goto(way(to));
      await nameOneself(page, name);
    }

    async function nameOneself(page: Page, name: string): Promise<void> {
      await page.getByPlaceholder('Enter any login').fill(name);
      await page.getByPlaceholder('and password').fill('any');
      await page.getByRole('button', { name: 'Sign-in' }).click();
      await page.getByRole('button', { name: 'Continue' }).click();
    }

    const me = (page: Page) => page.evaluate(async (at) => (await fetch(at)).json(), `${url}/api/me`);

    test('leads back to where it began, with a cookie that no script reads', async () => {
      const page = await newPage();
      await signIn(page, 'alice', `${path()}/?session=x`);
      await page.waitForURL(
        (at) => at.href.startsWith(`${url}/`) && !at.pathname.startsWith(`${path()}/api`),
      );
      expect(new URL(page.url()).pathname).toBe(`${path()}/`);
      expect(await me(page)).toMatchObject({ owner: 'alice', role: 'admin', way: 'oidc' });
      const cookies = (await page.context().cookies(url)).filter(({ name }) => name.startsWith('agentchat'));
      expect(cookies).toMatchObject([
        { name: 'agentchat', httpOnly: true, sameSite: 'Lax', path: path() || '/' },
      ]);
      expect(await page.evaluate(() => document.cookie)).not.toContain('agentchat');
      expect(server.output()).not.toContain(cookies[0]?.value ?? '');
    }, 60_000);

    test('is worth nothing in another browser, nor a second time', async () => {
      const page = await newPage();
      const answer = Promise.withResolvers<string>();
      page.on('request', (request) => {
        if (request.url().includes('/oidc/callback')) answer.resolve(request.url());
      });
      await page.goto(way('/'));
      const cookies = await page.context().cookies(`${url}/api/sign-in/oidc/callback`);
      const onTheWay = cookies.filter(({ name }) => name.startsWith('agentchat_oidc'));
      expect(onTheWay).toMatchObject([{ httpOnly: true, path: `${path()}/api/sign-in/oidc` }]);
      // Without it the browser brings the code back, and nobody uses it.
      await page.context().clearCookies({ name: /^agentchat_oidc/ });
      await nameOneself(page, 'bob');
      const back = await answer.promise;
      await untilLedBack('expired');

      const stranger = await newPage();
      await stranger.goto(back);
      await untilLedBack('expired');
      const forged = new URL(back);
      forged.searchParams.set('state', `${forged.searchParams.get('state')?.slice(0, 20)}x`);
      await stranger.goto(forged.href);
      await untilLedBack('expired');
      expect((await me(stranger)).status).toBe(401);

      await page.context().addCookies(onTheWay);
      await page.goto(back);
      expect(await me(page)).toMatchObject({ owner: 'bob', role: 'member' });
      // The way there is gone with its use; and even with it, the provider takes a code once.
      await page.goto(back);
      await untilLedBack('expired');
      await stranger.context().addCookies(onTheWay);
      await stranger.goto(back);
      await untilLedBack('provider_failed');
      expect(server.output()).toContain('invalid_grant');
      expect((await me(stranger)).status).toBe(401);
    }, 60_000);

    test('that is given up, or names nobody, leads back with a code', async () => {
      const page = await newPage();
      await page.goto(way('/'));
      await page.getByRole('link', { name: 'Cancel' }).click();
      await untilLedBack('access_denied');
      await says(page, signInEn.signInCancelled);
      await signIn(page, 'nobody');
      await untilLedBack('not_allowed');
      await says(page, signInEn.signInNotAllowed);
      expect((await me(page)).status).toBe(401);
    }, 60_000);

    test('for which the provider is not there leads back, and works once it is', async () => {
      const page = await newPage();
      await page.goto(way('/'));
      const state = asked.map((one) => new URL(one).searchParams.get('state')).find((one) => one !== null);
      await provider.away();
      const iss = encodeURIComponent(provider.issuer);
      await page.goto(`${url}/api/sign-in/oidc/callback?code=any&state=${state}&iss=${iss}`);
      await untilLedBack('provider_away');
      await says(page, signInEn.signInProviderAway);
      await provider.back();
      await page.click('#sign-in-provider');
      await nameOneself(page, 'carol');
      await page.locator('#input').waitFor();
    }, 60_000);

    test('ends at the provider too, with the page’s own sign-out, and nothing of it is left', async () => {
      const page = await newPage();
      await signIn(page, 'alice');
      await page.locator('#input').waitFor();
      const other = await page.context().newPage();
      await other.goto(`${url}/`);
      await other.locator('#input').waitFor();
      await page.fill('#input', 'half a thought');
      await page.click('#settings');
      await page.click('#sign-out');
      await page.getByRole('button', { name: wordsEn.signOutAnyway }).click();
      await page.getByRole('button', { name: 'Yes, sign me out' }).click();
      await page.locator('#sign-in-provider').waitFor();
      await becomes(() => page.url(), `${url}/`);
      await other.locator('#sign-in-provider').waitFor();
      expect((await me(page)).status).toBe(401);
      expect(await page.evaluate(() => JSON.stringify({ ...localStorage }))).not.toContain('half a thought');
      // It asks who comes, as nobody is signed in there either.
      await page.click('#sign-in-provider');
      await nameOneself(page, 'dave');
      await page.locator('#input').waitFor();
      expect(await me(page)).toMatchObject({ owner: 'dave' });
    }, 60_000);
  });
