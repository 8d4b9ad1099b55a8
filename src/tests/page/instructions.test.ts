// What a session says to who answers in it: set before it is there, kept, changed and taken back on the page.
import { describe, expect, test } from 'bun:test';
import { wordsEn } from '../../../static/instructions/words-en.ts';
import { wordsZhCn } from '../../../static/instructions/words-zh-cn.ts';
import { violations } from '../../testing/axe.ts';
import { becomes, chatPages, noBrowser, readers, say, untilDone } from '../../testing/chat-page.ts';

describe.skipIf(noBrowser)('instructions of a session', () => {
  const pages = chatPages();
  /** What the model was told first, and how warmly, the last time that it was asked. */
  async function told(): Promise<[boolean, unknown]> {
    const { messages, temperature } = pages.model.requests.at(-1)?.body ?? {};
    const first = Array.isArray(messages) ? JSON.stringify(messages[0]) : '';
    return [first.includes('Be brief.'), temperature];
  }

  for (const { reader, options } of readers)
    test(`are set for a new one, kept, and taken back (${reader})`, async () => {
      const words = options.locale === 'zh-CN' ? wordsZhCn : wordsEn;
      const page = await pages.open(options);
      const box = page.getByRole('textbox', { name: words.instructions });
      const degrees = page.getByRole('textbox', { name: words.temperature });
      const open = () => page.locator('#instructions').click();
      await open();
      await box.fill('x'.repeat(8193));
      await degrees.fill('3');
      await page.locator('.wrong').first().waitFor();
      expect(await page.getByRole('button', { name: words.save }).isDisabled()).toBe(true);
      await box.fill('Be brief.');
      await degrees.fill('0.5');
      expect(await violations(page)).toEqual([]);
      await degrees.press('Enter');
      await page.locator('dialog').waitFor({ state: 'detached' });
      expect(await page.locator('#instructions').getAttribute('aria-label')).toBe(words.openSet);
      expect(await violations(page)).toEqual([]);
      await say(page, 'one');
      await untilDone(page);
      await becomes(told, [true, 0.5]);

      await page.reload();
      await becomes(() => page.locator('#instructions.set').count(), 1);
      await say(page, 'two');
      await untilDone(page);
      await becomes(told, [true, 0.5]);

      await page.setViewportSize({ width: 320, height: 640 });
      await open();
      expect(await box.inputValue()).toBe('Be brief.');
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
      await box.fill('');
      await degrees.fill('');
      await page.getByRole('button', { name: words.save }).click();
      await becomes(() => page.locator('#instructions.set').count(), 0);
      await say(page, 'three');
      await untilDone(page);
      await becomes(told, [false, undefined]);
      // The next new session begins with none.
      await page.goto(pages.url);
      await becomes(() => page.locator('#instructions.set').count(), 0);
    }, 120_000);
});
