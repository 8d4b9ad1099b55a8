// What can be done with code and tables of a reply: wrap, save, copy into a spreadsheet.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import type { Download } from 'playwright-core';
import { chromiumPath } from '../../testing/browser.ts';
import { type OpenPage, type RichTextPage, startRichTextPage } from '../../testing/rich-text-page.ts';

const textOf = async (saved: Download) => Bun.file(await saved.path()).text();

describe.skipIf(chromiumPath === undefined)('tools of rich text', () => {
  let it: RichTextPage;
  let open: OpenPage;

  beforeAll(async () => {
    it = await startRichTextPage();
  }, 60_000);
  afterAll(() => it?.close());
  beforeEach(async () => {
    open = await it.open({ width: 320, height: 700 });
  });
  afterEach(async () => {
    expect(open.problems).toEqual([]);
    await open.close();
  });

  const button = (name: string) => open.page.getByRole('button', { name, exact: true });
  const saved = async (name: string, at = 0) => {
    const [download] = await Promise.all([
      open.page.waitForEvent('download'),
      button(name).nth(at).press('Enter'),
    ]);
    return download;
  };

  test('code wraps as the reader likes it, everywhere and from then on', async () => {
    const code = `\`\`\`js\nconst wide = '${'x '.repeat(200)}';\n\`\`\``;
    await open.show(`${code}\n\n${code}`);
    const scrolls = () =>
      open.page.locator('pre').evaluateAll((all) => all.map((pre) => pre.scrollWidth > pre.clientWidth));
    expect(await scrolls()).toEqual([true, true]);
    await button('Wrap').first().press('Enter');
    expect(await scrolls()).toEqual([false, false]);
    expect(await button('Wrap').last().getAttribute('aria-pressed')).toBe('true');
    expect(await open.width()).toBe(320);
    await open.page.reload();
    await open.page.waitForFunction('window.rich');
    await open.show(code);
    expect(await scrolls()).toEqual([false]);
    await button('Wrap').click();
    expect(await scrolls()).toEqual([true]);
  });

  test('code is saved with the ending of its language', async () => {
    await open.show(
      '```python\nprint(1)\n```\n\n```\n<plain>\n```\n\n```exe\nx\n```\n\n```constructor\nx\n```',
    );
    const files = [];
    for (const at of [0, 1, 2, 3]) files.push(await saved('Save', at));
    expect(files.map((file) => file.suggestedFilename())).toEqual([
      'code.py',
      'code.txt',
      'code.txt',
      'code.txt',
    ]);
    expect(await textOf(files[1] as Download)).toBe('<plain>\n');
  });

  test('a table is saved as CSV that a spreadsheet reads and takes for no formula', async () => {
    await open.show(
      '| 名字, a | b "c" |\n|-|-|\n| =1+1 | @x |\n| +a | -5 |\n| - b | x<br>y |\n| ＝c | -1,000.5 % |',
    );
    const file = await saved('Save as CSV');
    expect(file.suggestedFilename()).toBe('table.csv');
    const bytes = await Bun.file(await file.path()).bytes();
    expect([...bytes.slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    expect(new TextDecoder().decode(bytes)).toBe(
      '"名字, a","b ""c"""\r\n\'=1+1,\'@x\r\n\'+a,-5\r\n\'- b,"x\ny"\r\n\'＝c,"-1,000.5 %"\r\n',
    );
  });

  test('a long table is saved as one, and no other with it', async () => {
    const rows = Array.from({ length: 400 }, (_, at) => `| row ${at} | some more words |`).join('\n');
    await open.show(`| other |\n|-|\n| x |\n\n| a | b |\n|-|-|\n${rows}\n\n| after |\n|-|\n| y |`);
    expect(await open.page.locator('table').count()).toBeGreaterThan(4);
    for (const at of [1, 2]) {
      const lines = (await textOf(await saved('Save as CSV', at))).trim().split('\r\n');
      expect(lines.length).toBe(401);
      expect(lines.at(-1)).toBe('row 399,some more words');
    }
    expect(await textOf(await saved('Save as CSV'))).toBe('other\r\nx\r\n');
  });

  test('a table is copied as a table, and as text with tabs', async () => {
    await open.show('| a | b |\n|-|-|\n| 1 | <x> |\n| =2 | **c** |');
    await open.page.evaluate(() => {
      const write = async ([item]: ClipboardItem[]) => {
        const read = async (type: string) => (await item?.getType(type))?.text();
        Object.assign(window, { copied: [await read('text/plain'), await read('text/html')] });
      };
      Object.defineProperty(navigator, 'clipboard', { value: { write } });
    });
    await button('Copy table').press('Enter');
    await button('Copied').waitFor();
    expect(await open.page.evaluate('copied')).toEqual([
      "a\tb\n1\t<x>\n'=2\tc",
      '<table><tr><td>a</td><td>b</td></tr><tr><td>1</td><td>&lt;x&gt;</td></tr><tr><td>&#39;=2</td><td>c</td></tr></table>',
    ]);
    await button('Copy table').waitFor();
  });

  test('a table in Hebrew or Arabic begins on the right', async () => {
    await open.show('| שם | b |\n|-|-|\n| 1 | 2 |');
    const [first = 0, second = 0] = await open.page
      .locator('th')
      .evaluateAll((all) => all.map((cell) => cell.getBoundingClientRect().left));
    expect(first).toBeGreaterThan(second);
  });

  test('the tools can be touched, fit, and speak the language of the page', async () => {
    await open.show('```javascript\n1\n```\n\n| a |\n|-|\n| b |');
    for (const language of ['en', 'zh-CN']) {
      await open.page.evaluate(`rich.setRichTextLabels(rich.richTextLabels["${language}"])`);
      const boxes = await open.page
        .locator('#host button')
        .evaluateAll((all) =>
          all.map((one) => one.getBoundingClientRect()).map(({ width, height }) => [width, height]),
        );
      expect(boxes.length).toBe(5);
      for (const [width = 0, height = 0] of boxes) expect(Math.min(width, height)).toBeGreaterThanOrEqual(24);
      expect(await open.width()).toBe(320);
    }
    expect(await open.page.locator('#host button').allInnerTexts()).toEqual([
      ...['自动换行', '保存', '复制', '复制表格', '存为 CSV'],
    ]);
  });
});
