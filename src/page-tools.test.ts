// Tools on the page: what was called, with what, and what came of it.
import { describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { violations } from './testing/axe.ts';
import { becomes, chatPages, noBrowser, readers, say, sees, untilDone } from './testing/chat-page.ts';
import type { ModelStep } from './testing/model-server.ts';

const asks = (...calls: [name: string, args: string][]): ModelStep[] => [
  {
    chunk: {
      choices: [
        {
          index: 0,
          delta: {
            tool_calls: calls.map(([name, given], index) => ({
              index,
              id: `call-${index}`,
              type: 'function',
              function: { name, arguments: given },
            })),
          },
          finish_reason: 'tool_calls',
        },
      ],
    },
  },
];

const lines = (page: Page) => page.locator('.call summary').allTextContents();

describe.skipIf(noBrowser)('tools on the page', () => {
  const pages = chatPages({ entry: join(import.meta.dir, 'testing', 'tools-server.ts') });

  for (const { reader, options, words } of readers)
    test(`calls are folded lines, and plain text (${reader})`, async () => {
      pages.answer(() => asks(['look', '{"at":"x"}'], ['fail', '{}']));
      const page = await pages.open(options);
      await say(page, 'hi');
      await sees(page, 'kaput');
      await untilDone(page);
      const wanted = [`look · ${words.callDone}`, `fail · ${words.callFailed}`];
      for (const again of [false, true]) {
        if (again) await page.reload();
        await becomes(() => lines(page), wanted);
        await page.locator('.call summary').first().click();
        await becomes(
          () => page.locator('.call').first().locator('.call-text').allTextContents(),
          ['{"at":"x"}', '<img src="/seen"> [x](https://example.com)'],
        );
        expect(await page.locator('.call-text :is(img, a)').count()).toBe(0);
      }
    }, 60_000);

  test('a call waits for a person, also after a reload and in another tab', async () => {
    pages.answer(() => asks(['write', '{"to":"a"}']));
    const page = await pages.open();
    await say(page, 'hi');
    const allow = page.getByRole('button', { name: 'Allow' });
    await allow.waitFor();
    const other = await pages.open({ path: `/${new URL(page.url()).hash}` });
    await page.reload();
    await other.getByRole('button', { name: 'Deny' }).waitFor();
    await page.getByRole('textbox', { name: 'Arguments' }).fill('{"to":"b"}');
    await allow.press('Enter');
    for (const one of [page, other]) {
      await sees(one, 'written to b');
      await untilDone(one);
      await becomes(() => lines(one), ['write · done']);
    }
  }, 60_000);

  for (const colorScheme of ['light', 'dark'] as const)
    test(`a card fits the narrowest screen, is accessible, and denies by keyboard (${colorScheme})`, async () => {
      pages.answer(() => asks(['write', JSON.stringify({ to: 'x'.repeat(200) })]));
      const page = await pages.open({ colorScheme, viewport: { width: 320, height: 640 }, locale: 'zh-CN' });
      await say(page, 'hi');
      const deny = page.getByRole('button', { name: '拒绝' });
      await deny.waitFor();
      expect(await violations(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
      await page.getByRole('textbox', { name: '拒绝的原因' }).fill('not now');
      await deny.press('Enter');
      await becomes(() => lines(page), ['write · 已拒绝']);
      await untilDone(page);
      await page.locator('.call summary').press('Enter');
      await page.locator('.call-text', { hasText: 'not now' }).waitFor();
      expect(await violations(page)).toEqual([]);
    }, 60_000);
});
