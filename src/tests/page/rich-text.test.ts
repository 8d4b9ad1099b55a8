// biome-ignore-all lint/performance/useDomNodeTextContent: what is meant is the text that readers see.
// What a reply's Markdown looks like on the page, in a real browser under the page's Content-Security-Policy.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { chromiumPath } from '../../testing/browser.ts';
import { until } from '../../testing/chat-page.ts';
import { type OpenPage, type RichTextPage, startRichTextPage } from '../../testing/rich-text-page.ts';

describe.skipIf(chromiumPath === undefined)('rich text', () => {
  let rich: RichTextPage;
  let open: OpenPage;

  beforeAll(async () => {
    rich = await startRichTextPage();
  }, 60_000);
  afterAll(() => rich?.close());
  beforeEach(async () => {
    open = await rich.open();
  });
  afterEach(async () => {
    expect(open.problems).toEqual([]);
    await open.close();
  });

  const show = (text: string) => open.show(text);
  const html = async (text: string) => (await show(text)).replace(/ dir="auto"/g, '');

  const looks: Record<string, [source: string, html: string]> = {
    'Chinese emphasis beside punctuation': [
      '**你好**，他说：**“你好”**后，后**“再见”**。',
      '<strong>你好</strong>，他说：<strong>“你好”</strong>后，后<strong>“再见”</strong>。',
    ],
    'strokes of a wave strike nothing': ['3~5个，6~8个 ~~删~~', '3~5个，6~8个 <del>删</del>'],
    'words_with_strokes and stars in sums': ['a_b_c 2 * 3 * 4', 'a_b_c 2 * 3 * 4'],
    'HTML as text': ['<b>x</b> <!-- y -->', '&lt;b&gt;x&lt;/b&gt; &lt;!-- y --&gt;'],
    'line breaks': ['a<br>b  \nc', 'a<br>b<br>c'],
    'named characters': ['&copy; &amp; &lt;b&gt; \\&copy;', '© &amp; &lt;b&gt; &amp;copy;'],
    prices: ['$5 and $10, $5到$10, US$3 ($4), $HOME/$USER', '$5 and $10, $5到$10, US$3 ($4), $HOME/$USER'],
    'formulas in code': ['`$x$` `\\(x\\)`', '<code>$x$</code> <code>\\(x\\)</code>'],
    'code with a backquote': ['`` a`b ``', '<code>a`b</code>'],
  };
  for (const [name, [source, wanted]] of Object.entries(looks)) {
    test(name, async () => expect(await html(source)).toContain(`<p>${wanted}</p>`));
  }

  test('lists, tasks and where numbers begin', async () => {
    await show('- [ ] a\n- [x] b\n  - c\n\n\n3. d\n4. e');
    const { page } = open;
    expect(await page.locator('input[type=checkbox]:disabled').count()).toBe(2);
    expect(await page.locator('input:checked').getAttribute('aria-label')).toBe('Done');
    expect(await page.locator('ul ul').innerText()).toBe('c');
    expect(await page.locator('ol').getAttribute('start')).toBe('3');
  });

  test('a table scrolls inside itself, with its columns on their sides', async () => {
    await open.page.setViewportSize({ width: 360, height: 700 });
    await show(`|${' long header |'.repeat(20)}\n|${'-:|'.repeat(20)}\n|${' cell |'.repeat(20)}`);
    expect(await open.width()).toBe(360);
    const table = open.page.locator('.rt-table');
    expect(await table.evaluate((node) => node.scrollWidth > node.clientWidth)).toBe(true);
    expect(
      await open.page
        .locator('td')
        .first()
        .evaluate((node) => getComputedStyle(node).textAlign),
    ).toBe('right');
  });

  test('headings begin below those of the page and leave no level out', async () => {
    await show('# a\n\n### b\n\n## c\n\n#### d');
    const levels = await open.page
      .locator('#host :is(h1,h2,h3,h4,h5,h6)')
      .evaluateAll((all) => all.map((h) => h.localName));
    expect(levels).toEqual(['h3', 'h4', 'h4', 'h5']);
  });

  test('code has its language, its colours and a button that copies it', async () => {
    await show('```ts\nconst a = "<b>";\n\nlet c;\n```\n\n```\nplain\n```');
    const { page } = open;
    expect(await page.locator('.rt-language').allInnerTexts()).toEqual(['ts', 'Code']);
    expect(await page.locator('.hljs-keyword').allInnerTexts()).toEqual(['const', 'let']);
    await page.evaluate(() => {
      Object.defineProperty(navigator, 'clipboard', {
        value: { writeText: async (text: string) => Object.assign(window, { copied: text }) },
      });
    });
    await page.getByRole('button', { name: 'Copy' }).first().click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await page.evaluate('copied')).toBe('const a = "<b>";\n\nlet c;');
    await page.getByRole('button', { name: 'Copied' }).waitFor({ state: 'detached' });
  });

  test('without a clipboard API the button copies all the same', async () => {
    await show('```\nplain\n```');
    await open.page.evaluate(() => {
      Object.defineProperty(navigator, 'clipboard', { value: undefined });
      document.execCommand = () => Boolean(Object.assign(window, { copied: getSelection()?.toString() }));
    });
    await open.page.getByRole('button', { name: 'Copy' }).click();
    await open.page.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await open.page.locator('textarea').count()).toBe(0);
  });

  test('code in a list, and code within longer fences', async () => {
    await show('1. a\n\n   ```py\n   def f(): pass\n   ```\n\n   more\n2. b\n\n````md\n```js\n1\n```\n````');
    const { page } = open;
    expect(await page.locator('li .hljs-keyword').allInnerTexts()).toEqual(['def', 'pass']);
    expect(await page.locator('ol > li').count()).toBe(2);
    expect(await page.locator('code').last().innerText()).toBe('```js\n1\n```');
  });

  test('formulas of all four kinds are MathML without inline styles', async () => {
    await show('$x^2$ and \\(y\\), the $n$th, 设$z$为\n\n$$\na\n= b\n$$\n\n\\[ \\frac{1}{2} \\]\n\n- $$c$$');
    const { page } = open;
    expect(await page.locator('math').count()).toBe(7);
    expect(await page.locator('math[display=block]').count()).toBe(3);
    expect(await page.locator('mfrac').count()).toBe(1);
    expect(await page.locator('#host [style]').count()).toBe(0);
  });

  test('what is not TeX stays as it was written', async () => {
    await show('$\\frac{$ and $\\href{javascript:alert(1)}{x}$ and $\\def\\a{\\a\\a}\\a$');
    expect(await open.page.locator('#host').innerText()).toBe(
      '$\\frac{$ and $\\href{javascript:alert(1)}{x}$ and $\\def\\a{\\a\\a}\\a$',
    );
  });

  test('links lead to pages and mailboxes only, elsewhere, and say so', async () => {
    await show(
      '[a](https://a.example/x "t") <mailto:b@c.example> 见https://d.example/a，后 [e](docs/e.md) [f](//f.example)',
    );
    const links = await open.page
      .locator('#host a')
      .evaluateAll((all) =>
        all.map((a) => [a.getAttribute('href'), a.getAttribute('target'), a.getAttribute('rel')].join(' ')),
      );
    const kind = ' _blank noopener noreferrer nofollow';
    expect(links).toEqual([
      `https://a.example/x${kind}`,
      `mailto:b@c.example${kind}`,
      `https://d.example/a${kind}`,
    ]);
    expect(await open.page.locator('#host').innerText()).toContain('e (docs/e.md) f (//f.example)');
  });

  test('an image is a link that says what it is, and where it is from', async () => {
    await show('![a cat](https://a.example/cat.png) ![inline](data:image/png;base64,AAAA)');
    const { page } = open;
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.getByRole('link', { name: 'Image: a cat' }).getAttribute('href')).toBe(
      'https://a.example/cat.png',
    );
    expect(await page.locator('#host').innerText()).toBe('Image: a cat (a.example) Show Image: inline');
  });

  test('definitions of links are used and shown', async () => {
    await show('[1]: https://a.example\n\nsee [1]\n');
    expect(await open.page.locator('#host a').count()).toBe(2);
    expect(await open.page.locator('#host').innerText()).toBe('[1]: https://a.example\n\nsee 1');
  });

  test('alerts have their names in the language of the page, and quotes that only look like them stay quotes', async () => {
    const kinds = ['NOTE', 'Tip', 'important', 'WARNING', 'CAUTION'];
    await show(kinds.map((kind) => `> [!${kind}]\n> about **${kind}**\n>\n> - more`).join('\n\n'));
    const notes = open.page.getByRole('note');
    expect((await notes.allInnerTexts()).map((text) => text.split(/\n+/))).toEqual(
      ['Note', 'Tip', 'Important', 'Warning', 'Caution'].map((name, index) => [
        name,
        `about ${kinds[index]}`,
        'more',
      ]),
    );
    await open.page.evaluate('rich.setRichTextLabels(rich.richTextLabels["zh-CN"])');
    const names = ['说明', '提示', '重要', '警告', '小心'];
    expect(await open.page.locator('.rt-alert-name').allInnerTexts()).toEqual(names);
    await show('> [!NOTE] a\n\n> [!HINT]\n> b\n\n> c\n> [!NOTE]\n\n[!NOTE]\nd\n\n> [!NOTE]**e**');
    expect(await notes.count()).toBe(0);
    expect(await open.page.locator('blockquote').count()).toBe(4);
  });

  test('every block has its own direction', async () => {
    await show('hello\n\nשלום לכולם\n\n- مرحبا');
    const directions = await open.page
      .locator('p, ul')
      .evaluateAll((all) => all.map((one) => getComputedStyle(one).direction));
    expect(directions.slice(0, 3)).toEqual(['ltr', 'rtl', 'rtl']);
  });

  test('its words change their language where they are shown', async () => {
    await show('```\na\n```\n\n![b](https://a.example/b.png)\n\n- [x] c\n\n|d|\n|-|');
    await open.page.evaluate('rich.setRichTextLabels(rich.richTextLabels["zh-CN"])');
    const { page } = open;
    await page.getByRole('button', { name: '复制', exact: true }).waitFor();
    expect(await page.locator('.rt-language').innerText()).toBe('代码');
    expect(await page.locator('.rt-image').innerText()).toBe('图片：b (a.example)');
    expect(await page.locator('input').getAttribute('aria-label')).toBe('已完成');
    expect(await page.getByRole('group', { name: '表格' }).count()).toBe(1);
  });

  test('highlighting and mathematics are not loaded before they are needed', async () => {
    const loaded = () =>
      open.page.evaluate(() =>
        performance
          .getEntriesByType('resource')
          .map(({ name }) => name.replace(/.*\//, ''))
          .join(' '),
      );
    await show('plain *text* and ```code```\n\n```\nno language\n```');
    expect(await loaded()).not.toMatch(/(?:math|highlight)-library/);
    await show('$x$');
    await until(async () => /math-library/.test(await loaded()), 'the math library');
    expect(await loaded()).not.toMatch(/highlight-library/);
    await show('```js\n1\n```');
    await until(async () => /highlight-library/.test(await loaded()), 'the highlighting');
  });

  test('the first part is small', () => {
    console.log('rich text, compressed bytes:', JSON.stringify(rich.sizes));
    expect(rich.sizes.first + rich.sizes.style).toBeLessThan(50_000);
  });
});
