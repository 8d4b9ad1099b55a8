// The first run: the page says that the demo model answers, and leads to a model that does, tested before it is written.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { wordsEn } from '../../../static/first-run/words-en.ts';
import { wordsZhCn } from '../../../static/first-run/words-zh-cn.ts';
import { violations } from '../../testing/axe.ts';
import { chatPages, noBrowser, readers, replies, say, untilDone } from '../../testing/chat-page.ts';
import { type ModelServer, startModelServer } from '../../testing/model-server.ts';

describe.skipIf(noBrowser)('the first run', () => {
  const pages = chatPages({ demo: true, env: { OPENAI_API_KEY: '' } });
  let server: ModelServer;
  beforeAll(() => {
    server = startModelServer(({ headers }) =>
      headers.authorization === 'Bearer sk-right' ? [{ text: 'ok' }] : [{ status: 401, body: {} }],
    );
  });
  afterAll(() => server.stop());

  for (const { reader, options, words: of } of readers)
    test(`leads to a model that works (${reader})`, async () => {
      const words = options.locale === 'zh-CN' ? wordsZhCn : wordsEn;
      const page = await pages.open(options);
      const box = (name: string) => page.getByLabel(name, { exact: true });
      await page.locator('.first-run', { hasText: words.demo }).waitFor();
      expect(await violations(page)).toEqual([]);
      await page.locator('.first-run').getByRole('button', { name: words.setUp }).click();
      await page.getByRole('radio', { name: words.compatible }).check();
      await box(words.address).fill(server.url);
      await box(words.model).fill('my-model');
      await box(words.keyOptional).fill('sk-wrong');
      await page.getByRole('button', { name: words.test }).click();
      await page.locator('.wrong', { hasText: '401' }).waitFor();
      await box(words.keyOptional).fill('sk-right');
      await page.getByRole('button', { name: words.test }).click();
      await page.getByText(words.works).waitFor();
      expect(await violations(page)).toEqual([]);
      // The key is not to be seen, and nothing keeps it.
      expect(await page.locator('.written pre').first().textContent()).toBe(
        `OPENAI_BASE_URL=${server.url}\nOPENAI_API_KEY=••••••••\nOPENAI_MODEL=my-model`,
      );
      expect(
        await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }])),
      ).not.toContain('sk-right');
      await page.setViewportSize({ width: 320, height: 640 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
      await page.getByRole('radio', { name: words.anthropic }).check();
      await box(words.key).fill('sk-ant');
      expect(await page.locator('.written pre').nth(1).textContent()).toBe(
        // biome-ignore lint/suspicious/noTemplateCurlyInString: as the file has it
        'provider: AnthropicChatCompletionClient\nconfig:\n  model: "claude-sonnet-4-5"\n  api_key: ${ANTHROPIC_API_KEY}',
      );
      await page.getByRole('dialog').getByRole('button', { name: of.close }).click();
      await page.locator('dialog').waitFor({ state: 'detached' });
      // And below what the demo says.
      await say(page, 'hi');
      await untilDone(page);
      await replies(page).first().getByRole('button', { name: of.setUpModel }).click();
      await page.getByRole('heading', { name: words.title }).waitFor();
    }, 120_000);
});
