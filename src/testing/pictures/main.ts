// `bun run pictures`: the pictures of the chat page in docs/pictures/, the same at each run. It needs Chromium, and
// fonts with Chinese letters.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { keptOrBuilt } from '../../cli/serve/page-files.ts';
import { chromiumPath, startBrowser } from '../browser.ts';
import { startServer } from '../server-process.ts';
import { beginWork, startWorkingModel, stopTimes, writeAgent } from './at-work.ts';
import { missingFonts, onlyTheseFonts } from './fonts.ts';
import { type Told, told } from './picture-texts.ts';
import { now, tell } from './sessions.ts';

const pictures = join(import.meta.dir, '../../../docs/pictures');
const sizes = {
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
  desktop: { viewport: { width: 1280, height: 800 } },
  agent: { viewport: { width: 1280, height: 880 } },
};

const missing = await missingFonts();
if (chromiumPath === undefined || missing.length > 0) {
  console.error(
    chromiumPath === undefined
      ? 'There is no Chromium on this machine: install one, or name it with CHROMIUM.'
      : `There is no ${missing.join(' and no ')} on this machine, and Chinese would be boxes, or mathematics crooked: install fonts-noto-cjk and fonts-dejavu-extra.`,
  );
  process.exit(1);
}
const folder = await mkdtemp(join(tmpdir(), 'agentchat-pictures-'));
await keptOrBuilt();
await mkdir(pictures, { recursive: true });
const browser = await startBrowser(await onlyTheseFonts(folder));
try {
  for (const [locale, texts] of Object.entries(told)) await take(browser, locale, texts);
} finally {
  await browser.close();
  await rm(folder, { recursive: true, force: true });
}

/** All pictures in one language. */
async function take(browser: Browser, locale: string, texts: Told): Promise<void> {
  const data = join(folder, locale);
  const sessionId = await tell(data, texts);
  const server = await startServer({ env: { DATA_DIR: data } });
  try {
    const open = async (page: Page) => {
      await page.goto(`${server.url}/#/sessions/${sessionId}`);
      await page.locator('#session-list li').nth(texts.sessions.length).waitFor({ state: 'attached' });
      await page.locator('math[display=block]').waitFor();
      await page.locator('.hljs-keyword').first().waitFor();
    };
    for (const size of ['phone', 'desktop'] as const)
      await picture(browser, { name: size, size, locale, open });
  } finally {
    await server.kill();
  }
  await takeAtWork(browser, locale, texts);
}

/** An agent that has called tools, and waits for a person. */
async function takeAtWork(browser: Browser, locale: string, texts: Told): Promise<void> {
  const agents = join(folder, `${locale}-agents`);
  const model = startWorkingModel(texts);
  await writeAgent(agents, texts, model.url);
  const server = await startServer({ env: { AGENTS: agents } });
  try {
    const sessionId = await beginWork(server, texts);
    const open = async (page: Page) => {
      await page.goto(`${server.url}/#/sessions/${sessionId}`);
      await page.getByText(texts.atWork.description).waitFor();
      await page.locator('.call-text').waitFor();
    };
    await picture(browser, { name: 'agent', size: 'agent', locale, open });
  } finally {
    await server.kill();
    model.stop();
  }
}

type Picture = {
  name: string;
  size: keyof typeof sizes;
  locale: string;
  open(page: Page): Promise<void>;
};

/** In both colours. */
async function picture(browser: Browser, { name, size, locale, open }: Picture): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await browser.newContext({
      ...sizes[size],
      colorScheme,
      locale,
      timezoneId: 'UTC',
      reducedMotion: 'reduce',
    });
    await context.clock.setFixedTime(now);
    await stopTimes(context);
    const page = await context.newPage();
    await open(page);
    const path = join(pictures, `${name}-${colorScheme}.${locale}.png`);
    await page.screenshot({ path, animations: 'disabled' });
    console.log(
      `docs/pictures/${name}-${colorScheme}.${locale}.png  ${Math.round(Bun.file(path).size / 1024)} KB`,
    );
    await context.close();
  }
}
