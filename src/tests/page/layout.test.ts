// How the chat page looks and what it tells readers who do not see it, in a real browser.
import { describe, expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import {
  atRest,
  becomes,
  chatPages,
  counts,
  desktop,
  drawn,
  noBrowser,
  phone,
  readers,
  say,
  sees,
  until,
  untilDone,
} from '../../testing/chat-page.ts';
import { shifts, watchShifts } from '../../testing/layout-shifts.ts';

const wide = `${'unbreakable'.repeat(60)}\n\n| ${'column | '.repeat(40)}\n| ${'--- | '.repeat(40)}\n| ${'cell | '.repeat(40)}\n\n\`\`\`\n${'code '.repeat(200)}\n\`\`\`\n`;

const fits = (page: Page) =>
  page.evaluate(() => {
    const box = document.getElementById('scroller');
    return (
      document.documentElement.scrollWidth <= innerWidth &&
      (box === null || box.scrollWidth <= box.clientWidth)
    );
  });

describe.skipIf(noBrowser)('the look of the chat page', () => {
  const pages = chatPages();

  for (const [size, viewport] of [
    ['phone', phone],
    ['desktop', desktop],
    ['wide screen', { viewport: { width: 2560, height: 1200 } }],
  ] as const) {
    for (const locale of ['zh-CN', 'en-US']) {
      test(`nothing is wider than its place, and a line is not too long (${size}, ${locale})`, async () => {
        pages.answer(() => [{ thought: 'x'.repeat(3000) }, { text: wide }, { text: 'The end.' }]);
        const page = await pages.open({ ...viewport, locale });
        expect(await fits(page)).toBe(true);
        await say(page, 'y'.repeat(2000));
        await sees(page, 'The end.');
        await untilDone(page);
        expect(await fits(page)).toBe(true);
        const width = (await page.locator('.message.assistant .rich').boundingBox())?.width ?? 0;
        expect(width).toBeLessThanOrEqual(46 * 16 + 1);
        // What is below the end of the text does not cover it.
        await until(async () => {
          const end = await page.getByText('The end.').boundingBox();
          const box = await page.locator('#composer').boundingBox();
          return end !== null && box !== null && end.y + end.height <= box.y;
        }, 'the end above the box');
        await page.locator('.thought summary').click();
        await page.locator('.thought[open]').waitFor();
        await drawn(page);
        expect(await fits(page)).toBe(true);
      });
    }
  }

  test('a thought is Markdown, and opening it keeps its head where it is', async () => {
    const thought = Array.from({ length: 60 }, (_, n) => `- step **${n}**\n`).join('');
    pages.answer(() => [{ thought }, { text: 'The answer.\n\n'.repeat(30) }]);
    const page = await pages.open();
    await say(page, 'think');
    await sees(page, 'The answer.');
    await untilDone(page);
    pages.answer(() => [{ thought }, { text: 'Short.' }]);
    await say(page, 'think again');
    await sees(page, 'Short.');
    await untilDone(page);
    await atRest(page);
    const head = page.locator('.thought summary').last();
    const top = async () => Math.round((await head.boundingBox())?.y ?? 0);
    const before = await top();
    await head.click();
    await page.locator('.thought[open] strong').last().waitFor();
    await atRest(page);
    expect(await top()).toBe(before);
    await counts(page.locator('.thought[open] li'), 60);
    await head.click();
    await atRest(page);
    await counts(page.locator('.thought[open]'), 0);
  });

  test('what can be done with a reply comes below it once all of it is drawn', async () => {
    pages.answer(() => [{ text: `${'A **paragraph** of `some` words.\n\n'.repeat(4000)}The very end.` }]);
    const page = await pages.open();
    await say(page, 'at length');
    const ends = page.evaluate(
      () =>
        new Promise<boolean>((done) => {
          new MutationObserver((_, observer) => {
            const reply = document.querySelector('.message.assistant');
            if (!reply?.querySelector('.message-actions')) return;
            observer.disconnect();
            done(reply.querySelector('.rich')?.textContent?.includes('The very end.') ?? false);
          }).observe(document.body, { childList: true, subtree: true });
        }),
    );
    expect(await ends).toBe(true);
  });

  for (const { reader, options } of readers) {
    test(`nothing that is there already moves while a reply is written (${reader})`, async () => {
      const parts = [
        'Some **words**',
        ' and $e^x$.\n\n| a | b |\n',
        '| --- | --- |\n| 1 | 2 |\n\n- an item\n',
      ];
      const paragraphs = Array.from(
        { length: 20 },
        (_, n) => `\n## Part ${n}\n\n${'Words and words. '.repeat(20)}\n`,
      );
      const written = [...parts, ...paragraphs].flatMap((text) => [{ text }, { wait: 60 }]);
      pages.answer(() => [
        { thought: 'well, ' },
        { wait: 600 },
        { thought: 'well' },
        { wait: 60 },
        ...written,
      ]);
      const page = await pages.open(options);
      for (const text of ['the first', 'the second']) {
        await watchShifts(page);
        await say(page, text);
        await page.locator('.message.assistant[aria-busy="true"]').waitFor();
        await untilDone(page);
        await page.locator('.message-actions.last').waitFor();
        await drawn(page);
        expect(await shifts(page)).toBeLessThan(0.02);
      }
    }, 60_000);
  }

  test('what was told of one session is not told in the next', async () => {
    const page = await pages.open();
    await say(page, 'read this out');
    await page.locator('#status').getByText('re: read this out').waitFor({ state: 'attached' });
    await page.click('#new-session');
    await becomes(() => page.locator('#status').textContent(), '');
  });

  test('language and appearance are by the system until they are chosen, and then kept', async () => {
    const page = await pages.open({ locale: 'fr-FR', colorScheme: 'dark' });
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await background();
    await becomes(() => page.getAttribute('html', 'lang'), 'en');
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('radio', { name: 'Light' }).check();
    await until(async () => (await background()) !== dark, 'another background');
    const light = await background();
    await page.getByRole('radio', { name: '中文 (Chinese)', exact: true }).check();
    await page.getByText('你好，想聊点什么？').waitFor();
    await page.reload();
    await page.getByText('你好，想聊点什么？').waitFor();
    await becomes(() => page.getAttribute('html', 'lang'), 'zh-CN');
    await becomes(background, light);
    await page.getByRole('button', { name: '设置' }).click();
    await page.getByRole('radio', { name: '跟随系统' }).check();
    await becomes(background, dark);
  });

  test('a finished reply is announced once, not letter by letter', async () => {
    pages.answer(() => [{ text: 'all ' }, { wait: 300 }, { text: 'of ' }, { wait: 300 }, { text: 'it' }]);
    const page = await pages.open();
    await page.locator('#status').waitFor({ state: 'attached' });
    await page.evaluate(() => {
      const said: string[] = [];
      Object.assign(globalThis, { said });
      const status = document.getElementById('status');
      if (status)
        new MutationObserver(() => said.push(status.textContent ?? '')).observe(status, {
          childList: true,
          characterData: true,
          subtree: true,
        });
    });
    await say(page, 'announce');
    await sees(page, 'all of it');
    await untilDone(page);
    await page
      .locator('#status')
      .getByText('The reply is complete. all of it')
      .waitFor({ state: 'attached' });
    expect(await page.evaluate(() => Reflect.get(globalThis, 'said'))).toEqual([
      'The assistant is replying.',
      'The reply is complete. all of it',
    ]);
    expect(await page.locator('[aria-live="polite"] .message, [role="status"] .message').count()).toBe(0);
  });

  test('a short reply has its place from the moment it is asked for: nothing moves until it is there', async () => {
    const page = await pages.open();
    await say(page, 'first');
    await sees(page, 're: first');
    await untilDone(page);
    await page.evaluate(() => {
      const heights: number[] = [];
      Object.assign(globalThis, { heights });
      const look = () => {
        const height = document.getElementById('stage')?.scrollHeight ?? 0;
        if (height !== heights.at(-1)) heights.push(height);
        requestAnimationFrame(look);
      };
      look();
    });
    const [begin, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    pages.answer(() => [{ wait: begin.promise }, { text: 'one ' }, { wait: end.promise }, { text: 'line' }]);
    await say(page, 'second');
    await sees(page, 'Waiting for the reply…');
    begin.resolve();
    await sees(page, /one/);
    end.resolve();
    await sees(page, 'one line');
    await untilDone(page);
    await drawn(page);
    // As it was, and with the two new messages.
    expect(await page.evaluate(() => Reflect.get(globalThis, 'heights'))).toHaveLength(2);
  });

  test('text that runs from right to left does', async () => {
    pages.answer(() => [{ text: 'مرحبا بالعالم' }]);
    const page = await pages.open();
    await say(page, 'שלום עולם');
    await sees(page, 'مرحبا بالعالم');
    const direction = (text: string) =>
      page
        .locator('#stage')
        .getByText(text)
        .first()
        .evaluate((element) => getComputedStyle(element).direction);
    await becomes(() => direction('שלום עולם'), 'rtl');
    await becomes(() => direction('مرحبا بالعالم'), 'rtl');
  });

  test('who asked for less motion gets none', async () => {
    pages.answer(() => [{ text: 'still' }, { hang: true }]);
    const page = await pages.open({ reducedMotion: 'reduce' });
    await say(page, 'do not move');
    await sees(page, 'still');
    const moving = await page.evaluate(
      () =>
        document.getAnimations().filter((one) => Number(one.effect?.getComputedTiming().duration) > 1).length,
    );
    expect(moving).toBe(0);
  });

  test('the reader who scrolled up stays there, and is taken to the end when asked', async () => {
    const lines = Array.from({ length: 80 }, (_, n) => ({ text: `line ${n}\n\n` }));
    const last = Promise.withResolvers<void>();
    pages.answer(() => [...lines, { wait: last.promise }, { text: 'last words' }]);
    const page = await pages.open();
    await say(page, 'at length');
    await sees(page, 'line 79');
    await page.locator('#scroller').hover();
    await page.mouse.wheel(0, -600);
    await page.getByRole('button', { name: 'Latest' }).waitFor();
    const before = await atRest(page);
    last.resolve();
    await sees(page, 'last words');
    await untilDone(page);
    expect(Math.abs((await atRest(page)) - before)).toBeLessThan(3);
    await page.getByRole('button', { name: 'Latest' }).click();
    await page.getByRole('button', { name: 'Latest' }).waitFor({ state: 'detached' });
    await until(async () => {
      const words = await page.locator('#stage').getByText('last words').boundingBox();
      const box = await page.locator('#composer').boundingBox();
      return words !== null && box !== null && words.y > 0 && words.y + words.height <= box.y;
    }, 'the last words in view');
    // On paper it takes as many pages as it needs.
    await page.emulateMedia({ media: 'print' });
    await until(
      () => page.evaluate(() => document.documentElement.scrollHeight > 2 * innerHeight),
      'all of it on paper',
    );
  });
});
