// The admin page: keys are made and revoked, owners, usage and the audit are looked at.
import { describe, expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { wordsEn } from '../../../static/admin/words-en.ts';
import { wordsZhCn } from '../../../static/admin/words-zh-cn.ts';
import { becomes, counts, hasFocus, noBrowser, phone, readers, signIn } from '../../testing/chat-page.ts';
import { by, keyedPages } from '../../testing/keyed-pages.ts';
import { nameFault } from '../../words/owner-name.ts';

describe.skipIf(noBrowser)('the admin page', () => {
  const { pages, keys } = keyedPages({ boss: { owner: 'boss', role: 'admin' }, alice: { owner: 'alice' } });
  const row = (page: Page, text: string) => page.locator('tbody tr').filter({ hasText: text });

  for (const { reader, options, words: said } of readers) {
    const isChinese = said.you !== 'You';
    const words = isChinese ? wordsZhCn : wordsEn;
    test(`makes a key that is shown once and lets in, and revokes it (${reader})`, async () => {
      const page = await pages.open({ ...options, path: '/admin' });
      await signIn(page, keys.boss.key, '#new-key');
      const owner = `carol ${words.title} ❤️`;
      await page.click('#new-key');
      await page.getByRole('button', { name: words.make }).click();
      await page.getByText(words.ownerMissing).waitFor();
      const hidden = `${owner}\u200b`;
      await page.getByLabel(words.owner, { exact: true }).fill(hidden);
      await page.getByRole('button', { name: words.make }).click();
      await page.getByText(nameFault(hidden)?.[isChinese ? 'zh-CN' : 'en'] ?? '').waitFor();
      await page.getByLabel(words.owner, { exact: true }).fill(owner);
      await page.getByLabel(words.keyName, { exact: true }).fill('phone');
      await page.locator('[name=role]').selectOption('viewer');
      await page.locator('[name=expires]').selectOption('30');
      await page.getByRole('button', { name: words.make }).click();
      const key = await page.locator('#made-key').inputValue();
      expect(key).toMatch(/^ack_/);
      // Neither a press beside it nor Escape loses it.
      await page.mouse.click(5, 5);
      await page.keyboard.press('Escape');
      await page.locator('#made-key').waitFor();
      expect(await pages.call('GET', '/api/me', undefined, { authorization: `Bearer ${key}` })).toMatchObject(
        {
          owner,
          role: 'viewer',
        },
      );
      await page.getByRole('button', { name: words.done }).click();
      await hasFocus(page.locator('#new-key'));
      await counts(row(page, owner), 1);
      await becomes(async () => (await page.content()).includes(key), false);

      await page.getByLabel(words.searchKeys).fill('no such key');
      await page.getByText(words.noKeysFound).waitFor();
      await page.getByLabel(words.searchKeys).fill(owner);
      const revoke = row(page, owner).getByText(words.revoke, { exact: true });
      await revoke.click();
      const dialog = page.getByRole('dialog', { name: words.revokeTitle });
      await dialog.getByRole('button', { name: words.cancel }).click();
      await hasFocus(revoke);
      await revoke.click();
      await dialog.getByRole('button', { name: words.revoke }).click();
      await page.getByText(words.revokedTold).waitFor();
      await counts(row(page, owner), 0);
      await page.getByLabel(words.showEnded).check();
      await row(page, owner).getByText(words.revoked, { exact: true }).waitFor();
      const isRefused = async () =>
        (await pages.call('GET', '/api/me', undefined, { authorization: `Bearer ${key}` })).status;
      await becomes(isRefused, 401);
    }, 60_000);
  }

  test('shows owners with what they used, the days as bars, and who did what', async () => {
    const { id } = await pages.call('POST', '/api/sessions', {}, by(keys.alice));
    for (const content of ['one', 'two'])
      await pages.call('POST', `/api/sessions/${id}/chat`, { content }, by(keys.alice));
    await pages.call('DELETE', `/api/sessions/${id}`, undefined, by(keys.alice));
    const page = await pages.open({ path: '/admin#/owners' });
    await signIn(page, keys.boss.key, 'table');
    await row(page, 'alice').getByRole('cell', { name: '2', exact: true }).waitFor();
    await page.getByLabel('Search owners').fill('bos');
    await counts(row(page, 'alice'), 0);
    await counts(row(page, 'boss'), 1);

    await page.getByRole('link', { name: 'Usage' }).click();
    const chart = page.getByRole('img', { name: /^Tokens by day/ });
    await chart.waitFor();
    await counts(chart.locator('.bar'), 30);
    await page.getByLabel('Messages', { exact: true }).check();
    await page.getByRole('img', { name: /^Messages by day/ }).waitFor();
    await page.getByLabel('By owner').check();
    await row(page, 'alice').waitFor();
    await page.getByLabel('Period').selectOption('ownDays');
    await page.getByRole('textbox', { name: 'From' }).fill('2020-01-01');
    await page.getByRole('textbox', { name: 'To' }).fill('2020-01-31');
    await page.getByText('Nothing was used in these days.').waitFor();

    await page.getByRole('link', { name: 'Audit' }).click();
    await row(page, 'session.deleted').getByText('alice').waitFor();
    await page.getByLabel('Action').selectOption('session.deleted');
    await counts(row(page, 'sign_in.granted'), 0);
    await counts(row(page, 'session.deleted'), 1);
    // A part of a name finds nothing, but suggests the whole.
    await page.getByPlaceholder('Owner').fill('ali');
    await page.getByText('Nothing of an owner with the whole name “ali” fits this.').waitFor();
    await counts(page.locator('datalist option[value=alice]'), 1);
    await page.getByPlaceholder('Owner').fill('alice');
    await counts(row(page, 'session.deleted'), 1);
    await page.goBack();
    await page.getByRole('link', { name: 'Usage' }).and(page.locator('[aria-current]')).waitFor();
  }, 60_000);

  test('shows which part is open where not all of their names fit', async () => {
    const page = await pages.open({ ...phone, viewport: { width: 320, height: 640 }, path: '/admin#/audit' });
    await signIn(page, keys.boss.key, 'table');
    const isInView = () =>
      page
        .locator('.tabs [aria-current]')
        .evaluate((tab) => tab.getBoundingClientRect().right <= document.documentElement.clientWidth);
    await becomes(isInView, true);
  });

  test('is not for others, and leads them back', async () => {
    const page = await pages.open({ path: '/admin' });
    await signIn(page, keys.alice.key, 'h1');
    await page.getByRole('heading', { name: 'This page is for administrators' }).waitFor();
    await counts(page.locator('.tabs, table'), 0);
    await page.locator('main').getByRole('link', { name: 'Chat' }).click();
    await page.locator('#input').waitFor();
    await page.click('#settings');
    await page.locator('#sign-out').waitFor();
    await counts(page.getByRole('link', { name: 'Administration' }), 0);
  });

  test('is led to by the settings of an admin, and asks to sign in again when that has ended', async () => {
    const page = await pages.open();
    await signIn(page, keys.boss.key);
    await page.click('#settings');
    await page.getByRole('link', { name: 'Administration' }).click();
    await page.locator('#new-key').waitFor();
    await page.click('#new-key');
    await page.getByLabel('Owner', { exact: true }).fill('half-typed');
    await page.context().clearCookies();
    await page.getByRole('button', { name: 'Make the key' }).click();
    await page.getByRole('dialog', { name: 'Sign in to AgentChat' }).waitFor();
    await page.fill('#key', keys.boss.key);
    await page.press('#key', 'Enter');
    await page.getByRole('dialog', { name: 'Sign in to AgentChat' }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Make the key' }).click();
    await page.locator('#made-key').waitFor();
    await page.getByRole('dialog', { name: 'The key of half-typed' }).waitFor();
  });
});
