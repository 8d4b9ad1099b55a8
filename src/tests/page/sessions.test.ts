// The list of sessions on the chat page, in a real browser.
import { describe, expect, test } from 'bun:test';
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import {
  becomes,
  chatPages,
  counts,
  drawn,
  hasFocus,
  noBrowser,
  phone,
  say,
  sees,
  thread,
  until,
  untilDone,
} from '../../testing/chat-page.ts';
import { seededId, seedSessions } from '../../testing/seeded-sessions.ts';

const row = (page: Page, name: string) => page.locator('#session-list li').filter({ hasText: name });

async function choose(page: Page, name: string, entry: string) {
  await row(page, name).hover();
  await row(page, name).getByRole('button').click();
  await page.getByRole('menuitem', { name: entry }).click();
}

describe.skipIf(noBrowser)('the list of sessions', () => {
  const pages = chatPages({
    before: (database) =>
      seedSessions(database, [
        { id: seededId(1), name: 'Used yesterday', daysAgo: 1, messages: 2 },
        { id: seededId(2), name: 'Used long ago', daysAgo: 800 },
        ...Array.from({ length: 60 }, (_, n) => ({
          id: seededId(100 + n),
          name: `Older ${n}`,
          daysAgo: 400 + n / 100,
        })),
      ]),
  });

  test('a new one, the old one, back and forward: the address names what is open', async () => {
    const page = await pages.open();
    await say(page, 'first topic');
    await sees(page, 're: first topic');
    const first = page.url();
    await page.click('#new-session');
    await page.locator('.welcome').waitFor();
    await hasFocus(page.locator('#input'));
    await say(page, 'second topic');
    await sees(page, 're: second topic');
    await row(page, 'first topic').locator('a').click();
    await sees(page, 're: first topic');
    await becomes(() => page.url(), first);
    await counts(thread(page).getByText('re: second topic'), 0);
    await page.goBack();
    await sees(page, 're: second topic');
    await page.goForward();
    await sees(page, 're: first topic');
    await page.goto(`${pages.url}/?session=${first.split('/').at(-1)}`);
    await sees(page, 're: first topic');
    await becomes(() => page.url(), first);
  });

  test('grouped by day, in the reader’s language, and read to its end', async () => {
    const page = await pages.open({ locale: 'zh-CN' });
    const yesterday = page.getByRole('region', { name: '昨天' });
    await yesterday.getByText('Used yesterday').waitFor();
    await page.locator('#session-list li').last().scrollIntoViewIfNeeded();
    await row(page, 'Used long ago').scrollIntoViewIfNeeded();
    const year = new Date(Date.now() - 800 * 24 * 60 * 60 * 1000).getFullYear();
    await page
      .getByRole('region', { name: String(year) })
      .getByText('Used long ago')
      .waitFor();
  });

  test('the search finds names and what was said, and says when there is nothing', async () => {
    const page = await pages.open();
    await say(page, 'the word is rhubarb');
    await sees(page, 're: the word is rhubarb');
    await page.keyboard.press('Control+k');
    await hasFocus(page.locator('#search'));
    await page.keyboard.type('USED');
    await counts(page.locator('#session-list li'), 2);
    await page.fill('#search', 'rhubarb');
    await counts(page.locator('#session-list li'), 1);
    await page.fill('#search', 'no such thing');
    await page.getByText('No session contains “no such thing”.').waitFor();
    await page.press('#search', 'Escape');
    await row(page, 'Used yesterday').waitFor();
    await becomes(() => page.inputValue('#search'), '');
  });

  test('a search that takes long goes on by itself, through pages that are empty', async () => {
    const page = await pages.open();
    let empty = 0;
    await page.route('**/api/sessions?*q=Used*', async (route) => {
      if (empty === 2) return route.continue();
      const Link = `</api/sessions?q=Used&limit=40&empty=${++empty}>; rel="next"`;
      await route.fulfill({ json: [], headers: { Link } });
    });
    await page.fill('#search', 'Used');
    await counts(page.locator('#session-list li'), 2);
  });

  test('renamed in place: Enter saves, Escape does not, a composition is not disturbed', async () => {
    const page = await pages.open({ path: `/#/sessions/${seededId(1)}` });
    await choose(page, 'Used yesterday', 'Rename');
    const field = page.getByLabel('New name');
    await field.fill('Not this');
    await field.press('Escape');
    await row(page, 'Used yesterday').locator('a').focus();
    await page.keyboard.press('F2');
    await field.fill('昨');
    await field.dispatchEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true });
    await drawn(page);
    await field.press('End');
    await field.pressSequentially('天');
    await field.press('Enter');
    await row(page, '昨天').waitFor();
    await page.locator('#title').getByText('昨天').waitFor();
    await hasFocus(row(page, '昨天').locator('a'));
    await page.getByRole('button', { name: 'More for this session' }).click();
    await page.getByRole('menuitem', { name: 'Rename' }).click();
    await page.locator('.topbar').getByLabel('New name').fill('Used yesterday');
    await page.keyboard.press('Enter');
    await row(page, 'Used yesterday').waitFor();
    await hasFocus(page.getByRole('button', { name: 'More for this session' }));
    const stored = async () => (await pages.call('GET', `/api/sessions/${seededId(1)}`)).name;
    await becomes(stored, 'Used yesterday');
  });

  test('deleted with a way back, and for good when the page is left', async () => {
    const page = await pages.open();
    await say(page, 'short-lived');
    await sees(page, 're: short-lived');
    await untilDone(page);
    const id = page.url().split('/').at(-1) ?? '';
    await choose(page, 'short-lived', 'Delete');
    await page.locator('.welcome').waitFor();
    await counts(row(page, 'short-lived'), 0);
    await page.getByRole('button', { name: 'Undo' }).click();
    await row(page, 'short-lived').waitFor();
    await sees(page, 're: short-lived');
    expect(await pages.call('GET', `/api/sessions/${id}`)).toMatchObject({ name: 'short-lived' });

    await row(page, 'short-lived').locator('a').focus();
    await page.keyboard.press('Delete');
    await page.getByText('“short-lived” is deleted.').waitFor();
    await page.reload();
    await page.locator('.welcome').waitFor();
    await until(async () => (await pages.call('GET', `/api/sessions/${id}`)).status === 404, 'the deletion');
  });

  test('deleted for good when the time to undo is over', async () => {
    const page = await pages.open();
    const { id } = await pages.call('POST', '/api/sessions', { name: 'soon gone' });
    await page.reload();
    await row(page, 'soon gone').locator('a').focus();
    await page.keyboard.press('Delete');
    await page.locator('.toast').waitFor();
    // The focus goes to what is next in the list.
    await becomes(() => page.evaluate(() => document.activeElement?.matches('#session-list a')), true);
    // Who opens it all the same is told when it is gone.
    await page.goto(`${pages.url}/#/sessions/${id}`);
    await page.getByText('This session has no messages yet.').waitFor();
    await page.locator('.toast').waitFor({ state: 'detached' });
    await page.getByText('This session cannot be opened.').waitFor();
    await until(async () => (await pages.call('GET', `/api/sessions/${id}`)).status === 404, 'the deletion');
  }, 60_000);

  test('exported as Markdown and as JSON', async () => {
    pages.answer(() => [{ thought: 'well' }, { text: 'A **bold** answer' }]);
    const page = await pages.open();
    await say(page, 'what / is: it?');
    await sees(page, /bold/);
    await untilDone(page);
    await page.getByRole('button', { name: 'More for this session' }).click();
    await page.getByRole('menuitem', { name: 'Save or share…' }).click();
    const saved = async (form: string) => {
      const download = page.waitForEvent('download');
      await page.getByRole('dialog').getByRole('button', { name: form }).click();
      const file = await download;
      return { name: file.suggestedFilename(), text: await readFile(await file.path(), 'utf8') };
    };
    const markdown = await saved('Markdown');
    expect(markdown.name).toBe('what is it.md');
    expect(markdown.text).toContain('# what / is: it?');
    expect(markdown.text).toMatch(/## You · .*\n\nwhat \/ is: it\?/);
    expect(markdown.text).toContain('<summary>Thought</summary>\n\n```\nwell\n```');
    expect(markdown.text).toContain('A **bold** answer');
    const json = JSON.parse((await saved('JSON')).text);
    expect(json).toMatchObject({
      session: { name: 'what / is: it?' },
      messages: [{ source: 'user' }, { type: 'ThoughtEvent' }, { content: 'A **bold** answer' }],
    });
  });

  test('what another tab or another device changes shows by itself', async () => {
    const page = await pages.open();
    const other = await pages.open({ context: page.context() });
    await say(other, 'from the other tab');
    await row(page, 'from the other tab').waitFor();
    await untilDone(other);
    const made = await pages.call('POST', '/api/sessions', { name: 'from a phone' });
    await row(page, 'from a phone').waitFor();
    await pages.call('DELETE', `/api/sessions/${made.id}`);
    await pages.call('DELETE', `/api/sessions/${other.url().split('/').at(-1)}`);
    await row(page, 'from a phone').waitFor({ state: 'detached' });
    // Who had it open still sees what was said, and why nothing can be sent.
    await other.getByText('This session cannot be opened.').waitFor();
    await sees(other, 're: from the other tab');
  }, 60_000);

  test('a session that is not there says so, and a new one is at hand', async () => {
    const page = await pages.open({ path: `/#/sessions/${seededId(999)}` });
    await page.getByText('This session cannot be opened.').waitFor();
    await page.click('#new-session');
    await page.locator('.welcome').waitFor();
  });

  test('on a phone the list is a drawer', async () => {
    const page = await pages.open({ ...phone, locale: 'zh-CN' });
    await page.locator('.welcome').waitFor();
    await page.getByRole('button', { name: '打开会话列表' }).tap();
    await row(page, 'Used yesterday').locator('a').tap();
    await sees(page, 'message 2 of this long story');
    await page.locator('.drawer.open').waitFor({ state: 'detached' });
    const opener = page.getByRole('button', { name: '打开会话列表' });
    await hasFocus(opener);
    await opener.tap();
    await hasFocus(page.locator('#close-drawer'));
    await page.keyboard.press('Escape');
    await page.locator('.drawer.open').waitFor({ state: 'detached' });
    await hasFocus(opener);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  });
});
