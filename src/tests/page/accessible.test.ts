// What axe-core finds on the chat page: nothing, light and dark, on a phone and on a desktop, whatever is open.
import { describe, expect, test } from 'bun:test';
import { en } from '../../../static/texts/en.ts';
import { zhCn } from '../../../static/texts/zh-cn.ts';
import { violations } from '../../testing/axe.ts';
import {
  chatPages,
  desktop,
  hasFocus,
  noBrowser,
  phone,
  say,
  sees,
  untilDone,
} from '../../testing/chat-page.ts';

const reply = `# A heading

Words, a [link](https://example.org) and \`code\`.

| a | b |
| --- | --- |
| 1 | 2 |

> [!WARNING]
> a warning[^1]

<details open>
<summary>More <kbd>K</kbd></summary>

<mark>marked</mark> and [bank.example](https://evil.example)
</details>

![a picture](https://example.org/a.png)

[^1]: a note

- [x] done
- [ ] not done

\`\`\`js
const wide = '${'x'.repeat(200)}'; // a comment
\`\`\`
`;

describe.skipIf(noBrowser)('axe finds nothing wrong', () => {
  const pages = chatPages();

  for (const [colorScheme, viewport, locale] of [
    ['light', phone, 'zh-CN'],
    ['dark', desktop, 'en-US'],
  ] as const)
    test(`the API reference, ${colorScheme}, ${locale}: an operation with its answers, and a type`, async () => {
      const page = await pages.open({ ...viewport, locale, colorScheme });
      await page.goto(`${pages.url}/docs/#post-api-sessions-id-chat`);
      const operation = page.locator('#post-api-sessions-id-chat');
      for (const answer of await operation.locator('.answer > summary').all()) await answer.click();
      await page.locator('#type-StreamedEvent > summary').click();
      await page.locator('#type-StreamedEvent .forms').waitFor();
      expect(await violations(page)).toEqual([]);
    }, 60_000);

  for (const colorScheme of ['light', 'dark'] as const) {
    // Each language is seen in either appearance, and on either size.
    for (const [size, viewport, locale] of [
      ['phone', phone, colorScheme === 'light' ? 'zh-CN' : 'en-US'],
      ['desktop', desktop, colorScheme === 'light' ? 'en-US' : 'zh-CN'],
    ] as const) {
      const words = locale === 'zh-CN' ? zhCn : en;
      test(`${colorScheme}, ${size}, ${locale}: empty, in conversation, and whatever can be opened`, async () => {
        const page = await pages.open({ ...viewport, locale, colorScheme, reducedMotion: 'reduce' });
        await page.locator('.welcome').waitFor();
        expect(await violations(page)).toEqual([]);

        pages.answer(() => [{ thought: 'thinking' }, { text: reply }]);
        await say(page, 'show me');
        await sees(page, 'A heading');
        await untilDone(page);
        await page.locator('.thought summary').click();
        await page.locator('.hljs-keyword').first().waitFor();
        await page.locator('.rt-wrap').waitFor();
        expect(await violations(page)).toEqual([]);
        await page.getByRole('button', { name: words.details }).last().click();
        await page.getByText('test-model', { exact: true }).waitFor();
        expect(await violations(page)).toEqual([]);
        await page.keyboard.press('Escape');
        await page.getByText('test-model', { exact: true }).waitFor({ state: 'detached' });

        pages.answer(() => [{ status: 500 }]);
        await say(page, 'fail');
        await page.locator('.failure').waitFor();
        expect(await violations(page)).toEqual([]);

        await page.keyboard.press('Control+/');
        await page.getByRole('dialog', { name: words.help }).waitFor();
        expect(await violations(page)).toEqual([]);
        await page.keyboard.press('Escape');
        await page.getByRole('dialog').waitFor({ state: 'detached' });

        if (size === 'phone') await page.click('#open-drawer');
        const row = page.locator('#session-list li').first();
        await row.hover();
        await row.getByRole('button').click();
        await page.getByRole('menuitem', { name: words.rename }).waitFor();
        expect(await violations(page)).toEqual([]);
        await page.getByRole('menuitem', { name: words.rename }).click();
        await page.getByLabel(words.newName).waitFor();
        expect(await violations(page)).toEqual([]);
        await page.keyboard.press('Escape');
        await hasFocus(row.getByRole('link'));
        await page.getByRole('button', { name: words.settings }).click();
        await page.getByText(words.themeSystem).waitFor();
        expect(await violations(page)).toEqual([]);
        await page.keyboard.press('Escape');
        await page.getByText(words.themeSystem).waitFor({ state: 'detached' });
        await row.getByRole('link').focus();
        await page.keyboard.press('Delete');
        await page.locator('.toast').waitFor();
        expect(await violations(page)).toEqual([]);
      }, 120_000);
    }
  }

  test('while the server is away', async () => {
    const page = await pages.open({ reducedMotion: 'reduce' });
    await page.locator('.welcome').waitFor();
    await page.context().setOffline(true);
    await page.locator('.banner.away').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.context().setOffline(false);
    await page.locator('.banner.back').waitFor();
    expect(await violations(page)).toEqual([]);
  }, 60_000);
});
