// Long sessions on the chat page, in a real browser.
import { describe, expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import {
  atRest,
  chatPages,
  noBrowser,
  readers,
  say,
  sees,
  until,
  untilDone,
} from '../../testing/chat-page.ts';
import { seededId, seededText, seedSessions } from '../../testing/seeded-sessions.ts';

const long = seededId(1);
const middling = seededId(2);
const measured = seededId(3);
const most = 10_000;
const path = `/#/sessions/${long}`;

/** The messages that are to be seen now, as their numbers. */
const inView = (page: Page) =>
  page.evaluate(() => {
    const box = document.getElementById('scroller')?.getBoundingClientRect();
    if (!box) return [];
    return [...document.querySelectorAll('.message')]
      .filter((one) => {
        const { top, bottom } = one.getBoundingClientRect();
        return bottom > box.top && top < box.bottom;
      })
      .map((one) => Number(/message (\d+) of/.exec(one.textContent ?? '')?.[1]));
  });

const numbers = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('.message')].map((one) =>
      Number(/message (\d+) of/.exec(one.textContent ?? '')?.[1]),
    ),
  );

describe.skipIf(noBrowser)('a session of ten thousand messages', () => {
  const pages = chatPages({
    before: (database) =>
      seedSessions(database, [
        { id: long, name: 'A long story', messages: most },
        { id: middling, name: 'A story', messages: 400 },
        { id: measured, name: 'A measured story', messages: 2000 },
      ]),
  });

  for (const { reader, options } of readers) {
    test(`opens at its end with the newest messages only, and is answered in (${reader})`, async () => {
      const page = await pages.open({ ...options, path });
      await sees(page, seededText(most));
      await until(async () => (await inView(page)).includes(most), 'the newest in view');
      expect((await numbers(page)).length).toBeLessThan(200);
      await say(page, 'and then?');
      await sees(page, 're: and then?');
      await untilDone(page);
    }, 60_000);
  }

  test('loads backwards while the reader scrolls up, and what is being read stays where it is', async () => {
    const page = await pages.open({ path: `/#/sessions/${middling}` });
    await sees(page, seededText(400));
    await page.locator('#scroller').hover();
    const wheel = async () => {
      await page.mouse.wheel(0, -500);
      await atRest(page);
    };
    await until(
      async () => {
        const before = await inView(page);
        await wheel();
        const after = await inView(page);
        // Going up never skips what was not seen: the screens touch each other.
        expect(Math.max(...after)).toBeGreaterThanOrEqual(Math.min(...before) - 1);
        return (await numbers(page))[0] === 1 && after.includes(1);
      },
      'the first message',
      100_000,
    );
    expect(await numbers(page)).toEqual(Array.from({ length: 400 }, (_, n) => n + 1));
    await page.getByRole('button', { name: 'Latest' }).click();
    await until(async () => (await inView(page)).includes(400));
    // Opened once more it begins at its end again, with the newest only.
    await page.click('#new-session');
    await page.locator('.welcome').waitFor();
    await page.goBack();
    await until(async () => (await inView(page)).includes(400));
    expect((await numbers(page)).length).toBeLessThan(200);
  }, 120_000);

  test('a text that arrives does not move the reader who scrolled up, however much is loaded above', async () => {
    const rest = Promise.withResolvers<void>();
    pages.answer(() => [
      { text: 'slowly ' },
      { wait: rest.promise },
      { text: 'line\n\n'.repeat(30) },
      { text: 'the end' },
    ]);
    const page = await pages.open({ path });
    await sees(page, seededText(most));
    await say(page, 'go on');
    await sees(page, 'slowly');
    await page.locator('#scroller').hover();
    await page.mouse.wheel(0, -1500);
    await page.getByRole('button', { name: 'Latest' }).waitFor();
    const reading = page.locator('.message', { hasText: seededText(most - 12) }).first();
    await reading.scrollIntoViewIfNeeded();
    const place = async () => {
      await atRest(page);
      return Math.round((await reading.boundingBox())?.y ?? 0);
    };
    const before = await place();
    rest.resolve();
    await sees(page, 'the end');
    await untilDone(page);
    expect(Math.abs((await place()) - before)).toBeLessThanOrEqual(2);
  }, 60_000);

  test('200 pieces a second into 2,000 messages that are all loaded: the time of a frame is reported', async () => {
    const seconds = 4;
    pages.answer(() => [
      { text: 'begin ' },
      ...Array.from({ length: seconds * 100 }, (_, n) => [
        { wait: 10 },
        { text: n % 40 === 39 ? '\n\n' : `**piece** ${n} ` },
        { text: `\`${n}\` ` },
      ]).flat(),
      { text: 'end.' },
    ]);
    const page = await pages.open({ path: `/#/sessions/${measured}` });
    await sees(page, seededText(2000));
    await until(
      async () => {
        await page.evaluate(() => {
          const box = document.getElementById('scroller');
          if (box) box.scrollTop = 0;
        });
        return (await page.locator('.message').count()) === 2000;
      },
      'all messages',
      120_000,
    );
    await page.getByRole('button', { name: 'Latest' }).click();
    await say(page, 'now');
    await sees(page, 'begin');
    const frames = page.evaluate(
      () =>
        new Promise<number[]>((done) => {
          const times: number[] = [];
          let last = performance.now();
          const frame = (now: number) => {
            times.push(now - last);
            last = now;
            if (document.querySelector('.message.assistant[aria-busy="true"]')) requestAnimationFrame(frame);
            else done(times.slice(1));
          };
          requestAnimationFrame(frame);
        }),
    );
    const times = (await frames).sort((a, b) => a - b);
    const at = (part: number) => Math.round(times[Math.floor(times.length * part)] ?? 0);
    console.log(
      `Streaming into 2,000 messages: a frame took ${at(0.5)} ms at the median, ${at(0.95)} ms at the 95th percentile (${times.length} frames).`,
    );
    expect(times.length).toBeGreaterThan(10);
    await sees(page, 'end.');
  }, 180_000);
});
