// The chat page in a real browser, against the real server.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { chromiumPath, startBrowser } from './testing/browser.ts';
import { type ModelServer, type ModelStep, startModelServer } from './testing/model-server.ts';
import { freePort, type ServerProcess, startServer } from './testing/server-process.ts';

if (chromiumPath === undefined) console.log('The page is not tested: there is no Chromium on this machine.');

describe.skipIf(chromiumPath === undefined)('the chat page', () => {
  let folder: string;
  let model: ModelServer;
  let server: ServerProcess;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let answer: (text: string) => ModelStep[] | Promise<ModelStep[]>;
  let problems: string[];
  const env = async () => ({ DATA_DIR: folder, OPENAI_BASE_URL: model.url, OPENAI_MODEL: 'test' });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'agentchat-page-'));
    model = startModelServer(({ body }) => {
      const messages = body.messages as { content: string }[];
      return answer(messages.at(-1)?.content ?? '');
    });
    server = await startServer({ env: { ...(await env()), PORT: String(await freePort()) } });
    browser = await startBrowser();
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    await server?.kill('SIGKILL');
    model?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function open(locale = 'en-US') {
    context = await browser.newContext({ locale });
    page = await context.newPage();
    problems = [];
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => {
      if (/Content Security Policy/i.test(message.text())) problems.push(message.text());
    });
    page.setDefaultTimeout(30_000);
    await page.goto(server.url);
  }

  afterEach(() => context?.close());

  const say = async (text: string) => {
    await page.fill('#input', text);
    await page.press('#input', 'Enter');
  };
  const conversation = (of: Page) => of.locator('#stage');
  const sees = (text: string) => conversation(page).getByText(text).last().waitFor();

  test('say something, see thought and answer, reload, and find it all again', async () => {
    answer = (text) => [{ thought: 'let me think' }, { text: 'You said ' }, { text }];
    await open();
    await say('hello page');
    await sees('You said hello page');
    await page.getByRole('list').getByText('hello page').first().waitFor();
    expect(await page.locator('details').first().getAttribute('open')).toBeNull();
    await page.locator('details summary').first().click();
    await page.getByText('let me think').waitFor();
    await page.reload();
    await sees('You said hello page');
    expect(problems).toEqual([]);
  });

  test('a reply is seen while it streams', async () => {
    answer = () => [{ text: 'the beginning' }, { wait: 1500 }, { text: ' and the end' }];
    await open();
    await say('slowly');
    await sees('the beginning');
    expect(await conversation(page).getByText('and the end').count()).toBe(0);
    await sees('the beginning and the end');
  });

  test('sessions: a new one, back to the old one, and deleting', async () => {
    answer = (text) => [{ text: `re: ${text}` }];
    await open();
    await say('first topic');
    await sees('re: first topic');
    await page.click('#new-session');
    await say('second topic');
    await sees('re: second topic');
    await page.locator('#session-list').getByText('first topic').click();
    await sees('re: first topic');
    expect(await conversation(page).getByText('re: second topic').count()).toBe(0);
    await page.goBack();
    await sees('re: second topic');

    const entry = page.locator('#session-list li').filter({ hasText: 'second topic' });
    await entry.hover();
    await entry.getByRole('button', { name: /delete/i }).click();
    await page.click('#ask-yes');
    await entry.waitFor({ state: 'detached' });
    expect(problems).toEqual([]);
  });

  test('an error of the model is shown with what to do, and the next message works', async () => {
    answer = () => [{ status: 401, body: { error: { message: 'bad key sk-secret' } } }];
    await open();
    await say('will fail');
    await conversation(page)
      .getByText(/refused/)
      .first()
      .waitFor();
    expect(await page.content()).not.toContain('sk-secret');
    answer = () => [{ text: 'better now' }];
    await say('again');
    await sees('better now');
  });

  test('nothing that a model writes runs or loads', async () => {
    const hostile =
      '<script>document.title="owned"</script><img src=x onerror="document.title=\'owned\'">[x](javascript:alert(1))<style>*{display:none}</style>';
    answer = () => [{ text: hostile }];
    await open();
    await say('be nasty');
    await sees('document.title="owned"');
    expect(await page.title()).not.toBe('owned');
    expect(
      await page.locator('#stage img, #stage script, #stage style, #stage a[href^="javascript"]').count(),
    ).toBe(0);
    expect(problems).toEqual([]);
  });

  test('Enter that confirms a composition does not send', async () => {
    answer = () => [{ text: 'sent' }];
    await open();
    await page.fill('#input', '你好');
    await page.locator('#input').dispatchEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true });
    expect(await page.inputValue('#input')).toBe('你好');
    await page.press('#input', 'Enter');
    await sees('sent');
  });

  test('it speaks Chinese to those who read it, and asks the server to', async () => {
    answer = () => [{ status: 500 }];
    await open('zh-CN');
    expect(await page.getAttribute('html', 'lang')).toBe('zh-CN');
    await say('你好');
    await conversation(page)
      .getByText(/您的消息已保存/)
      .first()
      .waitFor();
  });

  test('a server killed in the middle of an answer: the page follows the answer to its end on the next one', async () => {
    answer = () => [{ text: 'half an answer' }, { hang: true }];
    await open();
    await say('hold on');
    await sees('half an answer');
    const port = String(server.port);
    await server.kill('SIGKILL');
    answer = (text) => [{ text: `back: ${text}` }];
    server = await startServer({ env: { ...(await env()), PORT: port } });
    await sees('back: hold on');
    expect(await conversation(page).getByText('half an answer').count()).toBe(0);
    await say('still there?');
    await sees('back: still there?');
  }, 180_000);
});

describe.skipIf(chromiumPath === undefined)('the API reference', () => {
  test('shows the operations and loads nothing from elsewhere', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'agentchat-docs-'));
    const server = await startServer({ env: { DATA_DIR: folder } });
    const browser = await startBrowser();
    try {
      const page = await browser.newPage();
      const foreign: string[] = [];
      page.on('request', (request) => {
        if (!request.url().startsWith(server.url) && !request.url().startsWith('data:'))
          foreign.push(request.url());
      });
      await page.goto(`${server.url}/docs`);
      await page.getByText('/api/sessions/{id}/chat').first().waitFor({ timeout: 60_000 });
      expect(foreign).toEqual([]);
    } finally {
      await browser.close();
      await server.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    }
  }, 180_000);
});
