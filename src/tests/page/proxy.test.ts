// The chat page behind a proxy: a login that has ended, and a server that is away.
import { describe, expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import {
  chatPages,
  counts,
  noBrowser,
  questions,
  readers,
  replies,
  say,
  sees,
  untilDone,
} from '../../testing/chat-page.ts';

const loginPage = '<!doctype html><title>Login</title><form><button>Log in</button></form>';
const html = { 'content-type': 'text/html; charset=utf-8' };

/** What proxies answer to who is not signed in. */
const logins: [kind: string, answer: () => Response][] = [
  ['a login page', () => new Response(loginPage, { headers: html })],
  ['a redirect to another site', () => Response.redirect('https://login.example/?next=/', 302)],
  ['401', () => Response.json({ error: 'unauthorized' }, { status: 401 })],
  ['403 with a page', () => new Response(loginPage, { status: 403, headers: html })],
];

describe.skipIf(noBrowser)('a login that has ended', () => {
  const pages = chatPages({ below: 'stripped' });

  const cases = readers.flatMap((reader, n) =>
    logins.filter((_, k) => k % readers.length === n).map(([kind, answer]) => ({ ...reader, kind, answer })),
  );
  for (const { reader, options, words, kind, answer } of cases) {
    test(`${kind}: the page asks to sign in again, and goes on then (${reader})`, async () => {
      const tries: number[] = [];
      const page = await pages.open(options);
      await say(page, 'before');
      await sees(page, 're: before');
      await untilDone(page);
      // What only tells that the server is well needs no login.
      pages.instead((request) => {
        if (request.url.endsWith('/readyz')) return undefined;
        if (request.url.endsWith('/chat')) tries.push(performance.now());
        return answer();
      });
      await say(page, 'while signed out');
      const link = page.getByRole('link', { name: words.signIn });
      await link.waitFor();
      await sees(page, words.troubleSignedOut);
      await counts(page.getByText(words.away), 0);
      const id = new URL(page.url()).hash.split('/').at(-1);
      expect(await link.evaluate((a: HTMLAnchorElement) => a.href)).toBe(`${pages.url}/?session=${id}`);
      await page.waitForTimeout(3500);
      // Ever more seldom, and never more than once a second.
      const gaps = tries.slice(1).map((at, n) => at - (tries[n] ?? at));
      expect(gaps.filter((gap) => gap < 950)).toEqual([]);

      pages.instead(() => undefined);
      await sees(page, 're: while signed out');
      await link.waitFor({ state: 'detached' });
      await untilDone(page);
      await counts(questions(page), 2);
    }, 60_000);
  }

  test('a reply that streams goes on after the login, and the link leads back to it', async () => {
    const [more, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    pages.answer(() => [
      { text: 'half' },
      { wait: more.promise },
      { text: ' and more' },
      { wait: end.promise },
      { text: ', to the end' },
    ]);
    const page = await pages.open();
    await say(page, 'tell me');
    await sees(page, 'half');
    let isIn = false;
    pages.instead((request) => {
      if (isIn) return undefined;
      if (new URL(request.url).searchParams.has('session')) {
        isIn = true;
        return Response.redirect(request.url);
      }
      return new Response(loginPage, { headers: html });
    });
    await hide(page);
    await page.getByRole('link', { name: 'Sign in again' }).waitFor();
    more.resolve();
    await page.getByRole('link', { name: 'Sign in again' }).click();
    await sees(page, 'half and more');
    end.resolve();
    await sees(page, 'half and more, to the end');
    await counts(replies(page), 1);
  }, 60_000);
});

describe.skipIf(noBrowser)('a server that was away', () => {
  const pages = chatPages({ below: 'stripped' });

  for (const { reader, options, words } of readers) {
    test(`that it is back and that the connection is lost is never said together (${reader})`, async () => {
      const [back, end] = [Promise.withResolvers<undefined>(), Promise.withResolvers<void>()];
      pages.answer(() => [{ text: 'half' }, { wait: end.promise }, { text: ', to the end' }]);
      const page = await pages.open(options);
      await say(page, 'tell me');
      await sees(page, 'half');
      pages.instead(() => new Response(null, { status: 502 }));
      await hide(page);
      await sees(page, words.troubleLost);
      await page.getByText(words.away).waitFor();
      // It is back, and takes its time with the reply.
      pages.instead((request) => (request.url.includes('/turns/') ? back.promise : undefined));
      await page.getByText(words.back).waitFor();
      await counts(page.getByText(words.troubleLost), 0);
      back.resolve(undefined);
      end.resolve();
      await sees(page, 'half, to the end');
    }, 60_000);
  }
});

/** The page is left for a moment, and its stream with it. */
async function hide(page: Page): Promise<void> {
  for (const visibility of ['hidden', 'visible'])
    await page.evaluate((visibility) => {
      Object.defineProperty(document, 'visibilityState', { get: () => visibility, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }, visibility);
}
