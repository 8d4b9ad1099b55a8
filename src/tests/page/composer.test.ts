// The message box of the chat page, and the keyboard, in a real browser.
import { describe, expect, test } from 'bun:test';
import {
  becomes,
  boxHolds,
  chatPages,
  counts,
  hasFocus,
  noBrowser,
  phone,
  questions,
  readers,
  replies,
  say,
  sees,
  send,
  thread,
  until,
  untilDone,
} from '../../testing/chat-page.ts';

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
    await boxHolds(page, 'one\ntwo');
    await until(async () => (await height()) > one, 'two lines');
    const two = await height();
    await page.fill('#input', 'line\n'.repeat(300));
    await until(async () => (await height()) > two, 'many lines');
    expect(await height()).toBeLessThan(740 * 0.45);
    await send(page);
    await replies(page).first().waitFor();
    await until(async () => (await height()) === one);
  });

  for (const { reader, options } of readers) {
    test(`an Enter that confirms a composition does not send (${reader})`, async () => {
      const page = await pages.open(options);
      await page.locator('#input').focus();
      const keyboard = await page.context().newCDPSession(page);
      await keyboard.send('Input.imeSetComposition', { text: 'ni hao', selectionStart: 6, selectionEnd: 6 });
      await boxHolds(page, 'ni hao');
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
      await until(async () => (await page.inputValue('#input')).includes('你好'));
      await say(page, '你好');
      await sees(page, 're: 你好');
      // Had one of the others been sent, it would be here too.
      await counts(questions(page), 1);
    });
  }

  test('a half-written message stays with its session, also when the page is loaded again', async () => {
    const page = await pages.open();
    await page.fill('#input', 'for a new one');
    await page.reload();
    await boxHolds(page, 'for a new one');
    await send(page);
    await sees(page, 're: for a new one');
    await untilDone(page);
    await boxHolds(page, '');
    await page.fill('#input', 'half a thou');
    await page.click('#new-session');
    await boxHolds(page, '');
    await page.fill('#input', 'something else');
    await page.goBack();
    await boxHolds(page, 'half a thou');
    await page.reload();
    await boxHolds(page, 'half a thou');
    await page.click('#new-session');
    await boxHolds(page, 'something else');
  });

  test('a draft outlives its place in a storage that is full', async () => {
    const page = await pages.open();
    await page.fill('#input', 'it began');
    await page.evaluate(() => {
      Storage.prototype.setItem = () => {
        throw new DOMException('full', 'QuotaExceededError');
      };
    });
    await page.fill('#input', 'it began and went on');
    await page.goto(`${pages.url}/#/sessions/somewhere-else`);
    await boxHolds(page, '');
    await page.goBack();
    await boxHolds(page, 'it began and went on');
    await send(page);
    await sees(page, 're: it began and went on');
  });

  test('what is typed while a new session is being made stays in the box', async () => {
    const page = await pages.open();
    const made = Promise.withResolvers<void>();
    await page.route('**/api/sessions', async (route) => {
      if (route.request().method() === 'POST') await made.promise;
      await route.continue();
    });
    await say(page, 'first words');
    await page.keyboard.type(' and more');
    made.resolve();
    await sees(page, 're: first words');
    await boxHolds(page, 'and more');
    await page.reload();
    await boxHolds(page, 'and more');
  });

  test('a long text is taken, and one that is too long is told before it is sent', async () => {
    pages.answer((text) => [{ text: `${text.length} characters` }]);
    const page = await pages.open();
    await page.fill('#input', 'some words '.repeat(30_000));
    await page.getByText(/330000 characters; a message may have 262144/).waitFor();
    await page.press('#input', 'Enter');
    await page.locator('#send:disabled').waitFor();
    await say(page, 'some words '.repeat(20_000));
    await sees(page, '220000 characters');
    await counts(questions(page), 1);
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
    await boxHolds(page, 'precious words');
    await counts(questions(page), 1);
    await send(page);
    await thread(page)
      .getByText(/Too many/)
      .waitFor();
    await page.unroute('**/chat');
    await page.getByRole('button', { name: 'Send again', exact: true }).click();
    await sees(page, 're: precious words');
    await counts(questions(page), 2);
  });

  test('everything by keyboard: shortcuts, their sheet, menus, and the way through the page', async () => {
    const page = await pages.open();
    await page.locator('.welcome').waitFor();
    await page.keyboard.press('Control+/');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await say(page, 'typed only');
    await sees(page, 're: typed only');
    await untilDone(page);
    await boxHolds(page, '');
    await page.keyboard.press('ArrowUp');
    const box = questions(page).getByRole('textbox');
    await hasFocus(box);
    expect(await box.inputValue()).toBe('typed only');
    await page.keyboard.press('Escape');
    await hasFocus(page.locator('#input'));
    await page.keyboard.press('Control+k');
    await hasFocus(page.locator('#search'));
    const row = page.locator('#session-list li').first();
    await page.keyboard.press('ArrowDown');
    await hasFocus(row.getByRole('link'));
    await page.keyboard.press('Tab');
    await hasFocus(row.getByRole('button'));
    await page.keyboard.press('Enter');
    await hasFocus(page.getByRole('menuitem', { name: 'Rename' }));
    await page.keyboard.press('ArrowUp');
    await hasFocus(page.getByRole('menuitem', { name: 'Delete' }));
    await page.keyboard.press('Escape');
    await hasFocus(row.getByRole('button'));
    await page.keyboard.press('/');
    await hasFocus(page.locator('#input'));
    await page.keyboard.press('Control+Shift+O');
    await page.locator('.welcome').waitFor();
    await hasFocus(page.locator('#input'));
  });

  test('what is sent while a reply is being written waits in line, can be taken back, and goes in its order', async () => {
    const rest = Promise.withResolvers<void>();
    const asked: string[] = [];
    pages.answer((text) => {
      asked.push(text);
      return text === 'first'
        ? [{ text: 'it' }, { wait: rest.promise }, { text: ' is done' }]
        : [{ text: `re: ${text}` }];
    });
    const page = await pages.open();
    await say(page, 'first');
    await sees(page, 'it');
    for (const text of ['second', 'third', 'fourth', 'fifth']) await say(page, text);
    await counts(page.locator('.in-line'), 4);
    await page.locator('#stop').waitFor();
    await questions(page).filter({ hasText: 'third' }).getByRole('button', { name: 'Put it back' }).click();
    await boxHolds(page, 'third');
    await page.fill('#input', 'third, in other words');
    await send(page);
    await questions(page).filter({ hasText: 'fourth' }).getByRole('button', { name: 'Remove' }).click();
    await counts(page.locator('.in-line'), 3);
    expect(asked).toEqual(['first']);
    rest.resolve();
    await sees(page, 're: third, in other words');
    await untilDone(page);
    expect(asked).toEqual(['first', 'second', 'fifth', 'third, in other words']);
    await counts(page.locator('.in-line'), 0);
    await page.reload();
    await sees(page, 're: third, in other words');
    await counts(questions(page), 4);
  });

  test('what waits in line outlives a reload, and a server that dies', async () => {
    pages.answer(() => [{ text: 'it goes on' }, { hang: true }]);
    const page = await pages.open();
    await say(page, 'first');
    await sees(page, 'it goes on');
    await say(page, 'second');
    await page.locator('.in-line').waitFor();
    const address = page.url();
    await pages.kill();
    await page.reload().catch(() => {});
    pages.answer((text) => [{ text: `re: ${text}` }]);
    await pages.start();
    await page.goto(address);
    await sees(page, 're: second');
    await untilDone(page);
    await counts(questions(page), 2);
    await sees(page, 're: first');
  });

  test('Escape stops the reply from anywhere on the page, unless it closes or clears something', async () => {
    pages.answer(() => [{ text: 'going on' }, { hang: true }]);
    const page = await pages.open();
    await say(page, 'stop me from elsewhere');
    await sees(page, 'going on');
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('radio').first().waitFor({ state: 'detached' });
    await page.fill('#search', 'something');
    await page.press('#search', 'Escape');
    await becomes(() => page.inputValue('#search'), '');
    await page.locator('#stop').waitFor();
    await page.focus('#scroller');
    await page.keyboard.press('Escape');
    await sees(page, /Stopped; this is what/);
  });

  test('Escape stops the reply', async () => {
    pages.answer(() => [{ text: 'going on' }, { hang: true }]);
    const page = await pages.open();
    await say(page, 'stop by key');
    await sees(page, 'going on');
    await page.locator('#stop').waitFor();
    await page.press('#input', 'Escape');
    await sees(page, /Stopped; this is what/);
  });
});
