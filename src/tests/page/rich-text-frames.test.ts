// What a reply shows in frames once its reader asks for it: pictures from elsewhere, and HTML and SVG, of which nothing
// runs, loads or leads anywhere.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { chromiumPath } from '../../testing/browser.ts';
import { until } from '../../testing/chat-page.ts';
import { type OpenPage, type RichTextPage, startRichTextPage } from '../../testing/rich-text-page.ts';

const pixels =
  '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200"><rect width="300" height="200"/></svg>';

describe.skipIf(chromiumPath === undefined)('frames of rich text', () => {
  let it: RichTextPage;
  let open: OpenPage;
  /** What another site was asked for, with who sent the reader there. */
  let asked: string[];
  let elsewhere: Bun.Server<undefined>;

  beforeAll(async () => {
    elsewhere = Bun.serve({
      port: 0,
      hostname: '127.0.0.1',
      fetch(request) {
        asked.push(`${new URL(request.url).pathname} ${request.headers.get('referer') ?? 'from nowhere'}`);
        return request.url.endsWith('.svg')
          ? new Response(pixels, { headers: { 'content-type': 'image/svg+xml' } })
          : new Response('no', { status: 404 });
      },
    });
    it = await startRichTextPage();
  }, 60_000);
  afterAll(async () => {
    await it?.close();
    await elsewhere?.stop(true);
  });
  beforeEach(async () => {
    asked = [];
    open = await it.open();
  });
  afterEach(() => open.close());

  const button = (name: string) => open.page.getByRole('button', { name, exact: true });

  test('a picture is loaded when its reader asks, tells nobody who that is, and goes away again', async () => {
    await open.show(`![a cat](${elsewhere.url}cat.svg)`);
    expect(asked).toEqual([]);
    await button('Show').press('Enter');
    const frame = open.page.frameLocator('.rt-picture');
    await until(
      () => frame.locator('img').evaluate((image) => (image as HTMLImageElement).naturalWidth === 300),
      'the picture',
    );
    expect(asked).toEqual(['/cat.svg from nowhere']);
    await until(
      async () => (await open.page.locator('.rt-picture').boundingBox())?.height === 200,
      'its height',
    );
    expect(await open.page.locator('#host img').count()).toBe(0);
    await button('Show').press('Enter');
    expect(await open.page.locator('iframe').count()).toBe(0);
  });

  test('a picture that does not come says so', async () => {
    await open.show(`![a cat](${elsewhere.url}missing.png)`);
    await button('Show').click();
    await button('Cannot be shown').waitFor();
    expect(await open.page.locator('iframe').count()).toBe(0);
  });

  test('HTML is seen with its own style', async () => {
    await open.show('```html\n<style>p { color: rgb(1, 2, 3) }</style><p style="margin: 7px">seen</p>\n```');
    await button('Preview').press('Enter');
    const paragraph = open.page.frameLocator('.rt-preview').frameLocator('iframe').locator('p');
    expect(await paragraph.textContent()).toBe('seen');
    expect(await paragraph.evaluate((p) => [getComputedStyle(p).color, getComputedStyle(p).margin])).toEqual([
      'rgb(1, 2, 3)',
      '7px',
    ]);
    expect(await button('Preview').getAttribute('aria-expanded')).toBe('true');
    await button('Preview').press('Enter');
    expect(await open.page.locator('iframe').count()).toBe(0);
    expect(open.problems).toEqual([]);
  });

  test('SVG is seen, also as XML, and other code has no preview', async () => {
    await open.show(
      `\`\`\`svg\n${pixels}\n\`\`\`\n\n\`\`\`xml\n${pixels}\n\`\`\`\n\n\`\`\`xml\n<a/>\n\`\`\`\n\n\`\`\`js\n1\n\`\`\``,
    );
    expect(await button('Preview').count()).toBe(2);
    await button('Preview').last().click();
    const rect = open.page.frameLocator('.rt-preview').frameLocator('iframe').locator('rect');
    expect((await rect.boundingBox())?.width).toBe(300);
  });

  test('nothing in a preview runs, loads, or leads anywhere', async () => {
    const away = elsewhere.url.href;
    const harmful = [
      '<title>x</title><script>parent.parent.document.title="owned"</script>',
      `<script src="${away}x.js"></script><img src="${away}x.png" onerror="top.document.title='owned'">`,
      `<link rel=stylesheet href="${away}x.css"><link rel=preload as=image href="${away}p.png">`,
      `<style>@import "${away}i.css"; @font-face { font-family: f; src: url(${away}f.woff) }`,
      `body { background: url(${away}b.png); font-family: f }</style>text`,
      `<meta http-equiv="refresh" content="0;url=${away}meta"><base href="${away}">`,
      `<iframe src="${away}frame"></iframe><object data="${away}object"></object><embed src="${away}embed">`,
      `<video src="${away}v.mp4" autoplay></video><audio src="${away}a.mp3" autoplay></audio>`,
      `<svg><image href="${away}svg.png"/><use href="${away}use.svg#a"/><a href="${away}sa"><text y="20">link</text></a></svg>`,
      `<form action="${away}form"><button id="go">go</button></form><a id="leave" href="${away}leave" target="_top">leave</a>`,
      '<details open ontoggle="top.document.title=\'owned\'">x</details>',
    ].join('\n');
    await open.show(`\`\`\`html\n${harmful}\n\`\`\``);
    await button('Preview').click();
    const inner = open.page.frameLocator('.rt-preview').frameLocator('iframe');
    await inner.locator('#leave').click();
    await inner.locator('#go').click();
    await inner.getByText('link', { exact: true }).click();
    // Whatever had been sent is there before what is sent now.
    await open.page.request.get(`${away}last`);
    expect(asked.map((line) => line.split(' ')[0])).toEqual(['/last']);
    expect(await open.page.title()).toBe('blank');
    expect(await inner.locator('#leave').textContent()).toBe('leave');
  });
});
