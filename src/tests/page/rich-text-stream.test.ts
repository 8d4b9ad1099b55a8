// Rich text while it is being written: what was read stays untouched, half a construct looks like what it becomes,
// and in the end it looks as if it had been shown at once, however it was cut.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { chromiumPath } from '../../testing/browser.ts';
import {
  type OpenPage,
  type Rich,
  type RichTextPage,
  startRichTextPage,
} from '../../testing/rich-text-page.ts';

declare const rich: Rich;

const sample = [
  '# 标题 **bold**',
  'A paragraph with **bold**, *em*, `code`, ~~del~~, [link](https://a.example "t"), $x^2$ and \\(y\\).\nSecond line',
  'Setext\n---',
  '- one\n- two\n\n  more\n\n  ```js\n  let a;\n\n  let b;\n  ```\n- [x] three\n\n      indented',
  '1. a\n   - b\n     - c\n2. d\nlazy',
  '```python\ndef f():\n\n    return "`` `"\n```\ntext at once',
  '~~~\n```\n~~~',
  '| a | b |\n|---|:-:|\n| `x` | **y** |\n| z',
  '> quote\n> ```\n> code\n> ```\n>\n> > deeper\n\n> other',
  '> [!NOTE]\n> noted **so**\n>\n> - twice\n\n> [!tip]  \n> a tip\n> [!NOTE]\n\n> [!WARNING] not\n\n> [!CAUTION]',
  '$$\na\n= b\n\n+ c\n$$\nafter',
  '\\[\n\\frac{1}{2}\n\\]',
  '    indented\n\n    code',
  '[1]: https://b.example\n\nsee [1] and ![i](https://c.example/i.png)',
  'a<sub>1 <sup>**2**</sup></sub> <kbd>K</kbd>[^a] <mark>open [^none] < b </kbd>',
  '<details>\n<summary>Fold **it**</summary>\n\ntext\n\n```js\nlet c;\n```\n<details open><summary>in</summary>one</details>\n- x\n</details>\nbehind\n\n<details>\n\nno summary',
  '</details>\n[^a]: note **b**\nlazy\n\n    - more\n[^b]: other\n\nno note',
  '***\n\nמילים **עבות**\r\n\r\nend\r',
  '**“你好”**后 👨‍👩‍👧 <b>x</b> &amp; \\* done',
  '```js\nunclosed',
].join('\n\n');

/** Writes a text in pieces that end at `cuts`, a frame after each `often`th, and compares it with the whole. */
async function compare({
  text,
  cuts,
  often,
}: {
  text: string;
  cuts: number[];
  often: number;
}): Promise<string> {
  const host = () => {
    const node = document.createElement('div');
    document.querySelector('#host')?.append(node);
    return node;
  };
  const whole = host();
  rich.createRichText(whole).set(text);
  const pieces = host();
  const stream = rich.createRichText(pieces);
  let from = 0;
  for (const [index, to] of [...cuts, text.length].entries()) {
    stream.push(text.slice(from, to));
    from = to;
    if (index % often === 0) await new Promise((done) => requestAnimationFrame(done));
  }
  stream.end();
  await rich.richTextSettled();
  // Each text has a number of its own.
  for (const link of document.querySelectorAll<HTMLElement>('#host [id], #host [href^="#"]'))
    for (const name of ['id', 'href']) {
      const value = link.getAttribute(name);
      if (value?.includes('fn')) link.setAttribute(name, value.replace(/-\d+/, ''));
    }
  whole.normalize();
  pieces.normalize();
  const same = pieces.isEqualNode(whole);
  const result = same ? '' : `${pieces.innerHTML}\n\n${whole.innerHTML}`;
  whole.remove();
  pieces.remove();
  return result;
}

describe.skipIf(chromiumPath === undefined)('rich text while it is written', () => {
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

  /** Pushes pieces, a frame after each, and tells the HTML or text after each of them. */
  const watch = (pieces: string[], what: 'innerHTML' | 'innerText' = 'innerText') =>
    open.page.evaluate(
      async ({ pieces, what }) => {
        const host = document.querySelector('#host') as HTMLElement;
        const stream = rich.createRichText(host);
        const seen: string[] = [];
        for (const piece of pieces) {
          stream.push(piece);
          await rich.richTextSettled();
          seen.push(host[what]);
        }
        stream.end();
        await rich.richTextSettled();
        return seen;
      },
      { pieces, what },
    );

  test('any cut in two gives the same in the end', async () => {
    for (let at = 1; at < sample.length; at += 7) {
      const wrong = await open.page.evaluate(compare, { text: sample, cuts: [at], often: 1 });
      if (wrong !== '')
        throw new Error(`cut at ${at}, behind ${JSON.stringify(sample.slice(at - 20, at))}\n${wrong}`);
    }
  }, 120_000);

  test('pieces of any size give the same in the end', async () => {
    let seed = 7;
    const random = (most: number) => {
      seed = (seed * 48_271) % 2_147_483_647;
      return 1 + (seed % most);
    };
    const text = `${sample}\n\`\`\`\n\n${sample}`;
    for (const most of [1, 3, 9, 40, 300, 3000]) {
      const cuts: number[] = [];
      for (let at = random(most); at < text.length; at += random(most)) cuts.push(at);
      expect(await open.page.evaluate(compare, { text, cuts, often: most < 9 ? 10 : 1 })).toBe('');
    }
  }, 60_000);

  test('texts that are cut for their length give the same in the end', async () => {
    const long = [
      'word '.repeat(4000),
      'x'.repeat(9000),
      '- **item** of a list\n'.repeat(700),
      '- item\n\n  more\n\n'.repeat(700),
      `|a|b|\n|-|-|\n${'|c|d|\n'.repeat(2000)}`,
      `- a\n\n  \`\`\`js\n${'  let a; // a\n'.repeat(900)}  \`\`\`\n- b`,
      `\`\`\`js\n${'let a = 1;\n'.repeat(4000)}\`\`\`\n`,
      'one\n\n'.repeat(6000),
      '😀'.repeat(3000),
    ];
    for (const text of long) {
      const cuts = Array.from({ length: 12 }, (_, index) => Math.floor((text.length * (index + 0.37)) / 13));
      expect((await open.page.evaluate(compare, { text, cuts, often: 1 })).slice(0, 200)).toBe('');
    }
  }, 120_000);

  test('what is complete is never touched again', async () => {
    const touched = await open.page.evaluate(
      async (text) => {
        const host = document.querySelector('#host') as HTMLElement;
        rich.createRichText(document.createElement('div')).set('```js\n1\n```\n\n$x$');
        await rich.richTextSettled();
        const stream = rich.createRichText(host);
        const wrong: string[] = [];
        const complete = new Set<Node>();
        const observer = new MutationObserver((records) => {
          for (const { target } of records) {
            for (let node: Node | null = target; node && node !== host; node = node.parentNode) {
              if (complete.has(node)) wrong.push((node as Element).outerHTML);
            }
          }
        });
        observer.observe(host, { subtree: true, childList: true, characterData: true, attributes: true });
        for (let at = 0; at < text.length; at += 5) {
          stream.push(text.slice(at, at + 5));
          if (at % 3 !== 0) continue;
          await rich.richTextSettled();
          await Promise.resolve();
          for (const node of [...host.querySelectorAll(':scope > :not(.rt-notes)')].slice(0, -1))
            complete.add(node);
        }
        const nodes = [...complete];
        stream.end();
        await rich.richTextSettled();
        return { wrong, gone: nodes.filter((node) => !host.contains(node)).length, watched: nodes.length };
        // Only the end tells that there is no such footnote.
      },
      sample.replace('[^none]', ''),
    );
    expect(touched.wrong).toEqual([]);
    expect(touched.gone).toBe(0);
    expect(touched.watched).toBeGreaterThan(15);
  });

  test('the block that grows keeps its nodes too', async () => {
    const kept = await open.page.evaluate(async () => {
      const host = document.querySelector('#host') as HTMLElement;
      const stream = rich.createRichText(host);
      stream.push('- one **two**\n- three');
      await rich.richTextSettled();
      const first = host.querySelector('strong');
      stream.push(' four\n- five');
      await rich.richTextSettled();
      return first !== null && host.contains(first);
    });
    expect(kept).toBe(true);
  });

  test('it is rendered at most once a frame', async () => {
    const most = await open.page.evaluate(async () => {
      const host = document.querySelector('#host') as HTMLElement;
      const stream = rich.createRichText(host);
      let changes = 0;
      new MutationObserver(() => changes++).observe(host, {
        subtree: true,
        childList: true,
        characterData: true,
      });
      for (let index = 0; index < 500; index++) stream.push('word ');
      await Promise.resolve();
      const before = changes;
      await rich.richTextSettled();
      return [before, changes];
    });
    expect(most).toEqual([0, 1]);
  });

  const halves: [name: string, pieces: string[], seen: string[]][] = [
    ['emphasis', ['a **', 'bo', 'ld*', '* b'], ['a', 'a bo', 'a bold', 'a bold b']],
    ['code', ['a `', 'co', 'de` b'], ['a', 'a co', 'a code b']],
    ['a link shows its words', ['a [b](', 'https://x', '.example) c'], ['a b', 'a b', 'a b c']],
    ['a list', ['a\n', '-', ' ', 'b\n', '- ', 'c'], ['a', 'a', 'a', 'a\nb', 'a\nb', 'a\nb\nc']],
    ['a numbered list', ['1', '.', ' a'], ['', '', 'a']],
    ['a heading', ['#', '# ', 'a'], ['', '', 'a']],
    ['a task', ['- [', 'x] ', 'a'], ['', '', 'a']],
    ['an underline that is a rule or a heading', ['a\n\n--', '-', '\nb'], ['a', 'a', 'a\n\nb']],
    [
      'an alert',
      ['a\n\n>', ' [', '!', 'NO', 'TE]', '\n', '> b', '\n> [!x'],
      ['a', 'a', 'a', 'a', 'a', 'a\nNote', 'a\nNote\nb', 'a\nNote\nb'],
    ],
    ['a quote that is none', ['> [!NOTE', '] b'], ['', '[!NOTE] b']],
    ['a fence', ['``', '`', 'js\n', 'a'], ['', '', 'js\nCopy', 'js\nCopy\na']],
    [
      'the end of a fence',
      ['```js\na\n', '``', '`\n', 'b'],
      ['js\nCopy\na', 'js\nCopy\na', 'js\nWrap\nSave\nCopy\na', 'js\nWrap\nSave\nCopy\na\nb'],
    ],
  ];
  for (const [name, pieces, seen] of halves) {
    test(`half of it: ${name}`, async () => {
      const texts = (await watch(pieces)).map((text) => text.replace(/\n+/g, '\n').trim());
      expect(texts).toEqual(seen.map((text) => text.replace(/\n+/g, '\n')));
    });
  }

  test('half a table is a table', async () => {
    const seen = await watch(['| a ', '| b', ' |\n', '|-', '-|--|\n', '| **c', '** | d |\n'], 'innerHTML');
    for (const html of seen) expect(html).toContain('<table>');
    expect(seen.at(-2)).toContain('<strong>c</strong>');
    for (const html of seen) expect(html.replace(/<[^>]*>/g, '')).not.toMatch(/[|*-]/);
  });

  test('half a formula is its source, and no paragraph or heading', async () => {
    const seen = await watch(['$$\n', 'a\n', '= ', 'b\n$', '$\n'], 'innerHTML');
    for (const html of seen) expect(html).not.toMatch(/<h\d|<p/);
    expect(seen[3]).not.toContain('<math');
    expect(seen.at(-1)).toContain('<math');
  });

  test('200 pieces a second are shown as they come', async () => {
    const report = await open.page.evaluate(async (text) => {
      const host = document.querySelector('#host') as HTMLElement;
      const stream = rich.createRichText(host);
      const frames: number[] = [];
      let last = performance.now();
      let on = true;
      const frame = (now: number) => {
        frames.push(now - last);
        last = now;
        if (on) requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
      for (let at = 0; at < text.length; at += 6) {
        stream.push(text.slice(at, at + 6));
        await new Promise((done) => setTimeout(done, 5));
      }
      const shown = host.textContent.length / text.length;
      stream.end();
      await rich.richTextSettled();
      on = false;
      frames.sort((a, b) => a - b);
      return { shown, p95: frames[Math.floor(frames.length * 0.95)], frames: frames.length };
    }, `${sample}\n\`\`\`\n\n`.repeat(3));
    console.log('rich text, 200 pieces a second:', JSON.stringify(report));
    expect(report.shown).toBeGreaterThan(0.5);
  });
});
