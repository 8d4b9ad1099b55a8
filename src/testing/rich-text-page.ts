// A blank page with the rich text of the chat page on it, under the page's Content-Security-Policy, in a real browser.
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { policyOf } from '../http/page-policy.ts';
import { sharedBrowser } from './browser.ts';

const folder = join(import.meta.dir, '../../static/rich-text');
const plain = join(folder, '../plain');

const entry = `
import { createRichText, richTextSettled } from './rich-text.ts';
import { richTextLabels, setRichTextLabels } from './labels.ts';
import { sanitize } from './sanitize.ts';
Object.assign(window, { rich: { createRichText, richTextSettled, richTextLabels, setRichTextLabels, sanitize } });
`;

const styles = `
@import "./rich-text.css";
:root { color-scheme: light dark; }
[data-theme="dark"] { color-scheme: dark; }
[data-theme="light"] { color-scheme: light; }
`;

export interface RichTextPage {
  browser: Browser;
  /** Compressed sizes in bytes of what is loaded at first, and of each part that is loaded when needed. */
  sizes: { first: number; style: number; lazy: Record<string, number> };
  /** A fresh page, with `window.rich` on it and an empty `#host`. */
  open(size?: { width: number; height: number }): Promise<OpenPage>;
  close(): Promise<void>;
}

export interface OpenPage {
  page: Page;
  /** Whatever went wrong: errors, violations of the policy, dialogs, and requests for anything but the page. */
  problems: string[];
  /** Shows a whole text and returns its HTML in its final look. */
  show(text: string): Promise<string>;
  /** How wide the page became. */
  width(): Promise<number>;
  close(): Promise<void>;
}

let built: ReturnType<typeof build> | undefined;

/** The files that are served, by their addresses, and their sizes. */
async function build() {
  const script = join(folder, 'entry-of-test.ts');
  const style = join(folder, 'entry-of-test.css');
  const { outputs } = await Bun.build({
    entrypoints: [script, style],
    files: { [script]: entry, [style]: styles },
    target: 'browser',
    format: 'esm',
    splitting: true,
    minify: true,
    define: { 'process.env.NODE_ENV': '"production"' },
    publicPath: '/static/',
    naming: { entry: '[name].[ext]', chunk: '[name]-[hash].[ext]' },
  });
  const files = new Map<string, Blob>();
  for (const name of ['picture.html', 'preview.html'])
    files.set(`/static/${name}`, Bun.file(join(plain, name)));
  const sizes: RichTextPage['sizes'] = { first: 0, style: 0, lazy: {} };
  for (const output of outputs) {
    const name = output.path.split('/').at(-1) ?? '';
    files.set(`/static/${name}`, output);
    const size = Bun.gzipSync(await output.arrayBuffer()).length;
    if (name.endsWith('.css')) sizes.style += size;
    else if (/-library/.test(name)) sizes.lazy[name.replace(/-[^-]*$/, '')] = size;
    else sizes.first += size;
  }
  return { files, sizes };
}

export async function startRichTextPage(): Promise<RichTextPage> {
  built ??= build();
  const { files, sizes } = await built;
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch(request) {
      const { pathname } = new URL(request.url);
      const file = files.get(pathname);
      if (file !== undefined) {
        const policy = policyOf(pathname.slice('/static/'.length));
        return new Response(file, {
          headers: { 'content-type': file.type, 'content-security-policy': policy },
        });
      }
      if (pathname !== '/') return new Response('not found', { status: 404 });
      const html =
        '<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">' +
        '<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">' +
        '<title>blank</title><link rel="stylesheet" href="/static/entry-of-test.css">' +
        '<body><main id="host"></main><script type="module" src="/static/entry-of-test.js"></script></body></html>';
      return new Response(html, {
        headers: {
          'content-type': 'text/html; charset=utf-8',
          'content-security-policy': policyOf('index.html'),
        },
      });
    },
  });
  const browser = await sharedBrowser();

  async function open(size = { width: 900, height: 800 }): Promise<OpenPage> {
    const context: BrowserContext = await browser.newContext({ locale: 'en-US', viewport: size });
    const page = await context.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => problems.push(message.text()));
    page.on('dialog', (dialog) => {
      problems.push(`dialog ${dialog.message()}`);
      dialog.dismiss();
    });
    const known = (url: string) => url === server.url.href || files.has(new URL(url).pathname);
    page.on('request', (request) => {
      if (!known(request.url()) && !request.url().startsWith('data:,'))
        problems.push(`request ${request.url()}`);
    });
    await page.goto(server.url.href);
    await page.waitForFunction('window.rich');
    return {
      page,
      problems,
      show: (text) => page.evaluate(showText, text),
      width: () => page.evaluate(() => document.documentElement.scrollWidth),
      close: () => context.close(),
    };
  }

  return {
    browser,
    sizes,
    open,
    async close() {
      await server.stop(true);
    },
  };
}

/** What the page has as `window.rich`. */
export interface Rich {
  createRichText(host: Element): { push(piece: string): void; set(text: string): void; end(): void };
  richTextSettled(): Promise<void>;
  sanitize(html: string): DocumentFragment;
}

async function showText(text: string): Promise<string> {
  // This runs in the page, whose script has put it there.
  const { rich } = window as unknown as { rich: Rich };
  const host = document.createElement('div');
  document.querySelector('#host')?.replaceChildren(host);
  rich.createRichText(host).set(text);
  await rich.richTextSettled();
  return host.innerHTML;
}
