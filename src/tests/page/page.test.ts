// The chat page in a real browser, against the real server: saying something and being answered.
import { describe, expect, test } from 'bun:test';
import {
  becomes,
  chatPages,
  counts,
  hasFocus,
  noBrowser,
  questions,
  readers,
  replies,
  say,
  sees,
  thread,
  until,
  untilDone,
} from '../../testing/chat-page.ts';
import type { ModelStep } from '../../testing/model-server.ts';

if (noBrowser) console.log('The page is not tested: there is no Chromium on this machine.');

describe.skipIf(noBrowser)('the chat page', () => {
  const pages = chatPages();

  test('say something, see thought and answer, reload, and find it all again', async () => {
    pages.answer((text) => [{ thought: 'let me think' }, { text: 'You said ' }, { text }]);
    const page = await pages.open();
    await say(page, 'hello page');
    await sees(page, 'You said hello page');
    await untilDone(page);
    await page.locator('#session-list').getByText('hello page').waitFor();
    await page.locator('details.thought:not([open]) summary').click();
    await page.getByText('let me think').waitFor();
    await page.reload();
    await sees(page, 'You said hello page');
    await until(async () => (await page.title()).includes('hello page'), 'the title');
  });

  test('a reply is seen while it streams, its thought open until the answer begins', async () => {
    const [answer, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    pages.answer(() => [
      { thought: 'hmm' },
      { wait: answer.promise },
      { text: 'the beginning' },
      { wait: end.promise },
      { text: ' and the end' },
    ]);
    const page = await pages.open();
    await say(page, 'slowly');
    await page.locator('details.thought[open]').getByText('hmm').waitFor();
    answer.resolve();
    await sees(page, 'the beginning');
    await page.locator('details.thought:not([open])').waitFor();
    end.resolve();
    await sees(page, 'the beginning and the end');
    await page.getByText(/Thought for [\d.]+/).waitFor();
    await page.evaluate(() => localStorage.clear());
    await page.reload();
    await page.getByText(/Thought for [\d.]+/).waitFor();
  });

  test('an error of the model is shown with what to do, a retry works, and so does the next message', async () => {
    pages.answer(() => [{ status: 500, body: { error: { message: 'no sk-secret' } } }]);
    const page = await pages.open();
    await say(page, 'will fail');
    await thread(page)
      .getByText(/model server failed/)
      .first()
      .waitFor();
    expect(await page.content()).not.toContain('sk-secret');
    await page.reload();
    await thread(page)
      .getByText(/model server failed/)
      .first()
      .waitFor();
    pages.answer(() => [{ text: 'better now' }]);
    await page.getByRole('button', { name: 'Try again' }).click();
    await hasFocus(page.locator('#input'));
    await sees(page, 'better now');
    await counts(thread(page).getByText(/model server failed/), 0);
    pages.answer(() => [{ text: 'and again' }]);
    await say(page, 'once more');
    await sees(page, 'and again');
    await counts(questions(page), 2);
  });

  test('an error that somebody has to mend first has no button to try again, after a reload neither', async () => {
    const refusals: ModelStep[] = [
      { status: 401, body: { error: { message: 'bad key' } } },
      { status: 429, body: { error: { code: 'insufficient_quota' } } },
      { status: 308, headers: { location: 'http://elsewhere.example/' } },
      { status: 413 },
    ];
    for (const refusal of refusals) {
      pages.answer(() => [refusal]);
      const page = await pages.open();
      await say(page, 'will fail');
      const failure = thread(page).locator('.failure');
      const isTold = () =>
        failure.getByText('Your message is kept').or(failure.getByText('It is kept')).waitFor();
      await isTold();
      await counts(failure.getByRole('button'), 0);
      await page.reload();
      await isTold();
      await counts(failure.getByRole('button'), 0);
      pages.answer(() => [{ text: 'mended' }]);
      await say(page, 'and now?');
      await sees(page, 'mended');
    }
  });

  test('Stop keeps what was written', async () => {
    pages.answer(() => [{ text: 'as far as this' }, { hang: true }]);
    const page = await pages.open();
    await say(page, 'stop me');
    await sees(page, 'as far as this');
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await sees(page, /Stopped; this is what/);
    await page.locator('#send').waitFor();
    await sees(page, 'as far as this');
    await page.locator('#status').getByText('Stopped; this is what').waitFor({ state: 'attached' });
  });

  for (const { reader, options } of readers) {
    test(`nothing that a model writes runs or loads (${reader})`, async () => {
      const hostile =
        '<script>document.title="owned"</script><img src=x onerror="document.title=\'owned\'">[x](javascript:alert(1))<style>*{display:none}</style>';
      pages.answer(() => [{ text: hostile }, { text: '\n\nafter all that' }]);
      const page = await pages.open(options);
      await say(page, 'be nasty');
      await sees(page, 'after all that');
      await untilDone(page);
      expect(await page.title()).not.toBe('owned');
      expect(await thread(page).locator('img, script, style, iframe, a[href^="javascript"]').count()).toBe(0);
    });
  }

  test('it speaks Chinese to those who read it, and asks the server to', async () => {
    pages.answer(() => [{ status: 500 }]);
    const page = await pages.open({ locale: 'zh-CN' });
    await becomes(() => page.getAttribute('html', 'lang'), 'zh-CN');
    await say(page, '你好');
    await thread(page)
      .getByText(/您的消息已保存/)
      .first()
      .waitFor();
  });

  test('time, model and tokens are told on demand, and a message is copied as it was written', async () => {
    pages.answer(() => [{ text: 'some **words**' }]);
    const page = await pages.open({ permissions: ['clipboard-read', 'clipboard-write'] });
    await say(page, 'tell me about it');
    await sees(page, /some/);
    await untilDone(page);
    await replies(page).getByRole('button', { name: 'Details' }).click();
    await page.getByText('test-model', { exact: true }).waitFor();
    await page.getByText(/1 read, 2 written/).waitFor();
    await page.keyboard.press('Escape');
    await replies(page).getByRole('button', { name: 'Copy' }).first().click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    await becomes(() => page.evaluate(() => navigator.clipboard.readText()), 'some **words**');
  });
});

describe.skipIf(noBrowser)('the demo model', () => {
  const pages = chatPages({ demo: true });

  test('is told from a real one, with how to set a real one', async () => {
    const page = await pages.open();
    await page.getByRole('button', { name: /database transaction/ }).click();
    await thread(page).locator('.demo').getByRole('button', { name: 'Set up a model' }).waitFor();
    await say(page, 'and more');
    await replies(page).nth(1).locator('.demo').waitFor();
    await counts(page.locator('.demo'), 1);
  });
});
