// Signing in to the chat page with a key, and out again.
import { describe, expect, test } from 'bun:test';
import { type SignInError, signInErrors } from '../../access/oidc/page-sign-in.ts';
import {
  becomes,
  boxHolds,
  counts,
  hasFocus,
  noBrowser,
  readers,
  say,
  sees,
  signIn,
  untilDone,
} from '../../testing/chat-page.ts';
import { keyedPages } from '../../testing/keyed-pages.ts';

describe.skipIf(noBrowser)('the sign-in with a key', () => {
  const { pages, keys } = keyedPages({
    alice: { owner: 'alice' },
    bob: { owner: 'bob' },
    reader: { owner: 'alice', role: 'viewer' },
    backend: { owner: 'backend', role: 'service' },
  });

  for (const { reader: who, options, words } of readers) {
    test(`comes before anything else, works by keyboard, and says what is wrong with a key (${who})`, async () => {
      const asked: string[] = [];
      const page = await pages.open({ ...options, path: '/#/' });
      // What the first load asks is not to come behind it.
      await hasFocus(page.locator('#key'));
      page.on('request', (request) => asked.push(new URL(request.url()).pathname));
      await page.reload();
      await hasFocus(page.locator('#key'));
      await counts(page.locator('#input'), 0);
      expect(asked.filter((path) => path.startsWith('/api/')).sort()).toEqual(['/api/me', '/api/sign-in']);
      await page.keyboard.press('Enter');
      await hasFocus(page.locator('#key'));
      await page.keyboard.type('ack_nonsense');
      await page.keyboard.press('Enter');
      await page.getByRole('alert').getByText(words.wrongKey).waitFor();
      await hasFocus(page.locator('#key'));
      await page.keyboard.type(keys.alice.key);
      await page.keyboard.press('Enter');
      await page.locator('.welcome').waitFor();
      await say(page, 'hello');
      await sees(page, 're: hello');
      await untilDone(page);
      await page.reload();
      await sees(page, 're: hello');
    }, 60_000);
  }

  for (const { reader: who, options, words } of readers)
    test(`says why a sign-in at the provider came to nothing, and takes that out of the address (${who})`, async () => {
      const sentences: Record<SignInError, string> = {
        access_denied: words.signInCancelled,
        email_unverified: words.signInEmailUnverified,
        expired: words.signInExpired,
        not_allowed: words.signInNotAllowed,
        provider_away: words.signInProviderAway,
        provider_failed: words.signInFailed,
        too_many_attempts: words.signInTooMany,
      };
      expect(new Set(Object.values(sentences)).size).toBe(signInErrors.length);
      const page = await pages.open(options);
      for (const code of [...signInErrors, 'of_a_later_version'] as const) {
        await page.goto(`${pages.url}/?sign_in_error=${code}`);
        const sentence = code === 'of_a_later_version' ? words.signInFailed : sentences[code];
        await page.getByRole('alert').getByText(sentence, { exact: true }).waitFor();
        await becomes(() => page.url(), `${pages.url}/`);
      }
      await page.reload();
      await page.locator('#key').waitFor();
      await counts(page.getByRole('alert'), 0);
    }, 60_000);

  test('is as password managers want it, and keeps no key: not in the storage, not in an address', async () => {
    const urls: string[] = [];
    const page = await pages.open();
    page.on('request', (request) => urls.push(request.url()));
    await counts(page.locator('#sign-in [autocomplete=username]'), 1);
    await becomes(() => page.getAttribute('#key', 'autocomplete'), 'current-password');
    await becomes(() => page.getAttribute('#key', 'type'), 'password');
    await page.getByRole('button', { name: 'Show the key' }).click();
    await becomes(() => page.getAttribute('#key', 'type'), 'text');
    await signIn(page, keys.alice.key);
    await say(page, 'something');
    await sees(page, 're: something');
    const kept = await page.evaluate(() =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]),
    );
    expect(kept + urls.join()).not.toContain(keys.alice.key.slice(4));
    expect(await page.evaluate(() => document.cookie)).toBe('');
  });

  test('says that a backend’s key is none for a page, and when there were too many attempts', async () => {
    const page = await pages.open();
    await page.fill('#key', keys.backend.key);
    await page.press('#key', 'Enter');
    await page
      .getByRole('alert')
      .getByText(/X-Owner|service/)
      .waitFor();
    await page.route('**/api/sign-in', (route) =>
      route.request().method() === 'POST'
        ? route.fulfill({
            status: 429,
            contentType: 'application/problem+json',
            headers: { 'Retry-After': '40' },
            body: JSON.stringify({
              type: 'urn:agentchat:problem:too_many_attempts',
              status: 429,
              detail: 'Too many wrong keys.',
            }),
          })
        : route.continue(),
    );
    await page.press('#key', 'Enter');
    await page.getByRole('alert').getByText('Too many wrong keys. Please try again in 40 s.').waitFor();
    await page.unroute('**/api/sign-in');
    await page.context().setOffline(true);
    await page.press('#key', 'Enter');
    await page
      .getByRole('alert')
      .getByText(/cannot be reached/)
      .waitFor();
    await page.context().setOffline(false);
    await signIn(page, keys.alice.key);
  });

  test('a sign-out clears all tabs and what was stored, and asks before what was not sent is lost', async () => {
    const page = await pages.open();
    await signIn(page, keys.bob.key);
    await say(page, 'a secret of bob');
    await sees(page, 're: a secret of bob');
    await untilDone(page);
    const other = await pages.open({ context: page.context() });
    await other.getByRole('link', { name: 'a secret of bob' }).waitFor();
    await page.fill('#input', 'half a thought');
    await page.click('#settings');
    await page.getByText('bob', { exact: true }).waitFor();
    await page.click('#sign-out');
    const dialog = page.getByRole('dialog', { name: 'Sign out and lose what was not sent?' });
    await dialog.getByText('Drafts: 1').waitFor();
    await dialog.getByRole('button', { name: 'Stay signed in' }).click();
    await boxHolds(page, 'half a thought');
    await page.click('#settings');
    await page.click('#sign-out');
    await dialog.getByRole('button', { name: 'Sign out all the same' }).click();
    for (const one of [page, other]) {
      await one.locator('#key').waitFor();
      await counts(one.getByText('a secret of bob'), 0);
      await becomes(() => new URL(one.url()).hash, '');
    }
    const kept = await page.evaluate(() => JSON.stringify({ ...localStorage }));
    expect(kept).not.toContain('half a thought');
    expect(kept).not.toContain('bob');
    // The cookie is good no more, and both go on together.
    await signIn(other, keys.bob.key);
    await page.locator('#input').waitFor();
    await boxHolds(page, '');
  }, 60_000);

  test('who may only read finds no message box, and nothing to change', async () => {
    const writer = await pages.open();
    await signIn(writer, keys.alice.key);
    await say(writer, 'to be read');
    await sees(writer, 're: to be read');
    const page = await pages.open();
    await signIn(page, keys.reader.key, '#read-only');
    await counts(page.locator('#input, #new-session, .example'), 0);
    await page.getByText('You may read here. To write').waitFor();
    await page.getByRole('link', { name: 'to be read' }).click();
    await sees(page, 're: to be read');
    await page.locator('.message-actions.last').waitFor();
    await counts(page.getByRole('button', { name: 'Ask again' }), 0);
    await counts(page.getByRole('button', { name: 'Edit' }), 0);
    await page.getByRole('button', { name: 'More for this session' }).click();
    await counts(page.getByRole('menuitem'), 1);
    await page.getByRole('menuitem', { name: 'Save or share…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'JSON' }).waitFor();
    await counts(page.locator('#make-share'), 0);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.locator('#session-list a').first().focus();
    await page.keyboard.press('Delete');
    await page.keyboard.press('F2');
    await counts(page.locator('.toast, .rename'), 0);
  });
});
