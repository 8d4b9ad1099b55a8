// How much of what a model takes the next message would use, and what is left out: a meter below the box, that opens.
import { afterAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assistantFile, component } from '../../testing/agent-file.ts';
import { violations } from '../../testing/axe.ts';
import { becomes, chatPages, noBrowser, readers, replies, say, untilDone } from '../../testing/chat-page.ts';

const folder = mkdtempSync(join(tmpdir(), 'agentchat-context-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const context = component('NewestThatFitChatCompletionContext', { token_limit: 60 });
const agent = assistantFile(
  { model_client: null, model_context: context },
  { prices: { prompt: 1e6, completion: 1e6 } },
);
writeFileSync(join(folder, 'assistant.json'), JSON.stringify(agent));

describe.skipIf(noBrowser)('the context of a session', () => {
  const pages = chatPages({ env: { AGENTS: folder } });

  for (const { reader, options, words } of readers)
    test(`is measured, and told with what it leaves out and costs (${reader})`, async () => {
      const page = await pages.open(options);
      const meter = page.locator('#context');
      expect(await meter.count()).toBe(0);
      await say(page, 'one');
      await untilDone(page);
      await meter.waitFor();
      const before = await meter.textContent();
      expect(before).toMatch(/^\d+%$/);
      await say(page, 'two '.repeat(40));
      await untilDone(page);
      await becomes(async () => (await meter.textContent()) !== before, true);
      await meter.click();
      const sheet = page.getByRole('dialog');
      await sheet.getByText(/60/).first().waitFor();
      // For each reply one token is read, and each of its words is one; each of these costs one.
      await sheet.getByText(/(Cost: |费用：)45$/).waitFor();
      expect(await violations(page)).toEqual([]);
      await page.setViewportSize({ width: 320, height: 640 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
      await page.keyboard.press('Escape');
      await sheet.waitFor({ state: 'detached' });
      await replies(page).last().getByRole('button', { name: words.details }).click();
      await page.locator('.details dd', { hasText: /^42$/ }).waitFor();
      expect(await violations(page)).toEqual([]);
    }, 120_000);
});
