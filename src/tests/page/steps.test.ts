// A turn of several steps on the page: the same while it streams, after a reload in its midst, and from what is stored.
import { describe, test } from 'bun:test';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { z } from 'zod';
import {
  becomes,
  chatPages,
  counts,
  noBrowser,
  questions,
  readers,
  replies,
  say,
  sees,
  untilDone,
} from '../../testing/chat-page.ts';
import type { ModelStep } from '../../testing/model-server.ts';
import { threeStepsName } from '../../testing/three-steps.ts';

const asking = z.array(z.object({ role: z.string(), content: z.string() }));
const said = ['a plan', 'the work', 'so'];

describe.skipIf(noBrowser)('a turn of three steps', () => {
  const pages = chatPages({
    entry: join(import.meta.dir, '..', '..', 'testing', 'chaos', 'steps-server.ts'),
    env: { CHAOS_AGENT: threeStepsName },
  });

  /** Which step is asked for, from 0: what was said before it is shown as one message, before a gap. */
  function stepAsked(): number {
    const [shown, last] = asking.parse(pages.model.requests.at(-1)?.body.messages).slice(-2);
    const isFirst = last?.content === 'hi' || last?.content === 'again';
    return isFirst ? 0 : (shown?.content.split('\n\n').length ?? 0);
  }

  /** Three steps, each of which waits in its midst until it is let go on. */
  function held() {
    const gates = [0, 1, 2].map(() => Promise.withResolvers<void>());
    const texts = [
      ['a ', 'plan'],
      ['the ', 'work'],
      ['an ', 'answer'],
    ];
    pages.answer((): ModelStep[] => {
      const step = stepAsked();
      const [first = '', rest = ''] = texts[step] ?? [];
      const wait = gates[step]?.promise ?? Promise.resolve();
      return [{ thought: `hm ${step}` }, { text: first }, { wait }, { text: rest }];
    });
    return { letGo: (step: number) => gates[step]?.resolve() };
  }

  /** What each message says, and whether it can be copied, as settled ones can. */
  const seen = (page: Page) =>
    page.locator('.message').evaluateAll((all) =>
      all.map((one) => {
        const text = one.querySelector('.bubble, .rich')?.textContent?.trim() ?? '';
        const thought = one.querySelector('.thought-text')?.textContent?.trim() ?? '';
        return [text, thought, one.querySelector('.message-actions') ? 'settled' : 'open'];
      }),
    );
  const looks = (page: Page, wanted: string[][]) => becomes(() => seen(page), wanted);

  const asked = ['hi', '', 'settled'];
  const plan = ['a plan', 'hm 0', 'settled'];
  const work = ['the work', 'hm 1', 'settled'];
  const answer = ['an answer', 'hm 2', 'settled'];

  for (const { reader, options } of readers)
    test(`looks the same streamed, reloaded in its midst, and stored (${reader})`, async () => {
      const { letGo } = held();
      const page = await pages.open(options);
      await say(page, 'hi');
      await sees(page, 'a ');
      letGo(0);
      const midst = [asked, plan, ['the', 'hm 1', 'open']];
      await looks(page, midst);
      const other = await pages.open({ ...options, path: `/${new URL(page.url()).hash}` });
      await page.reload();
      for (const one of [page, other]) {
        await looks(one, midst);
        await one.locator('#stop').waitFor();
      }
      letGo(1);
      for (const one of [page, other]) await looks(one, [asked, plan, work, ['an', 'hm 2', 'open']]);
      letGo(2);
      const all = [asked, plan, work, answer];
      for (const one of [page, other]) {
        await looks(one, all);
        await untilDone(one);
        await one.reload();
        await looks(one, all);
      }
      // Behind the next one it is history, and still the same.
      pages.answer(() => [{ text: said[stepAsked()] ?? '' }]);
      await say(page, 'again');
      await sees(page, 'so');
      await untilDone(page);
      await becomes(async () => (await seen(page)).slice(0, 4), all);
      await counts(replies(page), 6);
      const both = await seen(page);
      await looks(other, both);
      await page.reload();
      await looks(page, both);
      await counts(page.locator('.message-actions.last'), 1);
    }, 90_000);

  test('between two steps the page says that more is to come', async () => {
    const more = Promise.withResolvers<void>();
    pages.answer(() => [
      ...(stepAsked() === 1 ? [{ wait: more.promise }] : []),
      { text: said[stepAsked()] ?? '' },
    ]);
    const page = await pages.open();
    await say(page, 'hi');
    const between = [asked, ['a plan', '', 'settled'], ['', '', 'open']];
    await looks(page, between);
    await sees(page, 'Waiting for the reply…');
    await page.reload();
    await looks(page, between);
    more.resolve();
    await sees(page, 'so');
    await untilDone(page);
    await counts(replies(page), 3);
  }, 60_000);

  test('a step that fails is said alone to have failed, and alone is said again', async () => {
    let isBroken = true;
    pages.answer(() => {
      if (stepAsked() === 1 && isBroken) return [{ text: 'the wo' }, { cut: true }];
      return [{ text: said[stepAsked()] ?? '' }];
    });
    const page = await pages.open();
    await say(page, 'hi');
    const again = page.getByRole('button', { name: 'Try again' });
    const failed = [asked, ['a plan', '', 'settled'], ['the wo', '', 'open']];
    await again.waitFor();
    await looks(page, failed);
    await page.reload();
    await again.waitFor();
    await looks(page, failed);
    isBroken = false;
    await again.click();
    await sees(page, 'so');
    await untilDone(page);
    await looks(page, [asked, ['a plan', '', 'settled'], ['the work', '', 'settled'], ['so', '', 'settled']]);
    await counts(questions(page), 1);
  }, 60_000);

  test('one that is stopped keeps what was settled, now and after a reload', async () => {
    pages.answer(() => (stepAsked() === 1 ? [{ hang: true }] : [{ text: 'a plan' }]));
    const page = await pages.open();
    await say(page, 'hi');
    await sees(page, 'Waiting for the reply…');
    await page.locator('.message.assistant .message-actions').waitFor({ state: 'attached' });
    await page.click('#stop');
    const stopped = [asked, ['a plan', '', 'settled'], ['', '', 'open']];
    for (const again of [false, true]) {
      if (again) await page.reload();
      await sees(page, 'Stopped before anything was written.');
      await looks(page, stopped);
    }
    await counts(replies(page), 2);
  }, 60_000);

  test('a process that dies takes back its open step alone', async () => {
    const { letGo } = held();
    const page = await pages.open();
    await say(page, 'hi');
    letGo(0);
    await looks(page, [asked, plan, ['the', 'hm 1', 'open']]);
    await pages.kill();
    await pages.start();
    letGo(1);
    letGo(2);
    await sees(page, 'an answer');
    await untilDone(page);
    await looks(page, [asked, plan, work, answer]);
  }, 120_000);
});
