// The admin page's list of who is signed in: which one is one's own, and ending the others, one by one or an owner's all.
import { describe, expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { wordsEn } from '../../../static/admin/words-en.ts';
import { wordsZhCn } from '../../../static/admin/words-zh-cn.ts';
import { becomes, counts, hasFocus, noBrowser, readers, signIn } from '../../testing/chat-page.ts';
import { keyedPages } from '../../testing/keyed-pages.ts';

describe.skipIf(noBrowser)('the sign-ins on the admin page', () => {
  const { pages, keys } = keyedPages({
    boss: { owner: 'boss', role: 'admin' },
    alice: { owner: 'alice', role: 'viewer', name: 'phone' },
    crowd: { owner: 'crowd' },
  });
  const rows = (page: Page, owner: string) => page.locator('tbody tr').filter({ hasText: owner });

  /** Signs in as another browser would: gives what asks with the cookie. */
  async function elsewhere({ key }: { key: string }) {
    const answer = await fetch(`${pages.url}/api/sign-in`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ key }),
    });
    const cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    return async () => (await fetch(`${pages.url}/api/me`, { headers: { cookie } })).status;
  }

  for (const { reader, options, words: said } of readers) {
    const words = said.you === 'You' ? wordsEn : wordsZhCn;
    test(`are listed with this one marked, and end one by one, or all of an owner (${reader})`, async () => {
      const [first, second, third] = [
        await elsewhere(keys.alice),
        await elsewhere(keys.alice),
        await elsewhere(keys.alice),
      ];
      const page = await pages.open({ ...options, path: '/admin#/sign-ins' });
      await signIn(page, keys.boss.key, 'table');
      await counts(rows(page, 'alice'), 3);
      const newest = rows(page, 'alice').first();
      for (const shown of [words.byKey, keys.alice.key.slice(0, 8), 'phone', words.viewer])
        await newest.getByText(shown).waitFor();
      // The one of this page; an earlier run of this test may have left another of the same owner.
      const mine = rows(page, 'boss').filter({ hasText: words.thisSignIn });
      await counts(mine, 1);
      await counts(mine.getByRole('button'), 0);

      await newest.getByRole('button').click();
      const dialog = page.getByRole('dialog', { name: words.endTitle });
      await dialog.getByRole('button', { name: words.cancel }).click();
      await newest.getByRole('button').press('Enter');
      await dialog.getByRole('button', { name: words.end }).click();
      await page.getByText(words.endedTold).waitFor();
      await counts(rows(page, 'alice'), 2);
      await hasFocus(page.locator('#view-title'));
      await becomes(third, 401);
      expect([await first(), await second()]).toEqual([200, 200]);

      await page.getByPlaceholder(words.filterOwner).fill('alice');
      await counts(rows(page, 'boss'), 0);
      await newest.getByRole('button').click();
      await dialog.getByRole('checkbox').check();
      await dialog.getByRole('button', { name: words.end }).click();
      await page.getByText(words.noSignInsOf.replace('{owner}', 'alice')).waitFor();
      await becomes(first, 401);
      await becomes(second, 401);
    }, 60_000);
  }

  test('of one’s own in other browsers end one by one alone, and this one stays', async () => {
    const other = await elsewhere(keys.boss);
    const page = await pages.open({ path: '/admin#/sign-ins' });
    await signIn(page, keys.boss.key, 'table');
    await page.locator('tbody tr').filter({ hasNotText: 'this one' }).getByRole('button').first().click();
    const dialog = page.getByRole('dialog');
    await counts(dialog.getByRole('checkbox'), 0);
    await dialog.getByRole('button', { name: 'End' }).click();
    await page.getByText('The sign-in is ended.').waitFor();
    await becomes(other, 401);
    await page.reload();
    await page.getByText('this one', { exact: true }).waitFor();
  });

  test('come by pages', async () => {
    for (let n = 0; n < 102; n++) await elsewhere(keys.crowd);
    const page = await pages.open({ path: '/admin#/sign-ins' });
    await signIn(page, keys.boss.key, 'table');
    await page.getByPlaceholder('Owner').fill('crowd');
    await counts(rows(page, 'crowd'), 100);
    await page.getByRole('button', { name: 'Load more' }).click();
    await counts(rows(page, 'crowd'), 102);
    await counts(page.getByRole('button', { name: 'Load more' }), 0);
  }, 60_000);
});
