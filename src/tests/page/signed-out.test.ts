// A sign-in that ends while the page is open: nothing is lost, and nothing of one owner is another's.
import { describe, expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import {
  becomes,
  boxHolds,
  counts,
  drawn,
  noBrowser,
  questions,
  readers,
  replies,
  say,
  sees,
  signIn,
  untilDone,
} from '../../testing/chat-page.ts';
import { by, keyedPages } from '../../testing/keyed-pages.ts';
import type { MadeKey } from '../../testing/seeded-keys.ts';

describe.skipIf(noBrowser)('a sign-in that has ended', () => {
  const { pages, keys } = keyedPages({
    alice: { owner: 'alice' },
    bob: { owner: 'bob' },
    admin: { owner: 'admin', role: 'admin' },
  });

  for (const { reader, options, words } of readers)
    test(`the draft, the place, the open session and the message on its way are kept, and all goes on (${reader})`, async () => {
      pages.answer((text) => [{ text: `re: ${text}\n\n${'a line\n\n'.repeat(60)}` }]);
      const page = await pages.open(options);
      await signIn(page, keys.alice.key);
      await say(page, 'the first');
      await sees(page, 're: the first');
      await untilDone(page);
      const address = page.url();
      await page.locator('#scroller').evaluate((box) => {
        box.scrollTop = 200;
      });
      await page.fill('#input', 'a draft');
      await page.context().clearCookies();
      // It is noticed by whatever is asked next: here, by the message.
      await page.press('#input', 'Enter');
      const form = page.getByRole('dialog', { name: words.signInTitle });
      await form.waitFor();
      await counts(form.getByText(words.signInAgainText.replace('{owner}', 'alice')), 1);
      // Escape does not take it away, however often.
      for (let n = 0; n < 3; n++) await page.keyboard.press('Escape');
      await form.waitFor();
      await page.fill('#key', 'ack_wrong');
      await page.press('#key', 'Enter');
      await page.getByText(words.wrongKey).waitFor();
      await page.fill('#key', keys.alice.key);
      await page.press('#key', 'Enter');
      await form.waitFor({ state: 'detached' });
      await sees(page, 're: a draft');
      await untilDone(page);
      await becomes(() => page.url(), address);
      await counts(questions(page), 2);
      await counts(replies(page), 2);
      // A file that is on its way then, too.
      await page.context().clearCookies();
      await page.setInputFiles('#files', { name: 'a.txt', mimeType: '', buffer: Buffer.from('a heron') });
      await form.waitFor();
      await signIn(page, keys.alice.key, '.tray-file');
      await say(page, 'with a file');
      await counts(questions(page).locator('.file-chip'), 1);
      await sees(page, 're: with a file');
      const [, id] = address.split('#/sessions/');
      const turns = await pages.call('GET', `/api/sessions/${id}/turns`, undefined, by(keys.alice));
      expect(turns).toHaveLength(3);
    }, 60_000);

  test('what was only being read stays where it was', async () => {
    pages.answer(() => [{ text: 'a line\n\n'.repeat(200) }]);
    const page = await pages.open();
    await signIn(page, keys.alice.key);
    await say(page, 'at length');
    await sees(page, 'a line');
    await untilDone(page);
    await page.fill('#input', 'not sent yet');
    const box = page.locator('#scroller');
    await box.evaluate((scroller) => {
      scroller.scrollTop = 700;
    });
    await drawn(page);
    const before = await box.evaluate(({ scrollTop }) => scrollTop);
    await page.context().clearCookies();
    await lookAgain(page);
    await signIn(page, keys.alice.key);
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await becomes(() => box.evaluate(({ scrollTop }) => scrollTop), before);
    await boxHolds(page, 'not sent yet');
  }, 60_000);

  test('a key that is revoked ends the sign-in that it began, within seconds', async () => {
    const headers = by(keys.admin);
    const { key, id } = await pages.call('POST', '/api/admin/keys', { owner: 'carol' }, headers);
    const page = await pages.open();
    await signIn(page, key);
    await pages.call('DELETE', `/api/admin/keys/${id}`, undefined, headers);
    await page.getByRole('dialog', { name: 'Sign in to AgentChat' }).waitFor();
  }, 60_000);

  test('another owner sees and sends nothing of the first, in any tab, and the first finds it again', async () => {
    const page = await pages.open();
    await signIn(page, keys.alice.key);
    await say(page, 'alice was here');
    await sees(page, 're: alice was here');
    await untilDone(page);
    const open = page.url();
    const id = open.split('#/sessions/')[1];
    const other = await pages.open({ context: page.context() });
    await other.getByRole('link', { name: 'alice was here' }).waitFor();
    await other.fill('#input', 'a draft of alice');
    await page.context().clearCookies();
    await page.fill('#input', 'a message of alice');
    await page.press('#input', 'Enter');
    await page.getByRole('dialog').waitFor();

    await page.fill('#key', keys.bob.key);
    await page.press('#key', 'Enter');
    for (const one of [page, other]) {
      await one.locator('.welcome').waitFor();
      await counts(one.getByText(/alice/), 0);
      await boxHolds(one, '');
      await becomes(() => new URL(one.url()).hash, '');
    }
    await say(page, 'bob was here');
    await sees(page, 're: bob was here');
    await untilDone(page);
    const seenBy = async (one: MadeKey) =>
      await pages.call('GET', `/api/sessions/${id}/turns`, undefined, by(one));
    expect((await seenBy(keys.bob)).status).toBe(404);
    expect(await seenBy(keys.alice)).toHaveLength(1);

    await page.context().clearCookies();
    await lookAgain(page);
    await page.fill('#key', keys.alice.key);
    await page.press('#key', 'Enter');
    await page.getByRole('link', { name: 'alice was here' }).waitFor();
    await counts(page.getByText(/bob/), 0);
    await boxHolds(page, 'a draft of alice');
    await page.getByRole('link', { name: 'alice was here' }).click();
    await sees(page, 're: a message of alice');
    await untilDone(page);
    expect(await seenBy(keys.alice)).toHaveLength(2);
  }, 90_000);

  test('a page whose browser has another’s cookie by now neither shows nor sends anything with it', async () => {
    const page = await pages.open();
    await signIn(page, keys.alice.key);
    await say(page, 'mine alone');
    await sees(page, 're: mine alone');
    await untilDone(page);
    // As if it had been done where no tab of ours hears of it.
    const stranger = await pages.open();
    await signIn(stranger, keys.bob.key);
    const [cookie] = await stranger.context().cookies();
    if (cookie) await page.context().addCookies([cookie]);
    const sent: string[] = [];
    page.on('response', (response) => {
      const { pathname } = new URL(response.url());
      if (pathname.startsWith('/api/sessions'))
        sent.push(`${response.request().method()} ${response.status()}`);
    });
    await page.goto(`${page.url().split('#')[0]}#/`);
    await page.fill('#input', 'for alice only');
    await page.press('#input', 'Enter');
    await becomes(
      () => page.evaluate(() => document.querySelector('.welcome') !== null && location.hash === ''),
      true,
    );
    await page.locator('#session-list').waitFor({ state: 'attached' });
    const before = sent.slice(0, sent.lastIndexOf('POST 401') + 1);
    expect(before.at(-1)).toBe('POST 401');
    expect(before.filter((one) => one.endsWith(' 200') || one.endsWith(' 201'))).toEqual([]);
    await counts(page.getByText(/mine alone|for alice only/), 0);
  }, 60_000);
});

/** The reader comes back to the page, and it looks what is new. */
async function lookAgain(page: Page): Promise<void> {
  await page.evaluate(() => dispatchEvent(new Event('focus')));
  await page.locator('#key').waitFor();
}
