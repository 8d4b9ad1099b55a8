// `bun run pictures`: the pictures of the chat page in docs/pictures/, the same at each run. It needs Chromium, and
// fonts with Chinese letters.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { keptOrBuilt } from '../../cli/serve/page-files.ts';
import { chromiumPath, startBrowser } from '../browser.ts';
import { startServer } from '../server-process.ts';
import { missingFonts, onlyTheseFonts } from './fonts.ts';
import { type Told, told } from './picture-texts.ts';
import { now, tell } from './sessions.ts';

const pictures = join(import.meta.dir, '../../../docs/pictures');
const sizes = {
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
  desktop: { viewport: { width: 1280, height: 800 } },
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
    for (const [size, options] of Object.entries(sizes))
      for (const colorScheme of ['light', 'dark'] as const) {
        const context = await browser.newContext({
          ...options,
          colorScheme,
          locale,
          timezoneId: 'UTC',
          reducedMotion: 'reduce',
        });
        await context.clock.setFixedTime(now);
        const page = await context.newPage();
        await page.goto(`${server.url}/#/sessions/${sessionId}`);
        await page.locator('#session-list li').nth(texts.sessions.length).waitFor({ state: 'attached' });
        await page.locator('math[display=block]').waitFor();
        await page.locator('.hljs-keyword').first().waitFor();
        const path = join(pictures, `${size}-${colorScheme}.${locale}.png`);
        await page.screenshot({ path, animations: 'disabled' });
        console.log(
          `docs/pictures/${size}-${colorScheme}.${locale}.png  ${Math.round(Bun.file(path).size / 1024)} KB`,
        );
        await context.close();
      }
  } finally {
    await server.kill();
  }
}
