// A reader's whole way over the chat page, in both languages, on a phone and on a desktop.
import { describe, expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { en } from '../../../static/texts/en.ts';
import { zhCn } from '../../../static/texts/zh-cn.ts';
import {
  becomes,
  boxHolds,
  chatPages,
  counts,
  desktop,
  hasFocus,
  noBrowser,
  phone,
  questions,
  replies,
  say,
  sees,
  untilDone,
} from '../../testing/chat-page.ts';

const reply = `Some **words** and $e^x$.

| a | b |
| --- | --- |
| 1 | 2 |

- [x] done

\`\`\`js
const one = 1;
\`\`\`

![a picture](https://elsewhere.example/a.png) <img src="https://elsewhere.example/b.png">
<iframe src="https://elsewhere.example"></iframe>
`;

const chinese = { language: 'Chinese', locale: 'zh-CN', words: zhCn as Record<keyof typeof en, string> };
const english = { language: 'English', locale: 'en-US', words: en };

describe.skipIf(noBrowser)('from the first message to the last', () => {
  describe('at the root of a server', () => {
    const pages = chatPages();
    for (const reader of [chinese, english])
      for (const size of ['phone', 'desktop'] as const) walk(pages, reader, size);
  });

  describe('below a path that a proxy takes away', () => {
    const pages = chatPages({ below: 'stripped' });
    withoutSlash(pages);
    walk(pages, chinese, 'phone');
    walk(pages, english, 'desktop');
  });

  describe('below a path that a proxy leaves there', () => {
    const pages = chatPages({ below: 'whole' });
    withoutSlash(pages);
    walk(pages, english, 'phone');
    walk(pages, chinese, 'desktop');
  });
});

function withoutSlash(pages: ReturnType<typeof chatPages>) {
  test('it may be opened without the slash at the end of the path', async () => {
    const page = await pages.open({ path: '?utm=x' });
    await say(page, 'hi');
    await sees(page, 're: hi');
    expect(new URL(page.url()).pathname).toBe('/agentchat/');
    await page.reload();
    await sees(page, 're: hi');
  });
}

function walk(pages: ReturnType<typeof chatPages>, reader: typeof chinese, size: 'phone' | 'desktop') {
  const { language, locale, words } = reader;
  const viewport = size === 'phone' ? phone : desktop;
  test(`${language}, on a ${size}`, async () => {
    const topic = `${language} ${size}`;
    const foreign: string[] = [];
    const page = await pages.open({
      ...viewport,
      locale,
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(pages.url)) foreign.push(request.url());
    });
    const button = (name: string, within = page.locator('main')) =>
      within.getByRole('button', { name, exact: true });
    const fill = (name: string, values: Record<string, string>) =>
      name.replace(/\{(\w+)\}/g, (_, word) => values[word] ?? '');
    const toSessions = async () => {
      if (viewport === phone) await button(words.openSessions).tap();
    };
    const row = (name: string) => page.locator('#session-list li').filter({ hasText: name });

    // Said, thought about, answered, and looked into.
    const answer = Promise.withResolvers<void>();
    pages.answer(() => [{ thought: 'well, well' }, { wait: answer.promise }, { text: reply }]);
    await page.getByText(words.welcome).waitFor();
    await say(page, topic);
    await page.locator('details.thought[open]', { hasText: words.thinking }).waitFor();
    answer.resolve();
    await page.locator('details.thought:not([open])').waitFor();
    await untilDone(page);
    await page.locator('.hljs-keyword').waitFor();
    await replies(page).locator('math').waitFor();
    await counts(replies(page).getByRole('checkbox', { checked: true }), 1);
    await replies(page).getByRole('table').waitFor();
    await button(words.copy, page.locator('.rt-code')).click();
    await becomes(() => page.evaluate(() => navigator.clipboard.readText()), 'const one = 1;');
    await button(words.details, replies(page)).click();
    await page
      .getByRole('term')
      .getByText(/^(Tokens|词元)$/)
      .waitFor();
    await page.keyboard.press('Escape');
    await hasFocus(button(words.details, replies(page)));

    // Asked again, stopped, failed, tried again, and said in other words.
    pages.answer(() => [{ text: 'half an answer' }, { hang: true }]);
    await button(words.regenerate).click();
    await sees(page, 'half an answer');
    await button(words.stop).click();
    await sees(page, words.cancelled);
    pages.answer(() => [{ status: 500 }]);
    await say(page, 'once more');
    await sees(page, words.replyFailed);
    pages.answer((text) => [{ text: `re: ${text}` }]);
    await button(words.tryAgain).click();
    await sees(page, 're: once more');
    await untilDone(page);
    await questions(page).last().hover();
    await button(words.edit, questions(page).last()).click();
    await questions(page).last().getByRole('textbox').fill('in other words');
    await page.keyboard.press('Enter');
    await sees(page, 're: in other words');
    await untilDone(page);
    await counts(questions(page), 2);

    // Found, renamed, saved, deleted and brought back.
    await toSessions();
    await page.getByRole('region', { name: words.today }).waitFor();
    await page.fill('#search', 'no such words');
    await page.getByText(fill(words.nothingFound, { text: 'no such words' })).waitFor();
    await page.fill('#search', 'in other words');
    await row(topic).waitFor();
    await button(words.clearSearch, page.locator('#drawer')).click();
    await choose(page, row(topic), words.rename);
    await page.keyboard.type(`${topic}!`);
    await page.keyboard.press('Enter');
    await row(`${topic}!`).waitFor();
    await choose(page, row(`${topic}!`), words.share);
    const shares = page.getByRole('dialog');
    const download = page.waitForEvent('download');
    await shares.getByRole('button', { name: 'Markdown' }).click();
    expect((await download).suggestedFilename()).toBe(`${topic}!.md`);
    // Shown to whoever has the link, until it is taken back.
    await shares.locator('#make-share').click();
    const link = await shares.locator('.shares a').getAttribute('href');
    expect(await (await fetch(link ?? '')).text()).toContain('re: in other words');
    await shares.locator('.shares button').last().click();
    await shares.locator('.shares li').waitFor({ state: 'detached' });
    expect((await fetch(link ?? '')).status).toBe(404);
    await page.keyboard.press('Escape');
    await shares.waitFor({ state: 'detached' });
    await choose(page, row(`${topic}!`), words.delete);
    await page.getByText(fill(words.deletedNamed, { name: `${topic}!` })).waitFor();
    await page.getByText(words.welcome).waitFor();
    await page.getByRole('button', { name: words.undo, exact: true }).click();
    await sees(page, 're: in other words');

    // The sheet of shortcuts, a half-written draft, and all of it again after a reload.
    await page.fill('#input', 'half a thought');
    await toSessions();
    await button(words.help, page.locator('#drawer')).click();
    await page.getByRole('dialog', { name: words.help }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.reload();
    await sees(page, 're: in other words');
    await boxHolds(page, 'half a thought');
    expect(await page.locator('#stage :is(img, iframe)').count()).toBe(0);
    // What is kept is told from what another AgentChat of the same origin keeps.
    const { pathname } = new URL(pages.url);
    const kept = pathname === '/' ? 'agentchat.' : `agentchat:${pathname}/.`;
    const names = await page.evaluate(() => Object.keys(localStorage));
    expect(names.filter((name) => !name.startsWith(kept))).toEqual([]);
    await toSessions();
    const docs = page.getByRole('link', { name: words.apiDocs });
    expect(await docs.evaluate((link: HTMLAnchorElement) => link.href)).toBe(`${pages.url}/docs`);
    expect(foreign.filter((url) => !url.startsWith('blob:'))).toEqual([]);
  }, 60_000);
}

async function choose(page: Page, row: ReturnType<Page['locator']>, entry: string) {
  await row.hover();
  await row.getByRole('button').click();
  await page.getByRole('menuitem', { name: entry, exact: true }).click();
}
