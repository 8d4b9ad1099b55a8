// What a caller may not do, or not yet, is told at the message, which is kept to be sent again.
import { describe, expect, test } from 'bun:test';
import {
  becomes,
  counts,
  noBrowser,
  readers,
  say,
  sees,
  signIn,
  untilDone,
} from '../../testing/chat-page.ts';
import { by, keyedPages } from '../../testing/keyed-pages.ts';

/** As the server says it whose limit is reached until `seconds` from now. */
const limitReached = (seconds: number) => ({
  status: 429,
  contentType: 'application/problem+json',
  headers: { 'Retry-After': String(seconds) },
  body: JSON.stringify({
    type: 'urn:agentchat:problem:limit_reached',
    title: 'Limit reached',
    status: 429,
    detail: 'The limit of 100 turns a day is reached.',
    instance: '/',
    request_id: 'limit-reached',
  }),
});

/** That it goes on, with a time. */
const goesOn = ({ retryAt }: { retryAt: string }): RegExp =>
  new RegExp(retryAt.replace('.', '\\.').replace('{time}', '.*\\d+:\\d\\d.*'));

describe.skipIf(noBrowser)('what may not be done', () => {
  const { pages, keys } = keyedPages({
    boss: { owner: 'boss', role: 'admin' },
    alice: { owner: 'alice' },
    other: { owner: 'alice', agents: ['another'] },
    narrow: { owner: 'narrow' },
  });
  const limit = (owner: string, limits: object) =>
    pages.call('PUT', `/api/admin/limits/${encodeURIComponent(owner)}`, limits, by(keys.boss));

  for (const { reader, options, words } of readers)
    test(`the server’s limit: which it is, when it goes on, how much is left, and nothing is lost (${reader})`, async () => {
      const owner = `limited ${words.you}`;
      const key = await pages.call('POST', '/api/admin/keys', { owner }, by(keys.boss));
      await limit(owner, { turns_per_day: 2, tokens_per_day: 100_000 });
      const page = await pages.open(options);
      await signIn(page, key.key);
      for (const text of ['one', 'two']) {
        await say(page, text);
        await sees(page, `re: ${text}`);
        await untilDone(page);
      }
      await say(page, 'three');
      const failure = page.locator('.message.user .failure');
      await failure.getByText(words.you === 'You' ? /limit of 2 turns a day/ : /每天最多 2 个轮次/).waitFor();
      await failure.getByText(goesOn(words)).waitFor();

      if (options.isMobile) await page.click('#open-drawer');
      await page.click('#settings');
      const allowance = page.locator('.allowance').filter({ hasText: words.limitTurns });
      await allowance.getByText(words.leftOf.replace('{left}', '0').replace('{most}', '2')).waitFor();
      await allowance.getByText(goesOn(words)).waitFor();
      // All of it can be seen, though it grew when the server had answered.
      const height = page.viewportSize()?.height ?? 0;
      await becomes(async () => {
        const box = await page.getByRole('dialog', { name: words.settings }).boundingBox();
        return box !== null && box.y >= 0 && box.y + box.height <= height;
      }, true);
      await page.keyboard.press('Escape');
      await page.reload();
      await failure.getByText('2').first().waitFor();
      await limit(owner, { turns_per_day: 3 });
      await failure.getByRole('button', { name: words.sendAgain }).click();
      await sees(page, 're: three');
      await untilDone(page);
      await counts(page.locator('.message.user'), 3);
      await becomes(
        () => page.evaluate(() => Object.keys(localStorage).filter((n) => n.includes('outbox'))),
        [],
      );
    }, 90_000);

  for (const { reader, options, words } of readers)
    test(`the limits of the key that they signed in with (${reader})`, async () => {
      const page = await pages.open(options);
      await signIn(page, keys.narrow.key);
      const path = `/api/admin/limits/narrow?key=${keys.narrow.id}`;
      await pages.call('PUT', path, { turns_per_day: 7 }, by(keys.boss));
      if (options.isMobile) await page.click('#open-drawer');
      await page.click('#settings');
      const sheet = page.getByRole('dialog', { name: words.settings });
      await sheet.getByText(words.limitsOfKey).waitFor();
      await sheet.getByText(words.leftOf.replace('{left}', '7').replace('{most}', '7')).waitFor();
    }, 60_000);

  for (const { reader, options, words } of readers)
    test(`what is held for replies is not told to come back at midnight (${reader})`, async () => {
      const page = await pages.open(options);
      await signIn(page, keys.alice.key);
      const me = await pages.call('GET', '/api/me', undefined, by(keys.alice));
      const limits = { tokens_per_day: 9000, cost_per_month: 5 };
      const used = { tokens_per_day: 9500, cost_per_month: 5, held_tokens: 600, held_cost: 0 };
      await page.route('**/api/me', (route) =>
        route.fulfill({ status: 200, json: { ...me, limits, limits_used: used } }),
      );
      if (options.isMobile) await page.click('#open-drawer');
      await page.click('#settings');
      const tokens = page.locator('.allowance').filter({ hasText: words.limitTokens });
      await tokens.getByText(words.heldForTurns).waitFor();
      await counts(tokens.getByText(goesOn(words)), 0);
      const cost = page.locator('.allowance').filter({ hasText: words.limitCost });
      await cost.getByText(goesOn(words)).waitFor();
      await counts(cost.getByText(words.heldForTurns), 0);
    }, 60_000);

  for (const { reader, options, words } of readers)
    test(`a limit: when it goes on, and the message goes again, once (${reader})`, async () => {
      const page = await pages.open({ ...options, timezoneId: 'UTC' });
      await signIn(page, keys.alice.key);
      let seconds = 7;
      await page.route('**/chat', (route) => route.fulfill(limitReached(seconds)));
      await say(page, 'one too many');
      const failure = page.locator('.message.user .failure');
      await failure.getByText(words.retryIn.replace('{seconds}', '7')).waitFor();
      await failure.getByText('limit-reached').waitFor();
      seconds = 86_400;
      await failure.getByRole('button', { name: words.sendAgain }).click();
      // A day and a time, and no number of seconds.
      await failure.getByText(goesOn(words)).waitFor();
      await page.reload();
      await failure.waitFor();
      await page.unroute('**/chat');
      await failure.getByRole('button', { name: words.sendAgain }).click();
      await sees(page, 're: one too many');
      await untilDone(page);
      await counts(page.locator('.message.user'), 1);
      const id = page.url().split('#/sessions/')[1];
      const headers = by(keys.alice);
      expect(await pages.call('GET', `/api/sessions/${id}/turns`, undefined, headers)).toHaveLength(1);
    }, 60_000);

  test('an agent that the key may not ask: the message says so, and can be put back', async () => {
    const page = await pages.open();
    await signIn(page, keys.other.key);
    await say(page, 'may I?');
    const failure = page.locator('.message.user .failure');
    await failure.getByText(/may not use the agent assistant/).waitFor();
    await failure.getByRole('button', { name: 'Put it back into the box' }).click();
    await counts(page.locator('.message'), 0);
    await page.waitForFunction(
      () => document.querySelector<HTMLTextAreaElement>('#input')?.value === 'may I?',
    );
  });
});
