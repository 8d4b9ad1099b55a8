import { describe, expect, test } from 'bun:test';
import type { Locator } from 'playwright-core';
import { wordsEn } from '../../../static/versions/words-en.ts';
import { wordsZhCn } from '../../../static/versions/words-zh-cn.ts';
import { violations } from '../../testing/axe.ts';
import {
  becomes,
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
  thread,
  untilDone,
} from '../../testing/chat-page.ts';

const words = { en: wordsEn, 'zh-CN': wordsZhCn };
const switcher = (message: Locator) => message.locator('.versions');
const which = (message: Locator) => switcher(message).locator('.which > [aria-hidden]');
const showsWhich = (message: Locator, text: string) => becomes(() => which(message).textContent(), text);

/** Opens a message of the reader's to be said otherwise, and fills that in. */
async function rephrase(question: Locator, text: string, edit = 'Edit'): Promise<void> {
  await question.hover();
  await question.getByRole('button', { name: edit, exact: true }).click();
  await question.getByRole('textbox').fill(text);
}

describe.skipIf(noBrowser)('versions', () => {
  const pages = chatPages();

  /** Answers with a number, and remembers what it was shown. */
  function count() {
    const shown: unknown[] = [];
    pages.answer((_, request) => {
      shown.push(request.body.messages);
      return [{ text: `answer ${shown.length}` }];
    });
    return shown;
  }

  for (const { reader, options, words: page_ } of readers)
    test(`of a reply: asked again it replaces the first, which stays, ${reader}`, async () => {
      const say_ = words[options.locale === 'zh-CN' ? 'zh-CN' : 'en'];
      const shown = count();
      const page = await pages.open(options);
      await say(page, 'tell me');
      await sees(page, 'answer 1');
      await untilDone(page);
      await page.getByRole('button', { name: page_.regenerate }).click();
      await sees(page, 'answer 2');
      await untilDone(page);
      await counts(replies(page), 1);
      await counts(questions(page), 1);
      // It was not shown the answer that it replaces.
      expect(JSON.stringify(shown[1])).not.toContain('answer 1');
      await showsWhich(replies(page), '2/2');
      await switcher(replies(page)).getByRole('button', { name: say_.previous }).click();
      await sees(page, 'answer 1');
      await showsWhich(replies(page), '1/2');
      await counts(thread(page).getByText('answer 2'), 0);
      // The keyboard stays where it was, and goes on.
      await hasFocus(switcher(replies(page)).getByRole('button', { name: say_.next }));
      await page.keyboard.press('ArrowRight');
      await sees(page, 'answer 2');
      await page.keyboard.press('ArrowLeft');
      await sees(page, 'answer 1');
      expect(await violations(page)).toEqual([]);
      await page.reload();
      await sees(page, 'answer 1');
      await showsWhich(replies(page), '1/2');
      // What is said next stands behind what is shown.
      await say(page, 'and then?');
      await sees(page, 'answer 3');
      expect(JSON.stringify(shown[2])).toContain('answer 1');
      expect(JSON.stringify(shown[2])).not.toContain('answer 2');
    });

  test('of a reply: asked for while the page still reads what was said before', async () => {
    count();
    const page = await pages.open();
    await say(page, 'tell me');
    await sees(page, 'answer 1');
    await untilDone(page);
    const read = Promise.withResolvers<void>();
    let held = 0;
    await page.route(/\/history\?/, async (route) => {
      const response = await route.fetch();
      held++;
      await read.promise;
      await route.fulfill({ response });
    });
    await page.getByRole('button', { name: 'Ask again' }).click();
    await sees(page, 'answer 2');
    await becomes(() => held > 0, true);
    const begun = page.waitForRequest(/\/turns\?/);
    await page.getByRole('button', { name: 'Ask again' }).click();
    await begun;
    read.resolve();
    await sees(page, 'answer 3');
    await untilDone(page);
    await showsWhich(replies(page), '3/3');
  });

  test('of a question: said otherwise it takes along what followed, and comes back with it', async () => {
    const shown = count();
    const page = await pages.open();
    for (const [n, text] of ['first', 'second', 'third'].entries()) {
      await say(page, text);
      await sees(page, `answer ${n + 1}`);
      await untilDone(page);
    }
    await rephrase(questions(page).nth(1), 'second, but better');
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await sees(page, 'answer 4');
    await untilDone(page);
    await counts(questions(page), 2);
    expect(JSON.stringify(shown[3])).not.toContain('third');
    expect(JSON.stringify(shown[3])).not.toContain('answer 2');
    await showsWhich(questions(page).nth(1), '2/2');
    await switcher(questions(page).nth(1)).getByRole('button', { name: wordsEn.previous }).click();
    await sees(page, 'answer 3');
    await counts(questions(page), 3);
    // The very first one too.
    await rephrase(questions(page).first(), 'first of all');
    await page.keyboard.press('Enter');
    await sees(page, 'answer 5');
    await untilDone(page);
    await counts(questions(page), 1);
    expect(JSON.stringify(shown[4])).not.toContain('second');
    await showsWhich(questions(page).first(), '2/2');
  });

  test('what is being said otherwise outlives a reload, is taken back by Escape, and is opened by an arrow', async () => {
    count();
    const page = await pages.open();
    await say(page, 'as it was');
    await sees(page, 'answer 1');
    await untilDone(page);
    await page.press('#input', 'ArrowUp');
    const box = questions(page).first().getByRole('textbox');
    await hasFocus(box);
    // The same again is nothing else.
    await page
      .getByRole('button', { name: wordsEn.send, exact: true })
      .and(page.locator(':disabled'))
      .first()
      .waitFor();
    await box.fill('as it should be');
    await page.reload();
    await sees(page, 'answer 1');
    await page.press('#input', 'ArrowUp');
    await becomes(() => box.inputValue(), 'as it should be');
    await page.keyboard.press('Escape');
    await sees(page, 'as it was');
    await hasFocus(page.locator('#input'));
    await page.press('#input', 'ArrowUp');
    await becomes(() => box.inputValue(), 'as it was');
  });

  test('a session of its own begins with what was said up to a message', async () => {
    count();
    const page = await pages.open(phone);
    for (const [n, text] of ['one way', 'further'].entries()) {
      await say(page, text);
      await sees(page, `answer ${n + 1}`);
      await untilDone(page);
    }
    const before = page.url();
    await replies(page).first().getByRole('button', { name: wordsEn.fork }).click();
    await becomes(async () => page.url() !== before, true);
    await sees(page, 'answer 1');
    await counts(thread(page).getByText('further'), 0);
    await say(page, 'another way');
    await sees(page, 'answer 3');
    await page.goto(before);
    await sees(page, 'answer 2');
    await counts(thread(page).getByText('another way'), 0);
  });

  test('a page that was reloaded in the middle, and one in another tab, show the same', async () => {
    count();
    const page = await pages.open();
    await say(page, 'tell me');
    await sees(page, 'answer 1');
    await untilDone(page);
    const other = await pages.open({
      context: page.context(),
      path: new URL(page.url()).pathname + new URL(page.url()).search + new URL(page.url()).hash,
    });
    await sees(other, 'answer 1');
    const rest = Promise.withResolvers<void>();
    pages.answer(() => [{ text: 'half of it' }, { wait: rest.promise }, { text: ', and the rest' }]);
    await page.getByRole('button', { name: 'Ask again' }).click();
    await sees(page, 'half of it');
    await page.reload();
    await sees(page, 'half of it');
    rest.resolve();
    for (const one of [page, other]) {
      await sees(one, 'half of it, and the rest');
      await untilDone(one);
      await showsWhich(replies(one), '2/2');
      await counts(thread(one).getByText('answer 1'), 0);
    }
  });

  test('a server that dies in the middle loses none of them', async () => {
    count();
    const page = await pages.open();
    await say(page, 'tell me');
    await sees(page, 'answer 1');
    await untilDone(page);
    pages.answer(() => [{ text: 'half of it' }, { hang: true }]);
    await page.getByRole('button', { name: 'Ask again' }).click();
    await sees(page, 'half of it');
    await pages.kill();
    pages.answer(() => [{ text: 'all of it' }]);
    await pages.start();
    await sees(page, 'all of it');
    await untilDone(page);
    await showsWhich(replies(page), '2/2');
    await counts(thread(page).getByText('half of it'), 0);
    // Said otherwise while the server is away, it is sent when that is back.
    await pages.kill();
    await rephrase(questions(page).first(), 'tell me more');
    await page.keyboard.press('Enter');
    await pages.start();
    await counts(questions(page), 1);
    await becomes(() => thread(page).getByText('all of it').count(), 1);
    await untilDone(page);
    await showsWhich(questions(page), '2/2');
  });
});
