// Tools on the page: what was called, with what, and what came of it; the same while it is streamed and ever after.
import { describe, expect, test } from 'bun:test';
import { violations } from '../../testing/axe.ts';
import {
  becomes,
  chatPages,
  counts,
  desktop,
  noBrowser,
  phone,
  replies,
  say,
  sees,
  untilDone,
} from '../../testing/chat-page.ts';
import { asks, callReaders, lines, roundsIn, shape, withTools } from '../../testing/tool-pages.ts';

describe.skipIf(noBrowser)('tools on the page', () => {
  const pages = chatPages(withTools());

  for (const { reader, options, words } of callReaders)
    test(`calls are folded lines, and plain text (${reader})`, async () => {
      pages.answer(() => asks(['look', '{"at":"x"}'], ['fail', '{}']));
      const page = await pages.open(options);
      await say(page, 'hi');
      await sees(page, 'kaput');
      await untilDone(page);
      for (const again of [false, true]) {
        if (again) await page.reload();
        await becomes(() => lines(page), [`look · ${words.done}`, `fail · ${words.failed}`]);
        await page.locator('.call summary').first().press('Enter');
        await becomes(
          () => page.locator('.call').first().locator('.call-text').allTextContents(),
          ['{\n  "at": "x"\n}', '<img src="/seen"> [x](https://example.com)'],
        );
        expect(await page.locator('.call-text :is(img, a)').count()).toBe(0);
        expect(await violations(page)).toEqual([]);
      }
    }, 60_000);

  test('of a huge result the beginning is shown, and all of it to who asks', async () => {
    pages.answer(() => asks(['flood', '{}']));
    const page = await pages.open();
    await say(page, 'hi');
    await becomes(() => lines(page), ['flood · done']);
    await page.locator('.call summary').press('Enter');
    const result = page.locator('.call-text').last();
    await becomes(async () => (await result.textContent())?.length, 4000);
    await page.getByRole('button', { name: 'Show all 200,003 characters' }).press('Enter');
    await becomes(async () => (await result.textContent())?.endsWith('END'), true);
    expect(await result.evaluate((box) => box.clientHeight < 300)).toBe(true);
  }, 60_000);

  test('what cannot be loaded says so, and is tried again', async () => {
    pages.answer(() => asks(['look', '{}']));
    const page = await pages.open();
    let isAway = true;
    await page.route('**/calls-view-*.js', (route) => (isAway ? route.abort() : route.continue()));
    await say(page, 'hi');
    const alert = page.locator('.failure[role=alert]');
    await alert.getByText('could not be loaded').waitFor();
    await untilDone(page);
    isAway = false;
    await alert.getByRole('button', { name: 'Try again' }).press('Enter');
    await becomes(() => lines(page), ['look · done']);
  }, 60_000);
});

describe.skipIf(noBrowser)('a turn of many calls on the page', () => {
  const pages = chatPages(withTools(60));

  test('texts and thoughts stay beside their calls: streamed, half-way, stored, elsewhere', async () => {
    const more = Promise.withResolvers<void>();
    pages.answer(async (_, request) => {
      const done = roundsIn(request);
      if (done === 1) await more.promise;
      if (done === 0)
        return [{ thought: 'hm' }, { text: 'I **look** first.' }, ...asks(['look', '{"at":"x"}'])];
      return done === 1 ? [{ text: 'Then I fail.' }, ...asks(['fail', '{}'])] : [{ text: 'That is it.' }];
    });
    const page = await pages.open();
    await say(page, 'go');
    const first = ['Thought', 'I look first.', 'look x done'];
    await becomes(async () => (await shape(page)).slice(0, 3), first);
    await page.reload();
    await becomes(async () => (await shape(page)).slice(0, 3), first);
    more.resolve();
    await sees(page, 'That is it.');
    await untilDone(page);
    const whole = [...first, 'Then I fail.', 'fail failed', 'That is it.'];
    await becomes(() => shape(page), whole);
    await page.reload();
    await becomes(() => shape(page), whole);
    const other = await pages.open({ ...phone, path: `/${new URL(page.url()).hash}` });
    await becomes(() => shape(other), whole);
    await counts(replies(other), 1);
  }, 90_000);

  test('fifty calls are one line, which opens; only the newest stand below it while they go on', async () => {
    const more = Promise.withResolvers<void>();
    pages.answer(async (_, request) => {
      const done = roundsIn(request);
      if (done === 20) await more.promise;
      if (done === 50) return [{ text: 'All are read.' }];
      return done % 10 === 9 ? asks(['fail', '{}']) : asks(['read_file', `{"path":"file-${done}"}`]);
    });
    const page = await pages.open();
    await say(page, 'go');
    const halfway = [
      '17 calls before · 1 failed',
      'read_file file-17 done',
      'read_file file-18 done',
      'fail failed',
    ];
    await becomes(async () => (await shape(page)).slice(0, 4), halfway);
    await page.reload();
    await becomes(async () => (await shape(page)).slice(0, 4), halfway);
    more.resolve();
    await sees(page, 'All are read.');
    await untilDone(page);
    await becomes(() => shape(page), ['50 calls · 5 failed', 'All are read.']);
    // From another device, read from the history, with one page of it after the other.
    for (const options of [desktop, { ...phone, colorScheme: 'dark' as const }]) {
      const other = await pages.open({ ...options, path: `/${new URL(page.url()).hash}` });
      await becomes(() => shape(other), ['50 calls · 5 failed', 'All are read.']);
      await other.locator('.calls-fold > summary').press('Enter');
      await counts(other.locator('.calls-folded .call'), 50);
      expect(await violations(other)).toEqual([]);
      const { width } = options.viewport ?? {};
      expect(await other.evaluate(() => document.documentElement.scrollWidth)).toBe(width ?? 0);
    }
  }, 120_000);

  test('a turn that failed behind its calls still shows them, and goes on below them when it is tried again', async () => {
    let isBroken = true;
    pages.answer((_, request) => {
      if (roundsIn(request) === 0) return asks(['look', '{"at":"x"}']);
      return isBroken ? [{ status: 400, body: { error: { message: 'no' } } }] : [{ text: 'Now it is.' }];
    });
    const page = await pages.open();
    await say(page, 'go');
    await page.locator('.failure').waitFor();
    await becomes(() => lines(page), ['look · done']);
    await page.reload();
    await page.locator('.failure').waitFor();
    await becomes(() => lines(page), ['look · done']);
    isBroken = false;
    const { hash } = new URL(page.url());
    const id = hash.split('/').at(-1);
    const [turn] = await pages.call('GET', `/api/sessions/${id}/turns`);
    void pages.call('POST', `/api/sessions/${id}/turns/${turn.id}/retry`);
    await sees(page, 'Now it is.');
    await becomes(() => shape(page), ['look x done', 'Now it is.']);
    await page.reload();
    await becomes(() => shape(page), ['look x done', 'Now it is.']);
  }, 90_000);
});
