// Questions of an agent's on the page: read as questions, answered by a word or in one's own, by keyboard, in both languages.
import { describe, expect, test } from 'bun:test';
import type { Locator, Page } from 'playwright-core';
import { violations } from '../../testing/axe.ts';
import {
  becomes,
  chatPages,
  counts,
  drawn,
  hasFocus,
  noBrowser,
  say,
  sees,
  untilDone,
} from '../../testing/chat-page.ts';
import { asks, callReaders, lines, withTools } from '../../testing/tool-pages.ts';

const cards = (page: Page): Locator => page.locator('#stage .approval');
const button = (within: Page | Locator, name: string): Locator =>
  within.getByRole('button', { name, exact: true });
const question = (text: string, options?: string[]) =>
  asks(['ask_user', JSON.stringify({ question: text, options })]);

describe.skipIf(noBrowser)('questions on the page', () => {
  const pages = chatPages(withTools());

  for (const { reader, options, words } of callReaders)
    test(`an option is an answer by one press, in the conversation and in the list (${reader})`, async () => {
      pages.answer(() => question('Which colour?\nThere are two.', ['red', '<b>blue</b>']));
      const page = await pages.open(options);
      await say(page, 'first');
      const card = cards(page);
      await card.waitFor();
      expect(await card.locator('.question-text').textContent()).toBe('Which colour?\nThere are two.');
      await counts(button(card, words.allow), 0);
      await button(card, '<b>blue</b>').press('Enter');
      await counts(card, 0);
      await sees(page, '<b>blue</b>');
      await untilDone(page);
      for (const again of [false, true]) {
        if (again) await page.reload();
        await becomes(() => lines(page), [`${words.question} · ${words.answered}`]);
        await page.locator('.call summary').press('Enter');
        await page.locator('.call-text', { hasText: 'There are two.' }).waitFor();
        expect(await violations(page)).toEqual([]);
      }
      await say(page, 'second');
      await card.waitFor();
      await page.keyboard.press('Control+.');
      const row = page.locator('dialog .waiting-list li', { hasText: 'There are two.' });
      await row.locator('summary').press('Enter');
      await drawn(page);
      expect(await violations(page)).toEqual([]);
      await button(row, 'red').press('Enter');
      await counts(row, 0);
      await page.keyboard.press('Escape');
      await untilDone(page);
      await sees(page, 'red');
    }, 90_000);

  for (const colorScheme of ['light', 'dark'] as const)
    test(`is answered in one's own words, or refused, on the narrowest screen (${colorScheme})`, async () => {
      pages.answer(() => question('Who are you?'));
      const page = await pages.open({ colorScheme, viewport: { width: 320, height: 640 } });
      await say(page, 'short');
      const field = cards(page).getByRole('textbox', { name: 'Your answer' });
      // Nothing is no answer.
      await field.press('Control+Enter');
      await hasFocus(field);
      await field.fill('Ann,\nand nobody else');
      await drawn(page);
      expect(await violations(page)).toEqual([]);
      await field.press('Control+Enter');
      await sees(page, 'and nobody else');
      await untilDone(page);
      pages.answer(() => question('Which?', ['x'.repeat(200)]));
      await say(page, 'long');
      await cards(page).getByRole('textbox', { name: 'Another answer' }).waitFor();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
      await button(cards(page), 'Do not answer').press('Enter');
      const reason = cards(page).getByRole('textbox', { name: 'Why not?' });
      await hasFocus(reason);
      expect(await violations(page)).toEqual([]);
      await reason.press('Escape');
      await hasFocus(cards(page).getByRole('textbox', { name: 'Another answer' }));
      await button(cards(page), 'Do not answer').press('Enter');
      await reason.fill('it is a secret');
      await reason.press('Control+Enter');
      await becomes(() => lines(page), ['Question · answered', 'Question · not answered']);
      await untilDone(page);
      await page.locator('.call summary').last().press('Enter');
      await page.locator('.call-text', { hasText: 'it is a secret' }).waitFor();
      await page.locator('.call-note', { hasText: 'It was left without an answer.' }).waitFor();
    }, 60_000);
});
