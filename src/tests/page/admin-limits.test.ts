// The admin page's one dialog for limits: of an owner and of a key, with the agents that may be asked.
import { describe, expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { wordsEn } from '../../../static/admin/words-en.ts';
import { wordsZhCn } from '../../../static/admin/words-zh-cn.ts';
import { becomes, hasFocus, noBrowser, readers, signIn } from '../../testing/chat-page.ts';
import { by, keyedPages } from '../../testing/keyed-pages.ts';

describe.skipIf(noBrowser)('limits on the admin page', () => {
  const { pages, keys } = keyedPages({
    boss: { owner: 'boss', role: 'admin' },
    alice: { owner: '李 alice/', name: 'phone' },
    narrow: { owner: 'narrow', agents: ['assistant', 'writer'] },
  });
  const limitsOf = (owner: string, key?: string) =>
    pages.call(
      'GET',
      `/api/admin/limits/${encodeURIComponent(owner)}${key ? `?key=${key}` : ''}`,
      undefined,
      by(keys.boss),
    );
  const row = (page: Page, text: string) => page.locator('tbody tr').filter({ hasText: text });

  for (const { reader, options, words: said } of readers) {
    const words = said.you === 'You' ? wordsEn : wordsZhCn;
    const ask = async () => {
      const { id } = await pages.call('POST', '/api/sessions', {}, by(keys.alice));
      return pages.call('POST', `/api/sessions/${id}/chat`, { content: 'hi' }, by(keys.alice));
    };

    test(`are set for a key, hold for it, and are taken away (${reader})`, async () => {
      const { owner, id, key } = keys.alice;
      const page = await pages.open({ ...options, path: '/admin' });
      await signIn(page, keys.boss.key, 'table');
      const open = row(page, owner).getByRole('button').first();
      const title = words.editLimitsOfKey.replace('{owner}', owner).replace('{hint}', key.slice(0, 12));
      const dialog = page.getByRole('dialog', { name: title });
      const save = dialog.getByRole('button', { name: words.save });
      await open.press('Enter');
      await dialog.getByText(words.keyLimitsText).waitFor();
      await dialog.getByLabel(words.turns_per_day).fill('many');
      await save.click();
      await dialog.getByText(words.wrongNumber).waitFor();
      await dialog.getByLabel(words.turns_per_day).fill('100');
      await dialog.getByLabel(words.agents).fill(' my writer，painter , ');
      await dialog.getByLabel(words.agents).press('Enter');
      await page.getByText(words.keyLimitsSaved.replace('{hint}', key.slice(0, 12))).waitFor();
      await hasFocus(open);
      expect(await limitsOf(owner, id)).toMatchObject({
        key: id,
        turns_per_day: 100,
        agents: ['my writer', 'painter'],
      });
      // Beside the owner's, which there are none of.
      expect(await limitsOf(owner)).toMatchObject({ turns_per_day: null, agents: null });
      expect(await ask()).toMatchObject({ status: 403 });

      await open.click();
      await becomes(() => dialog.getByLabel(words.agents).inputValue(), 'my writer, painter');
      await dialog.getByLabel(words.agents).fill('');
      await dialog.getByLabel(words.turns_per_day).fill('');
      await save.click();
      await dialog.waitFor({ state: 'detached' });
      expect(await limitsOf(owner, id)).toMatchObject({ agents: null, updated_at: null });
      expect(await ask()).toMatchObject({ content: 're: hi' });
    }, 60_000);

    test(`name the agents of an owner, and keep what nobody touches (${reader})`, async () => {
      const { owner } = keys.alice;
      const agents = ['one, with a comma', 'two'];
      const path = `/api/admin/limits/${encodeURIComponent(owner)}`;
      await pages.call('PUT', path, { agents }, by(keys.boss));
      const page = await pages.open({ ...options, path: '/admin#/owners' });
      await signIn(page, keys.boss.key, 'table');
      const dialog = page.getByRole('dialog', { name: words.editLimitsOf.replace('{owner}', owner) });
      await row(page, owner).getByRole('button').click();
      await dialog.getByLabel(words.running_turns).fill('3');
      await dialog.getByRole('button', { name: words.save }).click();
      await dialog.waitFor({ state: 'detached' });
      expect(await limitsOf(owner)).toMatchObject({ running_turns: 3, agents });
      await row(page, owner).getByRole('button').click();
      await dialog.getByLabel(words.agents).fill('x'.repeat(101));
      await dialog.getByRole('button', { name: words.save }).click();
      await dialog.getByRole('alert').getByText(words.notSaved).waitFor();
      await dialog.getByLabel(words.agents).fill('assistant');
      await dialog.getByRole('button', { name: words.save }).click();
      await dialog.waitFor({ state: 'detached' });
      expect(await limitsOf(owner)).toMatchObject({ running_turns: 3, agents: ['assistant'] });
      await pages.call('DELETE', path, undefined, by(keys.boss));
    }, 60_000);
  }

  test('say which agents a key was made for, and the audit says that they were taken away', async () => {
    const page = await pages.open({ path: '/admin' });
    await signIn(page, keys.boss.key, 'table');
    await row(page, 'narrow').getByRole('button').first().click();
    await page
      .getByText('The key was made for these agents alone, and stays so: assistant, writer.')
      .waitFor();
    await page.keyboard.press('Escape');
    await pages.call('PUT', '/api/admin/limits/narrow', { turns_per_day: 1 }, by(keys.boss));
    await pages.call('DELETE', '/api/admin/limits/narrow', undefined, by(keys.boss));
    await page.getByRole('link', { name: 'Audit' }).click();
    await page.getByLabel('Action').selectOption('limits.removed');
    await row(page, 'Limits taken away').getByText('narrow').waitFor();
  });
});
