// The chat page when something comes between it and the server: reloads, a dead server, no network, other tabs.
import { describe, expect, test } from 'bun:test';
import {
  chatPages,
  desktop,
  noBrowser,
  phone,
  questions,
  replies,
  say,
  sees,
  thread,
  until,
  untilDone,
} from './testing/chat-page.ts';

describe.skipIf(noBrowser)('the chat page', () => {
  const pages = chatPages();

  for (const [size, options] of [
    ['phone', { ...phone, locale: 'zh-CN' }],
    ['desktop', { ...desktop, locale: 'en-US' }],
  ] as const) {
    test(`reloaded in the middle of an answer it goes on where it was, without doubling a character (${size})`, async () => {
      const pieces = Array.from({ length: 40 }, (_, n) => ({ text: `${n} ` }));
      pages.answer(async () => [
        ...pieces,
        { wait: 3000 },
        { text: 'and ' },
        { wait: 1500 },
        { text: 'the end.' },
      ]);
      const page = await pages.open(options);
      await say(page, 'count');
      await sees(page, / 39/);
      await page.reload();
      await sees(page, / 39/);
      await sees(page, /the end\./);
      await untilDone(page);
      const expected = `${pieces.map(({ text }) => text).join('')}and the end.`;
      expect((await replies(page).allInnerTexts()).map((text) => text.replace(/\s+/g, ' '))).toEqual([
        expect.stringContaining(expected),
      ]);
      expect(await questions(page).count()).toBe(1);
    });
  }

  test('a server killed in the middle of an answer: a banner says so, and the answer comes from the next one', async () => {
    pages.answer(() => [{ text: 'half an answer' }, { hang: true }]);
    const page = await pages.open();
    await say(page, 'hold on');
    await sees(page, 'half an answer');
    await pages.kill();
    await page.locator('.banner.away').waitFor();
    pages.answer((text) => [{ text: `back: ${text}` }]);
    await pages.start();
    await sees(page, 'back: hold on');
    await page.locator('.banner.away').waitFor({ state: 'detached' });
    expect(await thread(page).getByText('half an answer').count()).toBe(0);
    await untilDone(page);
    await say(page, 'still there?');
    await sees(page, 'back: still there?');
    expect(await questions(page).count()).toBe(2);
  }, 90_000);

  test('what is sent while the server is away goes out once it is back, and only once', async () => {
    const page = await pages.open();
    await say(page, 'before');
    await sees(page, 're: before');
    await untilDone(page);
    await pages.kill();
    await say(page, 'while you were away');
    await sees(page, /Not sent yet/);
    // Neither a reload in the middle nor the way there loses it; without a server there is no page to reload.
    await pages.start();
    await sees(page, 're: while you were away');
    await untilDone(page);
    await page.reload();
    await sees(page, 're: while you were away');
    expect(await questions(page).count()).toBe(2);
    expect(await replies(page).count()).toBe(2);
  }, 90_000);

  test('a network that is cut in the middle of an answer', async () => {
    pages.answer(() => [
      { text: 'one ' },
      { wait: 4000 },
      { text: 'two ' },
      { wait: 4000 },
      { text: 'three' },
    ]);
    const page = await pages.open();
    await say(page, 'count for me');
    await sees(page, /one/);
    await page.context().setOffline(true);
    await page.locator('.banner.away').waitFor();
    await page.context().setOffline(false);
    await page.locator('.banner.back').waitFor();
    await sees(page, 'one two three');
    await untilDone(page);
    expect(await replies(page).count()).toBe(1);
  }, 90_000);

  test('two tabs on one session show the same, piece by piece', async () => {
    const page = await pages.open();
    await say(page, 'first');
    await sees(page, 're: first');
    await untilDone(page);
    const other = await pages.open({
      context: page.context(),
      path: new URL(page.url()).hash.replace('#', '/#'),
    });
    await sees(other, 're: first');
    pages.answer((text) => [{ text: 'half' }, { wait: 3000 }, { text: ` of ${text}` }]);
    await say(page, 'second');
    await sees(other, 'half');
    await sees(other, 'half of second');
    await sees(page, 'half of second');
    await Promise.all([untilDone(page), untilDone(other)]);
    pages.answer((text) => [{ text: `back to ${text}` }]);
    await say(other, 'third');
    await sees(page, 'back to third');
    for (const tab of [page, other]) {
      await until(async () => (await questions(tab).count()) === 3);
      await until(async () => (await replies(tab).count()) === 3);
    }
  }, 60_000);

  test('what another device says and does shows by itself', async () => {
    const page = await pages.open();
    await say(page, 'mine');
    await sees(page, 're: mine');
    await untilDone(page);
    const id = decodeURIComponent(new URL(page.url()).hash.split('/').at(-1) ?? '');
    await pages.call('POST', `/api/sessions/${id}/chat`, { content: 'from elsewhere' });
    await sees(page, 're: from elsewhere');
    await pages.call('PATCH', `/api/sessions/${id}`, { name: 'Named elsewhere' });
    await page.locator('#session-list').getByText('Named elsewhere').waitFor();
    expect(await questions(page).count()).toBe(2);
  }, 60_000);
});
