// The chat page in a real browser, against the real server and a scripted model, for the tests of one file.
import { afterAll, afterEach, beforeAll, expect } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { z } from 'zod';
import { wordsEn as signInEn } from '../../static/sign-in/words-en.ts';
import { wordsZhCn as signInZhCn } from '../../static/sign-in/words-zh-cn.ts';
import { en } from '../../static/texts/en.ts';
import { zhCn } from '../../static/texts/zh-cn.ts';
import { wordsEn } from '../../static/usage/words-en.ts';
import { wordsZhCn } from '../../static/usage/words-zh-cn.ts';
import { keptOrBuilt } from '../cli/serve/page-files.ts';
import type { Database } from '../db/database.ts';
import { chromiumPath, sharedBrowser } from './browser.ts';
import { type ModelServer, type ModelStep, type RecordedRequest, startModelServer } from './model-server.ts';
import { type PathProxy, startPathProxy } from './path-proxy.ts';
import { type ServerData, serverData } from './server-data.ts';
import { freePort, type ServerProcess, startServer } from './server-process.ts';

/** Without a browser there is nothing to test: `describe.skipIf(noBrowser)`. */
export const noBrowser = chromiumPath === undefined;

export const phone: BrowserContextOptions = {
  viewport: { width: 360, height: 740 },
  hasTouch: true,
  isMobile: true,
};
export const desktop: BrowserContextOptions = { viewport: { width: 1280, height: 800 } };

/** Two readers who between them have both languages and both sizes, and the words that the page has for them. */
export const readers = [
  {
    reader: 'in Chinese on a phone',
    options: { ...phone, locale: 'zh-CN' },
    words: { ...zhCn, ...signInZhCn, ...wordsZhCn },
  },
  {
    reader: 'in English on a desktop',
    options: { ...desktop, locale: 'en-US' },
    words: { ...en, ...signInEn, ...wordsEn },
  },
];

const asked = z.array(z.object({ content: z.string() }));

/** Patience for a machine that is busy with other things. */
export const patience = 25_000;

export type ChatPagesOptions = {
  /** May fill the database of the server that is to start. */
  before?: (database: Database) => Promise<void>;
  demo?: boolean;
  /** What starts the server, instead of `src/main.ts`. */
  entry?: string;
  /** More of the server's settings. */
  env?: Record<string, string>;
  /** Behind a proxy that serves `/agentchat` alone, and takes that away or leaves it there, as BASE_PATH says then. */
  below?: 'stripped' | 'whole';
};

/** Call it at the top of a `describe`. */
export function chatPages(options: ChatPagesOptions = {}) {
  let folder: string;
  let data: ServerData;
  let model: ModelServer;
  let server: ServerProcess;
  let browser: Browser;
  let port: string;
  let proxy: PathProxy | undefined;
  const contexts: BrowserContext[] = [];
  const problems: string[] = [];
  let script: (text: string, request: RecordedRequest) => ModelStep[] | Promise<ModelStep[]> = echo;

  const start = () => {
    const real = options.demo ? {} : { OPENAI_BASE_URL: model.url, OPENAI_MODEL: 'test-model' };
    const base = options.below === 'whole' ? { BASE_PATH: '/agentchat' } : {};
    const entry = options.entry === undefined ? {} : { entry: options.entry };
    return startServer({ ...entry, env: { ...data.env, PORT: port, ...real, ...base, ...options.env } });
  };
  const url = () => proxy?.url ?? server.url;
  const filled = async (before: (database: Database) => Promise<void>) => {
    const database = await data.open();
    await before(database).finally(() => database.close());
  };

  beforeAll(async () => {
    if (noBrowser) return;
    folder = await mkdtemp(join(tmpdir(), 'agentchat-page-'));
    // Built before the server has to be up in time.
    [data] = await Promise.all([serverData(folder), keptOrBuilt()]);
    if (options.before) await filled(options.before);
    model = startModelServer((request) => {
      const newest = asked.safeParse(request.body.messages).data?.at(-1)?.content ?? '';
      return script(newest, request);
    });
    port = String(await freePort());
    if (options.below) proxy = startPathProxy(() => server.url, '/agentchat', options.below === 'stripped');
    [server, browser] = await Promise.all([start(), sharedBrowser()]);
  }, 90_000);

  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
    script = echo;
    if (proxy) proxy.instead = () => undefined;
    const seen = problems.splice(0);
    expect(seen).toEqual([]);
  });

  afterAll(async () => {
    await server?.kill('SIGKILL');
    model?.stop();
    await proxy?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  }, 60_000);

  async function open(where: { path?: string; context?: BrowserContext } & BrowserContextOptions = {}) {
    const { path = '/', context: given, ...contextOptions } = where;
    const context = given ?? (await browser.newContext({ locale: 'en-US', ...desktop, ...contextOptions }));
    if (!given) contexts.push(context);
    context.setDefaultTimeout(patience);
    const page = await context.newPage();
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => {
      if (/Content Security Policy/i.test(message.text())) problems.push(message.text());
    });
    await page.goto(url() + path);
    await drawn(page);
    return page;
  }

  return {
    get url() {
      return url();
    },
    get model() {
      return model;
    },
    /** How the model answers from now on; without it, it repeats what it was told. */
    answer: (next: typeof script) => {
      script = next;
    },
    /** A new browser context, as another reader or another device has it, and the page in it. */
    open,
    /** What the proxy answers by itself from now on. */
    instead: (answer: PathProxy['instead']) => {
      if (proxy) proxy.instead = answer;
    },
    kill: () => server.kill('SIGKILL'),
    start: async () => {
      server = await start();
    },
    /** Calls the API as another device would. */
    call: async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
      const response = await fetch(url() + path, {
        method,
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return response.json();
    },
  };
}

const echo = (text: string): ModelStep[] => [{ text: `re: ${text}` }];

export const thread = (page: Page): Locator => page.locator('#stage');
export const replies = (page: Page): Locator => page.locator('.message.assistant');
export const questions = (page: Page): Locator => page.locator('.message.user');

/** Signs in where the form is, and waits for the page. */
export async function signIn(page: Page, key: string, then = '#input'): Promise<void> {
  await page.fill('#key', key);
  await page.press('#key', 'Enter');
  await page.locator(then).waitFor();
}

export async function say(page: Page, text: string): Promise<void> {
  await page.fill('#input', text);
  await send(page);
}

/** Sends what is in the box, as soon as it may be sent. */
export async function send(page: Page): Promise<void> {
  await page.locator('#send:enabled').waitFor();
  await page.press('#input', 'Enter');
}

/** Waits until the conversation shows it. */
export const sees = (page: Page, text: string | RegExp): Promise<void> =>
  thread(page).getByText(text).last().waitFor();

/** Waits until nothing is being written any more. */
export const untilDone = (page: Page): Promise<void> =>
  page.locator('.message.assistant[aria-busy="true"]').waitFor({ state: 'detached' });

/** Waits until the page has drawn what was done to it, and what follows from that has been set going. */
export const drawn = (page: Page): Promise<void> =>
  page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));

/** Waits until the conversation no longer scrolls by itself; where it is then, in pixels. */
export const atRest = (page: Page): Promise<number> =>
  page.locator('#scroller').evaluate(
    (box) =>
      new Promise((done) => {
        let [top, still] = [box.scrollTop, 0];
        const look = () => {
          still = box.scrollTop === top ? still + 1 : 0;
          top = box.scrollTop;
          if (still < 12) requestAnimationFrame(look);
          else done(top);
        };
        requestAnimationFrame(look);
      }),
  );

/** Waits until the message box has this text. */
export const boxHolds = (page: Page, text: string): Promise<void> =>
  becomes(() => page.inputValue('#input'), text);

/** Waits until this has the focus. */
export const hasFocus = (locator: Locator): Promise<void> =>
  becomes(() => locator.evaluate((element) => element.matches(':focus')), true);

/** Waits until there are so many. */
export const counts = (locator: Locator, count: number): Promise<void> =>
  becomes(() => locator.count(), count);

/**
 * Waits until what is read is as it is to be. The page draws what was done a moment later, so nothing is to be
 * expected of it right after an action.
 */
export async function becomes(read: () => unknown, wanted: unknown): Promise<void> {
  const deadline = Date.now() + patience;
  while (true) {
    const seen = await Promise.resolve(read()).catch(ofLeftPage);
    if (Bun.deepEquals(seen, wanted)) return;
    if (Date.now() > deadline) expect(seen).toEqual(wanted);
    await Bun.sleep(50);
  }
}

/** A page that goes to another while it is read tells nothing yet; every other error is one. */
function ofLeftPage(error: unknown): undefined {
  if (!String(error).includes('Execution context was destroyed')) throw error;
}

/** Waits until it holds; for what no locator can wait for. */
export async function until(
  holds: () => Promise<boolean> | boolean,
  what = 'it',
  ms = patience,
): Promise<void> {
  const deadline = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`${what} did not come true`);
    await Bun.sleep(50);
  }
}
