// The message box of the chat page, and the keyboard, in a real browser.
import { describe, expect, test } from 'bun:test';
import {
  chatPages,
  noBrowser,
  phone,
  questions,
  replies,
  say,
  sees,
  thread,
  until,
  untilDone,
} from './testing/chat-page.ts';

describe.skipIf(noBrowser)('the message box', () => {
  const pages = chatPages();

  test('grows with its text to a limit, and is small again when it is sent', async () => {
    const page = await pages.open(phone);
    const height = async () => (await page.locator('#input').boundingBox())?.height ?? 0;
    const one = await height();
    await page.locator('#input').focus();
    await page.keyboard.type('one');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('two');
    expect(await page.inputValue('#input')).toBe('one\ntwo');
    expect(await height()).toBeGreaterThan(one);
    await page.fill('#input', 'line\n'.repeat(300));
    expect(await height()).toBeLessThan(740 * 0.45);
    await page.press('#input', 'Enter');
    await replies(page).first().waitFor();
    await until(async () => (await height()) === one);
  });

  test('an Enter that confirms a composition does not send', async () => {
    const page = await pages.open({ locale: 'zh-CN' });
    await page.locator('#input').focus();
    const keyboard = await page.context().newCDPSession(page);
    await keyboard.send('Input.imeSetComposition', { text: 'ni hao', selectionStart: 6, selectionEnd: 6 });
    expect(await page.inputValue('#input')).toBe('ni hao');
    // What browsers send for an Enter that an input method takes for itself.
    await keyboard.send('Input.dispatchKeyEvent', {
      type: 'rawKeyDown',
      key: 'Process',
      code: 'Enter',
      windowsVirtualKeyCode: 229,
    });
    await page.keyboard.press('Enter');
    await keyboard.send('Input.insertText', { text: '你好' });
    // Safari ends the composition first, and its key press still has the code of an input method.
    await page.locator('#input').dispatchEvent('keydown', { key: 'Enter', keyCode: 229, bubbles: true });
    expect(await questions(page).count()).toBe(0);
    await until(async () => (await page.inputValue('#input')).includes('你好'));
    await page.fill('#input', '你好');
    await page.press('#input', 'Enter');
    await sees(page, 're: 你好');
    expect(await questions(page).count()).toBe(1);
  });

  test('a half-written message stays with its session, also when the page is loaded again', async () => {
    const page = await pages.open();
    await page.fill('#input', 'for a new one');
    await page.reload();
    expect(await page.inputValue('#input')).toBe('for a new one');
    await page.press('#input', 'Enter');
    await sees(page, 're: for a new one');
    await untilDone(page);
    expect(await page.inputValue('#input')).toBe('');
    await page.fill('#input', 'half a thou');
    await page.click('#new-session');
    expect(await page.inputValue('#input')).toBe('');
    await page.fill('#input', 'something else');
    await page.goBack();
    await until(async () => (await page.inputValue('#input')) === 'half a thou');
    await page.reload();
    await until(async () => (await page.inputValue('#input')) === 'half a thou');
    await page.click('#new-session');
    await until(async () => (await page.inputValue('#input')) === 'something else');
  });

  test('a long text is taken, and one that is too long is told before it is sent', async () => {
    pages.answer((text) => [{ text: `${text.length} characters` }]);
    const page = await pages.open();
    await page.fill('#input', 'some words '.repeat(30_000));
    await page.getByText(/330000 characters; a message may have 262144/).waitFor();
    await page.press('#input', 'Enter');
    expect(await page.locator('#send').isDisabled()).toBe(true);
    await page.fill('#input', 'some words '.repeat(20_000));
    await page.press('#input', 'Enter');
    await sees(page, '220000 characters');
  });

  test('a message that the server refuses is not lost: not by a reload, and it can be put back', async () => {
    const page = await pages.open();
    await say(page, 'hello');
    await sees(page, 're: hello');
    await untilDone(page);
    await page.route('**/chat', (route) =>
      route.fulfill({
        status: 429,
        contentType: 'application/problem+json',
        headers: { 'Retry-After': '7' },
        body: JSON.stringify({ status: 429, title: 'Too many', detail: 'Too many messages wait.' }),
      }),
    );
    await say(page, 'precious words');
    await thread(page).getByText('Too many messages wait. Please try again in 7 s.').waitFor();
    await page.reload();
    await thread(page).getByText('Too many messages wait. Please try again in 7 s.').waitFor();
    await page.getByRole('button', { name: 'Put it back into the box' }).click();
    expect(await page.inputValue('#input')).toBe('precious words');
    expect(await questions(page).count()).toBe(1);
    await page.press('#input', 'Enter');
    await thread(page)
      .getByText(/Too many/)
      .waitFor();
    await page.unroute('**/chat');
    await page.getByRole('button', { name: 'Send again', exact: true }).click();
    await sees(page, 're: precious words');
    expect(await questions(page).count()).toBe(2);
  });

  test('everything by keyboard: shortcuts, their sheet, menus, and the way through the page', async () => {
    const page = await pages.open();
    await page.locator('.welcome').waitFor();
    const focused = () => page.evaluate(() => document.activeElement?.id ?? '');
    await page.keyboard.press('Control+/');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await say(page, 'typed only');
    await sees(page, 're: typed only');
    await untilDone(page);
    await page.keyboard.press('ArrowUp');
    expect(await page.inputValue('#input')).toBe('typed only');
    await page.fill('#input', '');
    await page.keyboard.press('Control+k');
    await until(async () => (await focused()) === 'search');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Rename' }).waitFor();
    await until(() =>
      page.getByRole('menuitem', { name: 'Rename' }).evaluate((item) => item.matches(':focus')),
    );
    await page.keyboard.press('ArrowUp');
    expect(
      await page.getByRole('menuitem', { name: 'Delete' }).evaluate((item) => item.matches(':focus')),
    ).toBe(true);
    await page.keyboard.press('Escape');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-haspopup'))).toBe('menu');
    await page.keyboard.press('/');
    expect(await focused()).toBe('input');
    await page.keyboard.press('Control+Shift+O');
    await page.locator('.welcome').waitFor();
    await until(async () => (await focused()) === 'input');
  });

  test('Escape stops the reply', async () => {
    pages.answer(() => [{ text: 'going on' }, { hang: true }]);
    const page = await pages.open();
    await say(page, 'stop by key');
    await sees(page, 'going on');
    await page.press('#input', 'Escape');
    await sees(page, /Stopped; this is what/);
  });
});
