// What a caller may not do, or not yet, is told at the message, which is kept to be sent again.
import { describe, expect, test } from 'bun:test';
import { chatPages, counts, noBrowser, readers, say, sees, signIn, untilDone } from './testing/chat-page.ts';
import { seedKeys } from './testing/seeded-keys.ts';

type Made = { key: string; owner: string; id: string };

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

describe.skipIf(noBrowser)('what may not be done', () => {
  let alice: Made;
  let other: Made;
  const pages = chatPages({
    env: { AUTH: 'keys' },
    before: async (folder) => {
      [alice, other] = await seedKeys(folder, [{ owner: 'alice' }, { owner: 'alice', agents: ['another'] }]);
    },
  });

  for (const { reader, options, words } of readers)
    test(`a limit: when it goes on, and the message goes again, once (${reader})`, async () => {
      const page = await pages.open({ ...options, timezoneId: 'UTC' });
      await signIn(page, alice.key);
      let seconds = 7;
      await page.route('**/chat', (route) => route.fulfill(limitReached(seconds)));
      await say(page, 'one too many');
      const failure = page.locator('.message.user .failure');
      await failure.getByText(words.retryIn.replace('{seconds}', '7')).waitFor();
      await failure.getByText('limit-reached').waitFor();
      seconds = 86_400;
      await failure.getByRole('button', { name: words.sendAgain }).click();
      // A day and a time, and no number of seconds.
      const [before, after] = words.retryAt.split('{time}');
      await failure.getByText(new RegExp(`${before}.*\\d+:\\d\\d.*${after?.replace('.', '\\.')}`)).waitFor();
      await page.reload();
      await failure.waitFor();
      await page.unroute('**/chat');
      await failure.getByRole('button', { name: words.sendAgain }).click();
      await sees(page, 're: one too many');
      await untilDone(page);
      await counts(page.locator('.message.user'), 1);
      const id = page.url().split('#/sessions/')[1];
      const headers = { authorization: `Bearer ${alice.key}` };
      expect(await pages.call('GET', `/api/sessions/${id}/turns`, undefined, headers)).toHaveLength(1);
    }, 60_000);

  test('an agent that the key may not ask: the message says so, and can be put back', async () => {
    const page = await pages.open();
    await signIn(page, other.key);
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
