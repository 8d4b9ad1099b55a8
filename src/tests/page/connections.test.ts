// The chat page when many replies stream at once: a browser has six connections to a server for all its pages, and
// what the reader does must always find one.
import { describe, expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import {
  chatPages,
  counts,
  noBrowser,
  readers,
  replies,
  say,
  sees,
  untilDone,
} from '../../testing/chat-page.ts';

const many = 8;

describe.skipIf(noBrowser)('eight replies that stream', () => {
  const pages = chatPages();

  /** Every reply begins, goes on once that is resolved, and never ends by itself. */
  function answerWithoutEnd() {
    const more = Promise.withResolvers<void>();
    pages.answer((text) => [
      { text: `begun: ${text}` },
      { wait: more.promise },
      { text: ', going on' },
      { hang: true },
    ]);
    return more;
  }

  for (const { reader, options, words } of readers) {
    const stop = async (page: Page) => {
      await page.getByRole('button', { name: words.stop, exact: true }).click();
      await sees(page, words.cancelled);
      await untilDone(page);
    };
    const open = async (page: Page, name: string) => {
      if (options.isMobile) await page.getByRole('button', { name: words.openSessions }).tap();
      await page.locator('#session-list a', { hasText: name }).click();
    };
    const topic = (of: string | number) => `${of} ${options.locale}`;

    test(`in one page: Stop, a ninth message and a new tab find a connection (${reader})`, async () => {
      const more = answerWithoutEnd();
      const page = await pages.open(options);
      for (let n = 1; n <= many; n++) {
        if (n > 1) await page.keyboard.press('Control+Shift+O');
        await page.locator('.welcome').waitFor();
        await say(page, topic(n));
        await sees(page, `begun: ${topic(n)}`);
      }
      await stop(page);
      // One that was left is where it was, and goes on.
      await open(page, topic(1));
      await sees(page, `begun: ${topic(1)}`);
      more.resolve();
      await sees(page, `begun: ${topic(1)}, going on`);
      await stop(page);
      await open(page, topic(2));
      await sees(page, `begun: ${topic(2)}, going on`);
      await counts(replies(page), 1);

      pages.answer((text) => [{ text: `re: ${text}` }]);
      await page.keyboard.press('Control+Shift+O');
      await page.locator('.welcome').waitFor();
      await say(page, topic('ninth'));
      await sees(page, `re: ${topic('ninth')}`);
      const other = await pages.open({ context: page.context() });
      await open(other, topic('ninth'));
      await sees(other, `re: ${topic('ninth')}`);
    }, 90_000);

    test(`in eight tabs: each goes on, and commands find a connection (${reader})`, async () => {
      const more = answerWithoutEnd();
      const first = await pages.open(options);
      const tabs = [first];
      while (tabs.length < many) tabs.push(await pages.open({ context: first.context() }));
      for (const [n, tab] of tabs.entries()) {
        await say(tab, topic(`tab ${n}`));
        await sees(tab, `begun: ${topic(`tab ${n}`)}`);
      }
      more.resolve();
      for (const [n, tab] of tabs.entries()) await sees(tab, `begun: ${topic(`tab ${n}`)}, going on`);
      await Promise.all(tabs.slice(0, 3).map(stop));
      await tabs[3]?.close({ runBeforeUnload: false });

      pages.answer((text) => [{ text: `re: ${text}` }]);
      await say(first, topic('ninth'));
      await sees(first, `re: ${topic('ninth')}`);
      const another = await pages.open({ context: first.context() });
      await say(another, topic('new tab'));
      await sees(another, `re: ${topic('new tab')}`);
      for (const tab of tabs.slice(4)) await stop(tab);
    }, 120_000);
  }

  test('where more pages stream than may, each keeps its stream for a while, and the one in use for good', async () => {
    answerWithoutEnd();
    const first = await pages.open();
    const tabs = [first];
    while (tabs.length < 5) tabs.push(await pages.open({ context: first.context() }));
    for (const [n, tab] of tabs.entries()) {
      await say(tab, `window ${n}`);
      await sees(tab, `begun: window ${n}`);
    }
    await tabs[1]?.click('#input');
    await first.waitForTimeout(1000);
    const opened = tabs.map(() => 0);
    for (const [n, tab] of tabs.entries())
      tab.on('request', (request) => {
        if (/\/turns\/[^/?]+$/.test(request.url())) opened[n] = (opened[n] ?? 0) + 1;
      });
    await first.waitForTimeout(6000);
    expect(opened[1]).toBe(0);
    // Two places for the other four, each kept for two seconds.
    const others = opened.reduce((sum, count) => sum + count);
    expect(others).toBeGreaterThan(1);
    expect(others).toBeLessThan(9);
  }, 60_000);

  test('a page that nobody sees leaves its stream, and goes on where it was when it is seen again', async () => {
    const [more, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    pages.answer(() => [
      { text: 'seen' },
      { wait: more.promise },
      { text: ', unseen' },
      { wait: end.promise },
      { text: ', and seen again.' },
    ]);
    const page = await pages.open();
    await say(page, 'look away');
    await sees(page, 'seen');
    const left = page.waitForEvent('requestfailed');
    await show(page, 'hidden');
    expect((await left).url()).toMatch(/\/chat$/);
    more.resolve();
    await show(page, 'visible');
    await sees(page, 'seen, unseen');
    await show(page, 'hidden');
    end.resolve();
    await show(page, 'visible');
    await sees(page, 'seen, unseen, and seen again.');
    await untilDone(page);
    await counts(replies(page), 1);
  });

  test('turns that wait behind each other in one session take one connection', async () => {
    const more = answerWithoutEnd();
    const page = await pages.open();
    await say(page, 'the first of many');
    await sees(page, 'begun: the first of many');
    const id = new URL(page.url()).hash.split('/').at(-1);
    const waiting = Array.from({ length: many }, (_, n) =>
      fetch(`${pages.url}/api/sessions/${id}/chat?stream=true`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ content: `waiting ${n}` }),
      }).then((response) => response.body?.cancel()),
    );
    await Promise.all(waiting);
    await page.reload();
    await sees(page, `waiting ${many - 1}`);
    more.resolve();
    await sees(page, 'begun: the first of many, going on');
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await page.getByText('Stopped', { exact: false }).first().waitFor();
  }, 60_000);
});

/** Playwright's pages are always seen; this one believes that it is, or is not. */
const show = (page: Page, visibility: 'visible' | 'hidden') =>
  page.evaluate((visibility) => {
    Object.defineProperty(document, 'visibilityState', { get: () => visibility, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, visibility);
