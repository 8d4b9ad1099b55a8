// The sign-in and the admin page, as axe-core sees them, in both appearances and languages, and that nothing moves.
import { describe, expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { wordsEn } from '../../../static/admin/words-en.ts';
import { wordsZhCn } from '../../../static/admin/words-zh-cn.ts';
import { wordsEn as signInEn } from '../../../static/sign-in/words-en.ts';
import { wordsZhCn as signInZhCn } from '../../../static/sign-in/words-zh-cn.ts';
import { en } from '../../../static/texts/en.ts';
import { zhCn } from '../../../static/texts/zh-cn.ts';
import { wordsEn as accountEn } from '../../../static/usage/words-en.ts';
import { wordsZhCn as accountZhCn } from '../../../static/usage/words-zh-cn.ts';
import { violations } from '../../testing/axe.ts';
import {
  becomes,
  desktop,
  drawn,
  noBrowser,
  phone,
  say,
  sees,
  signIn,
  untilDone,
} from '../../testing/chat-page.ts';
import { keyedPages } from '../../testing/keyed-pages.ts';
import { shifts, watchShifts } from '../../testing/layout-shifts.ts';
import { seedKeys } from '../../testing/seeded-keys.ts';

describe.skipIf(noBrowser)('the look of the sign-in and the admin page', () => {
  const { pages, keys } = keyedPages(
    {
      boss: { owner: 'boss', role: 'admin' },
      reader: { owner: 'reader', role: 'viewer', agents: ['assistant'] },
    },
    async (database) => {
      await seedKeys(
        database,
        Array.from({ length: 12 }, (_, n) => ({
          owner: `somebody with a long name, number ${n}`,
          name: `${'unbreakable'.repeat(8)} ${n}`,
          expiresAt: n % 2 ? new Date(0) : null,
        })),
      );
    },
  );

  const fits = (page: Page) =>
    page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth);

  const dialogFits = (page: Page) =>
    page.locator('dialog').evaluate((dialog) => dialog.scrollWidth <= dialog.clientWidth);

  for (const colorScheme of ['light', 'dark'] as const)
    for (const [size, viewport, locale] of [
      ['phone', phone, colorScheme === 'light' ? 'zh-CN' : 'en-US'],
      ['desktop', desktop, colorScheme === 'light' ? 'en-US' : 'zh-CN'],
    ] as const) {
      const isChinese = locale === 'zh-CN';
      const [words, said] = isChinese ? [zhCn, wordsZhCn] : [en, wordsEn];
      const looks = { ...viewport, locale, colorScheme, reducedMotion: 'reduce' } as const;

      test(`the sign-in, the account, the way out and a reader’s page (${colorScheme}, ${size}, ${locale})`, async () => {
        const page = await pages.open(looks);
        await page.locator('#key').waitFor();
        expect(await violations(page)).toEqual([]);
        await page.fill('#key', 'wrong');
        await page.press('#key', 'Enter');
        await page.locator('.gate-error').waitFor();
        expect(await violations(page)).toEqual([]);
        await becomes(() => fits(page), true);
        await signIn(page, keys.boss.key);
        await say(page, 'hello');
        await sees(page, 're: hello');
        await untilDone(page);
        await page.fill('#input', 'a draft');
        if (size === 'phone') await page.click('#open-drawer');
        await page.click('#settings');
        await page.locator('#sign-out').waitFor();
        expect(await violations(page)).toEqual([]);
        await page.click('#sign-out');
        await page
          .getByRole('dialog', { name: (words.skip === en.skip ? accountEn : accountZhCn).signOutTitle })
          .waitFor();
        expect(await violations(page)).toEqual([]);
        await page.keyboard.press('Escape');
        await page.context().clearCookies();
        await page.evaluate(() => dispatchEvent(new Event('focus')));
        const { signInTitle } = isChinese ? signInZhCn : signInEn;
        await page.getByRole('dialog', { name: signInTitle }).waitFor();
        expect(await violations(page)).toEqual([]);
        await becomes(() => fits(page), true);
        const other = await pages.open(looks);
        await signIn(other, keys.reader.key, '#read-only');
        expect(await violations(other)).toEqual([]);
      }, 90_000);

      test(`each part of the admin page (${colorScheme}, ${size}, ${locale})`, async () => {
        const page = await pages.open({ ...looks, path: '/admin' });
        await signIn(page, keys.boss.key, 'table');
        await page.getByLabel(said.showEnded).check();
        expect(await violations(page)).toEqual([]);
        await becomes(() => fits(page), true);
        // The narrowest that has a table, not cards.
        if (size === 'desktop') {
          await page.setViewportSize({ width: 1024, height: 800 });
          await becomes(() => fits(page), true);
        }
        await page.click('#new-key');
        await page.getByLabel(said.owner, { exact: true }).waitFor();
        expect(await violations(page)).toEqual([]);
        await page.getByLabel(said.owner, { exact: true }).fill('x'.repeat(200));
        await page.getByRole('button', { name: said.make }).click();
        await page.locator('#made-key').waitFor();
        expect(await violations(page)).toEqual([]);
        await becomes(() => dialogFits(page), true);
        await page.getByRole('button', { name: said.done }).click();
        await page.locator('tbody button').first().click();
        await page.locator('[name=agents]').waitFor();
        expect(await violations(page)).toEqual([]);
        await becomes(() => dialogFits(page), true);
        await page.keyboard.press('Escape');
        await page.getByRole('dialog').waitFor({ state: 'detached' });
        await page.getByText(said.revoke, { exact: true }).first().click();
        await page.getByRole('dialog', { name: said.revokeTitle }).waitFor();
        expect(await violations(page)).toEqual([]);
        await page.keyboard.press('Escape');
        await page.getByRole('dialog').waitFor({ state: 'detached' });
        // Another's, so that there is one to end.
        await pages.call('POST', '/api/sign-in', { key: keys.reader.key });
        await page.getByRole('link', { name: said['sign-ins'], exact: true }).click();
        await page.locator('tbody tr').filter({ hasText: 'reader' }).getByRole('button').first().click();
        await page.getByRole('dialog', { name: said.endTitle }).waitFor();
        expect(await violations(page)).toEqual([]);
        await page.keyboard.press('Escape');
        await page.getByRole('dialog').waitFor({ state: 'detached' });
        for (const [tab, there] of [
          [said.owners, 'table'],
          [said['sign-ins'], 'table'],
          [said.usage, '.chart'],
          [said.audit, 'table'],
        ] as const) {
          await page.getByRole('link', { name: tab, exact: true }).click();
          await page.locator(there).first().waitFor();
          expect(await violations(page)).toEqual([]);
          await becomes(() => fits(page), true);
        }
      }, 90_000);
    }

  test('nothing moves while the sign-in, the page behind it and the admin page come', async () => {
    const page = await pages.open({ reducedMotion: 'reduce' });
    for (const then of ['#key', '#input']) {
      await page.reload();
      await watchShifts(page, true);
      await page.locator(then).waitFor();
      await drawn(page);
      expect(await shifts(page)).toBeLessThan(0.02);
      if (then === '#key') await signIn(page, keys.boss.key);
    }
    for (const tab of ['', '#/owners', '#/sign-ins', '#/usage', '#/audit']) {
      await page.goto(`${pages.url}/admin${tab}`);
      if (tab === '') await page.reload();
      await watchShifts(page, true);
      await page.locator('table, .chart, .empty').first().waitFor();
      await drawn(page);
      expect(await shifts(page)).toBeLessThan(0.02);
    }
  }, 60_000);
});
