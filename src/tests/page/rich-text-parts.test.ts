// biome-ignore-all lint/performance/useDomNodeTextContent: what is meant is the text that readers see.
// What a reply may be made of besides paragraphs: folds, footnotes, and the few tags that are not text.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { chromiumPath } from '../../testing/browser.ts';
import {
  type OpenPage,
  type Rich,
  type RichTextPage,
  startRichTextPage,
} from '../../testing/rich-text-page.ts';

declare const rich: Rich;

describe.skipIf(chromiumPath === undefined)('parts of rich text', () => {
  let it: RichTextPage;
  let open: OpenPage;

  beforeAll(async () => {
    it = await startRichTextPage();
  }, 60_000);
  afterAll(() => it?.close());
  beforeEach(async () => {
    open = await it.open();
  });
  afterEach(async () => {
    expect(open.problems).toEqual([]);
    await open.close();
  });

  const html = async (text: string) => (await open.show(text)).replace(/ dir="auto"/g, '');

  const tags: [source: string, html: string][] = [
    ['<kbd>Ctrl</kbd>+<KBD>C</kbd>', '<kbd>Ctrl</kbd>+<kbd>C</kbd>'],
    ['H<sub>2</sub>O x<sup>**2**</sup>', 'H<sub>2</sub>O x<sup><strong>2</strong></sup>'],
    ['<mark>a <sub>b<sub>c</sub></sub></mark>', '<mark>a <sub>b<sub>c</sub></sub></mark>'],
    ['**<kbd>a</kbd>**', '<strong><kbd>a</kbd></strong>'],
    ['<kbd>a', '&lt;kbd&gt;a'],
    ['<sub>a</sup>', '&lt;sub&gt;a&lt;/sup&gt;'],
    ['<kbd class="x">a</kbd>', '&lt;kbd class="x"&gt;a&lt;/kbd&gt;'],
    ['<kbd onclick=alert(1)>a</kbd>', '&lt;kbd onclick=alert(1)&gt;a&lt;/kbd&gt;'],
    ['<mark><img src=x></mark>', '<mark>&lt;img src=x&gt;</mark>'],
    ['`<kbd>a</kbd>` \\<kbd>b\\</kbd>', '<code>&lt;kbd&gt;a&lt;/kbd&gt;</code> &lt;kbd&gt;b&lt;/kbd&gt;'],
  ];
  test('some tags are what they say, without attributes, and all others are text', async () => {
    for (const [source, wanted] of tags) expect(await html(source)).toContain(`<p>${wanted}</p>`);
  });

  test('a fold has its summary and holds whatever comes until it ends', async () => {
    await open.show(
      'before\n\n<details>\n<summary>A **title**</summary>\n\ninside\n\n```js\nlet a;\n\n</details>\n```\n\n- x\n\n</details>\nafter',
    );
    const { page } = open;
    const fold = page.locator('details');
    expect(await fold.locator('summary').innerText()).toBe('A title');
    expect(await fold.locator('summary strong').innerText()).toBe('title');
    expect(await page.locator('#host').innerText()).not.toContain('inside');
    await fold.locator('summary').press('Enter');
    expect(await fold.locator('code').innerText()).toBe('let a;\n\n</details>');
    expect(await fold.locator('li').innerText()).toBe('x');
    expect(await page.locator('.rich-text > .rt-part').last().innerText()).toBe('after');
  });

  test('folds may be open, on one line, within each other, and without a summary', async () => {
    await open.show(
      '<details open><summary>one</summary>two</details>\n\n<details>\nthree\n\n<details>\n<summary>\nfour\n</summary>\nfive\n</details>\nsix\n</details>\n\nseven',
    );
    const told = await open.page.evaluate(() =>
      [...document.querySelectorAll('details')].map((fold) => [
        fold.open,
        fold.textContent.replace(/\s+/g, ' ').trim(),
      ]),
    );
    expect(told).toEqual([
      [true, 'one two'],
      [false, 'Detailsthree four five six'],
      [false, 'four five'],
    ]);
    expect(await open.page.locator('.rich-text > .rt-part').last().innerText()).toBe('seven');
  });

  test('what only looks like a fold is text', async () => {
    for (const text of [
      '<details class="x">\n\na',
      '<details open ontoggle="alert(1)">',
      '</details>',
      '    <details>',
      '`<details>`',
      '<summary>a</summary>',
      '> <details>',
    ]) {
      await open.show(text);
      expect([text, await open.page.locator('details').count()]).toEqual([text, 0]);
      expect(await open.page.locator('#host').innerText()).toMatch(/<\/?(?:details|summary)/);
    }
    await open.show('<details>\n'.repeat(2000));
    expect(await open.page.locator('details').count()).toBeLessThan(10);
    await open.show('<details>\n<summary>never closed\n\ntext');
    expect(await open.page.locator('details').textContent()).toBe('Detailsnever closed\ntext\n');
  });

  test('a fold that the reader opens stays open while more is written, and its title comes at once', async () => {
    const states = await open.page.evaluate(async () => {
      const host = document.querySelector('#host') as HTMLElement;
      const stream = rich.createRichText(host);
      const seen: string[] = [];
      for (const piece of [
        'a\n\n<det',
        'ails>\n',
        '<summary>ti',
        'tle</summary>\n',
        'text',
        ' more\n\n',
        '</det',
        'ails>\n',
        'b',
      ]) {
        stream.push(piece);
        await rich.richTextSettled();
        const fold = host.querySelector('details');
        if (fold) fold.open = true;
        seen.push(host.innerText.replace(/\s+/g, ' ').trim());
      }
      stream.end();
      await rich.richTextSettled();
      return [...seen, String(host.querySelector('details')?.open)];
    });
    expect(states).toEqual([
      ...['a', 'a', 'a', 'a title', 'a title text', 'a title text more', 'a title text more'],
      ...['a title text more', 'a title text more b', 'true'],
    ]);
  });

  const noted =
    'One[^a], two[^2], again[^A] and none[^none].\n\n[^a]: the *first*\n[^2]: the second\n\n    goes on\n\n```\nlast\n```\n\n[^3]: not used';

  test('footnotes stand at the end, with ways there and back', async () => {
    await open.show(noted);
    const { page } = open;
    expect(await page.locator('.rich-text > :last-child li').allInnerTexts()).toEqual([
      expect.stringContaining('the first'),
      expect.stringMatching(/the second\s+goes on/),
      expect.stringContaining('not used'),
    ]);
    expect(await page.locator('p').first().innerText()).toBe('One1, two2, again1 and none[^none].');
    const list = page.locator('[role=doc-endnotes][aria-label=Footnotes]');
    expect(await list.count()).toBe(1);
    await page.locator('p sup a').nth(1).press('Enter');
    expect(
      await list
        .locator('li')
        .nth(1)
        .evaluate((note) => note.matches(':focus')),
    ).toBe(true);
    const back = list.locator('li').first().locator('[role=doc-backlink][aria-label="Back to the text"]');
    expect(await back.count()).toBe(2);
    await back.last().click();
    expect(
      await page
        .locator('p sup a')
        .nth(2)
        .evaluate((link) => link.matches(':focus')),
    ).toBe(true);
    expect(new URL(page.url()).hash).toBe('');
  });

  test('texts on one page keep their footnotes apart', async () => {
    const ids = await open.page.evaluate(async (noted) => {
      for (const _ of [1, 2]) {
        const host = document.createElement('div');
        document.querySelector('#host')?.append(host);
        rich.createRichText(host).set(noted);
      }
      await rich.richTextSettled();
      const lost = [...document.querySelectorAll<HTMLAnchorElement>('#host a')].filter(
        (link) => link.closest('.rich-text')?.querySelector(link.hash) == null,
      );
      return { ids: [...document.querySelectorAll('#host [id]')].map(({ id }) => id), lost: lost.length };
    }, noted);
    expect(ids.ids.length).toBe(12);
    expect(new Set(ids.ids).size).toBe(12);
    expect(ids.lost).toBe(0);
  });

  test('a footnote in a fold that is closed is shown when it is gone back to', async () => {
    await open.show('<details>\n\nhidden[^1]\n\n</details>\n\n[^1]: note');
    await open.page.locator('[role=doc-backlink]').click();
    expect(await open.page.locator('details').evaluate((fold) => (fold as HTMLDetailsElement).open)).toBe(
      true,
    );
  });

  test('footnotes that are written show no marks, and stay behind what comes after them', async () => {
    const seen = await open.page.evaluate(async () => {
      const host = document.querySelector('#host') as HTMLElement;
      const stream = rich.createRichText(host);
      const seen: string[] = [];
      for (const piece of ['a[', '^', '1', ']', ' b\n\n', '[^1', ']: no', 'te\n', '\nc', ' d']) {
        stream.push(piece);
        await rich.richTextSettled();
        seen.push(host.innerText.replace(/\s+/g, ' ').trim());
      }
      stream.end();
      return seen;
    });
    expect(seen.map((text) => text.replace('\u21a9\ufe0e', '<'))).toEqual([
      ...['a', 'a', 'a', 'a1', 'a1 b', 'a1 b', 'a1 b', 'a1 b note <', 'a1 b c note <', 'a1 b c d note <'],
    ]);
  });

  test('half a tag is a tag', async () => {
    const seen = await open.page.evaluate(async () => {
      const host = document.querySelector('#host') as HTMLElement;
      const stream = rich.createRichText(host);
      const seen: string[] = [];
      for (const piece of ['a <', 'kb', 'd>C', '**trl', '**<', '/kbd> b']) {
        stream.push(piece);
        await rich.richTextSettled();
        seen.push(host.querySelector('p')?.innerHTML ?? '');
      }
      stream.end();
      return seen;
    });
    expect(seen).toEqual([
      ...['a', 'a', 'a <kbd>C</kbd>', 'a <kbd>C<strong>trl</strong></kbd>'],
      ...['a <kbd>C<strong>trl</strong></kbd>', 'a <kbd>C<strong>trl</strong></kbd> b'],
    ]);
  });
});
