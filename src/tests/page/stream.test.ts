// The chat page when something comes between it and the server: reloads, a dead server, no network, other tabs.
import { describe, expect, test } from 'bun:test';
import {
  becomes,
  chatPages,
  counts,
  noBrowser,
  questions,
  readers,
  replies,
  say,
  sees,
  thread,
  untilDone,
} from '../../testing/chat-page.ts';

describe.skipIf(noBrowser)('the chat page', () => {
  const pages = chatPages();

  for (const { reader, options, words } of readers) {
    test(`reloaded in the middle of an answer it goes on where it was, without doubling a character (${reader})`, async () => {
      const pieces = Array.from({ length: 40 }, (_, n) => ({ text: `${n} ` }));
      const [more, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      pages.answer(() => [
        ...pieces,
        { wait: more.promise },
        { text: 'and ' },
        { wait: end.promise },
        { text: 'the end.' },
      ]);
      const page = await pages.open(options);
      await say(page, 'count');
      await sees(page, / 39/);
      await page.reload();
      await sees(page, / 39/);
      more.resolve();
      await sees(page, / and/);
      end.resolve();
      await sees(page, /the end\./);
      await untilDone(page);
      const expected = `${pieces.map(({ text }) => text).join('')}and the end.`;
      const told = async () =>
        (await replies(page).locator('.rich').allInnerTexts()).map((text) => text.trim());
      await becomes(told, [expected]);
      await counts(questions(page), 1);
    });

    test(`a long thought is drawn in short parts, letter for letter (${reader})`, async () => {
      const thought = 'one\n\n 二 '.repeat(5000) + '🐤'.repeat(30_000);
      pages.answer(() => [
        ...(thought.match(/[\s\S]{1,1000}/gu) ?? []).map((it) => ({ thought: it })),
        { text: 'so' },
      ]);
      const page = await pages.open(options);
      await say(page, 'think');
      await untilDone(page);
      const letters = (text: string) => text.replace(/\s/g, '');
      const parts = page.locator('.thought-text .rt-part');
      const told = async () => letters((await parts.allTextContents()).join(''));
      await becomes(async () => (await told()) === letters(thought), true);
      const lengths = (await parts.allTextContents()).map((text) => text.length);
      expect(Math.max(...lengths)).toBeLessThanOrEqual(20_000);
    });

    test(`a server killed in the middle of an answer: a banner says so, and the answer comes from the next one (${reader})`, async () => {
      pages.answer(() => [{ text: 'half an answer' }, { hang: true }]);
      const page = await pages.open(options);
      await say(page, 'hold on');
      await sees(page, 'half an answer');
      await pages.kill();
      await page.locator('.banner.away').waitFor();
      pages.answer((text) => [{ text: `back: ${text}` }]);
      await pages.start();
      await sees(page, 'back: hold on');
      await page.locator('.banner.away').waitFor({ state: 'detached' });
      await counts(thread(page).getByText('half an answer'), 0);
      await untilDone(page);
      await say(page, 'still there?');
      await sees(page, 'back: still there?');
      await counts(questions(page), 2);
    }, 90_000);

    test(`what is sent while the server is away goes out once it is back, and only once (${reader})`, async () => {
      const page = await pages.open(options);
      await say(page, 'before');
      await sees(page, 're: before');
      await untilDone(page);
      await pages.kill();
      await say(page, 'while you were away');
      await sees(page, words.troubleUnsent);
      // Neither a reload in the middle nor the way there loses it; without a server there is no page to reload.
      await pages.start();
      await sees(page, 're: while you were away');
      await untilDone(page);
      await page.reload();
      await sees(page, 're: while you were away');
      await counts(questions(page), 2);
      await counts(replies(page), 2);
    }, 90_000);

    test(`a network that is cut in the middle of an answer (${reader})`, async () => {
      const [cut, mended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      pages.answer(() => [
        { text: 'one ' },
        { wait: cut.promise },
        { text: 'two ' },
        { wait: mended.promise },
        { text: 'three' },
      ]);
      const page = await pages.open(options);
      await say(page, 'count for me');
      await sees(page, /one/);
      await page.context().setOffline(true);
      await page.locator('.banner.away').waitFor();
      cut.resolve();
      await page.context().setOffline(false);
      await page.locator('.banner.back').waitFor();
      await sees(page, 'one two');
      mended.resolve();
      await sees(page, 'one two three');
      await untilDone(page);
      await counts(replies(page), 1);
    }, 90_000);

    test(`two tabs on one session show the same, piece by piece (${reader})`, async () => {
      const page = await pages.open(options);
      await say(page, 'first');
      await sees(page, 're: first');
      await untilDone(page);
      const other = await pages.open({
        context: page.context(),
        path: new URL(page.url()).hash.replace('#', '/#'),
      });
      await sees(other, 're: first');
      const rest = Promise.withResolvers<void>();
      pages.answer((text) => [{ text: 'half' }, { wait: rest.promise }, { text: ` of ${text}` }]);
      await say(page, 'second');
      await sees(other, 'half');
      rest.resolve();
      await sees(other, 'half of second');
      await sees(page, 'half of second');
      await Promise.all([untilDone(page), untilDone(other)]);
      pages.answer((text) => [{ text: `back to ${text}` }]);
      await say(other, 'third');
      await sees(page, 'back to third');
      for (const tab of [page, other]) {
        await counts(questions(tab), 3);
        await counts(replies(tab), 3);
      }
    }, 60_000);

    test(`what another device says and does shows by itself (${reader})`, async () => {
      const page = await pages.open(options);
      await say(page, 'mine');
      await sees(page, 're: mine');
      await untilDone(page);
      const id = decodeURIComponent(new URL(page.url()).hash.split('/').at(-1) ?? '');
      await pages.call('POST', `/api/sessions/${id}/chat`, { content: 'from elsewhere' });
      await sees(page, 're: from elsewhere');
      await pages.call('PATCH', `/api/sessions/${id}`, { name: 'Named elsewhere' });
      await page.locator('#session-list').getByText('Named elsewhere').waitFor({ state: 'attached' });
      await counts(questions(page), 2);
    }, 60_000);
  }
});
