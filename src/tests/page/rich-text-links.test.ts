// Links of a reply whose words name another place than they lead to say which.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { chromiumPath } from '../../testing/browser.ts';
import { type OpenPage, type RichTextPage, startRichTextPage } from '../../testing/rich-text-page.ts';

/** What each link shows behind its words; nothing where they are true. */
const shown: Record<string, [source: string, address: string]> = {
  'a full address': ['[https://bank.example](https://evil.example/x)', 'evil.example'],
  'a bare name': ['[bank.example](https://evil.example/x)', 'evil.example'],
  'a name in emphasis and with a path': [
    '[go to **bank**.example/login](https://evil.example)',
    'evil.example',
  ],
  'a name of which a part is a character by number': [
    '[bank&#46;example](https://evil.example)',
    'evil.example',
  ],
  'a name among others': ['[evil.example or bank.example](https://evil.example)', 'evil.example'],
  'a longer name': ['[bank.example](https://bank.example.evil.example)', 'bank.example.evil.example'],
  'a port': ['[bank.example](https://bank.example:8443)', 'bank.example:8443'],
  'what stands before an @': ['<https://bank.example@evil.example/>', 'evil.example'],
  'a password': ['[open](https://bank.example:x@evil.example)', 'evil.example'],
  'a mailbox that is a site': ['[help@bank.example](https://evil.example)', 'evil.example'],
  'another mailbox': ['[help@bank.example](mailto:help@evil.example)', 'help@evil.example'],
  'a mailbox behind a site': ['[bank.example](mailto:help@evil.example)', 'help@evil.example'],
  'Cyrillic letters': ['https://b\u0430nk.example/login', 'xn--bnk-6cd.example'],
  'the same behind Latin ones': ['[bank.example](https://b\u0430nk.example)', 'xn--bnk-6cd.example'],
  'wide letters': ['[ｂａｎｋ．example](https://evil.example)', 'evil.example'],
  'letters from right to left': ['[\u202eelpmaxe.knab](https://evil.example)', 'evil.example'],
  'letters that nobody sees': ['[ba\u200bnk.exam\u00adple](https://evil.example)', 'evil.example'],
  'an image': ['![bank.example](https://evil.example/x.png)', 'evil.example'],
  'the same site': ['[www.bank.example/a](https://bank.example/b)', ''],
  'its own address': ['https://bank.example/?next=https://other.example', ''],
  'a mailbox of its own': ['<help@bank.example>', ''],
  'Chinese beside a name': ['[访问bank.example的网页](https://bank.example)', ''],
  'a Chinese name': ['<https://例子.中国/>', ''],
  'a file': ['[src/index.ts](https://bank.example/index.ts)', ''],
  words: ['[e.g. 3.5 or v1.2.3](https://bank.example)', ''],
};

describe.skipIf(chromiumPath === undefined)('links that say where they lead', () => {
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

  test('each of many', async () => {
    const told: Record<string, string> = {};
    for (const [name, [source]] of Object.entries(shown)) {
      await open.show(source);
      expect([name, await open.page.locator('#host a').count()]).toEqual([name, 1]);
      told[name] = (await open.page.locator('#host a > bdi').allTextContents()).join();
    }
    expect(told).toEqual(
      Object.fromEntries(
        Object.entries(shown).map(([name, [, address]]) => [name, address && ` (${address})`]),
      ),
    );
  });

  test('letters that turn the direction turn nothing behind the link', async () => {
    await open.show('[\u202eabc](https://evil.example) one two');
    const [one, two] = await open.page.evaluate(() => {
      const text = document.querySelector('#host p')?.lastChild as Text;
      return ['one', 'two'].map((word) => {
        const range = document.createRange();
        range.setStart(text, text.data.indexOf(word));
        range.setEnd(text, text.data.indexOf(word) + 3);
        return range.getBoundingClientRect().left;
      });
    });
    expect(one).toBeLessThan(two ?? 0);
  });

  test('a link of very many letters keeps nobody busy', async () => {
    const words = ['a.'.repeat(3500), 'a'.repeat(7000), `${'a@'.repeat(390)}x`, '-.'.repeat(3500)];
    for (const word of words) await open.show(`[${word}](https://evil.example)`);
    expect(await open.page.locator('#host a').count()).toBe(1);
  });
});
