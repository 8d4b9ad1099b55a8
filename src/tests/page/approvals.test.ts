// What waits for a person on the page: what exactly will be done, what may be said of it and by whom, and the list of all.
import { describe, expect, test } from 'bun:test';
import type { Locator, Page } from 'playwright-core';
import { violations } from '../../testing/axe.ts';
import {
  becomes,
  chatPages,
  counts,
  desktop,
  drawn,
  hasFocus,
  noBrowser,
  phone,
  say,
  sees,
  untilDone,
} from '../../testing/chat-page.ts';
import { asks, callReaders, lines, withTools } from '../../testing/tool-pages.ts';

const cards = (page: Page): Locator => page.locator('#stage .approval');
const button = (within: Page | Locator, name: string): Locator =>
  within.getByRole('button', { name, exact: true });
const hashOf = (page: Page): string => `/${new URL(page.url()).hash}`;

type Pending = { id: string; session_id: string; turn_id: string; call: { name: string } };

describe.skipIf(noBrowser)('approvals on the page', () => {
  const pages = chatPages(withTools());

  const pending = (): Promise<Pending[]> => pages.call('GET', '/api/approvals');
  /** As another device says it. */
  async function decideElsewhere(page: Page, name: string, decision: object): Promise<void> {
    const mine = (await pending()).filter(({ session_id }) => page.url().includes(session_id));
    const one = mine.find(({ call }) => call.name === name);
    const path = `/api/sessions/${one?.session_id}/turns/${one?.turn_id}/approvals/${one?.id}`;
    await pages.call('POST', path, decision);
  }

  test('a call waits, also after a reload; what was approved in one tab closes the card in the other', async () => {
    pages.answer(() => asks(['write', '{"to":"a","big":12345678901234567890}']));
    const page = await pages.open();
    await say(page, 'hi');
    await cards(page).waitFor();
    const other = await pages.open({ path: hashOf(page), context: page.context() });
    await page.reload();
    await cards(other).waitFor();
    for (const one of [page, other]) await cards(one).getByText('Server: office', { exact: true }).waitFor();
    // To the letter, and not as a browser reads such a number.
    await becomes(
      () => cards(page).locator('.call-text').textContent(),
      '{\n  "to": "a",\n  "big": 12345678901234567890\n}',
    );
    await button(cards(page), 'Change the arguments').press('Enter');
    const box = cards(page).getByRole('textbox', { name: 'Arguments' });
    await hasFocus(box);
    await button(cards(page), 'Approve').press('Enter');
    await cards(page).getByText('is too large to be sent as it is').waitFor();
    await box.fill('{"to":');
    await button(cards(page), 'Approve').press('Enter');
    await cards(page).getByText('This is not JSON').waitFor();
    await hasFocus(box);
    await box.fill('{"to":"b"}');
    await button(cards(page), 'Approve').press('Enter');
    for (const one of [page, other]) {
      await sees(one, 'written to b');
      await untilDone(one);
      await becomes(() => lines(one), ['write · done']);
      await counts(cards(one), 0);
    }
    await page.locator('.call summary').press('Enter');
    await page.locator('.call-note', { hasText: 'It was approved.' }).waitFor();
    await page.locator('.call-text', { hasText: '"to": "b"' }).waitFor();
  }, 90_000);

  test('arguments are fields, by the tool’s schema, and what is wrong is told at its field', async () => {
    const given = { to: 'ann', text: 'two\nlines', copies: 2, urgent: true, tags: ['a'], odd: { is: 1 } };
    pages.answer(() => asks(['send_mail', JSON.stringify(given)]));
    const page = await pages.open();
    await say(page, 'hi');
    await cards(page).getByText('Sends a message to somebody.').waitFor();
    await button(cards(page), 'Change the arguments').press('Enter');
    const field = (name: string) => cards(page).getByLabel(name, { exact: true });
    await hasFocus(field('to'));
    expect(await violations(page)).toEqual([]);
    const wrong: [name: string, text: string, told: string][] = [
      ['to', 'x', 'This needs 3 characters or more.'],
      ['copies', '1.5', 'This has to be a whole number.'],
      ['copies', '10', 'This has to be 9 or less.'],
      ['weight', 'heavy', 'This has to be a number'],
      ['tags', '{}', 'This has to be a list'],
    ];
    const right: Record<string, string> = { to: 'bob', copies: '3', weight: '1.5', tags: '["b"]' };
    for (const [name, text, told] of wrong) {
      await field(name).fill(text);
      await button(cards(page), 'Approve').press('Enter');
      await cards(page).locator('.argument', { hasText: told }).getByLabel(name, { exact: true }).waitFor();
      await hasFocus(field(name));
      await field(name).fill(right[name] ?? '');
    }
    await field('urgent').selectOption('no');
    await field('way').selectOption('fax');
    await button(cards(page), 'As JSON').press('Enter');
    await becomes(async () => JSON.parse(await field('Arguments').inputValue()).way, 'fax');
    await button(cards(page), 'As fields').press('Enter');
    await button(cards(page), 'Approve').press('Enter');
    const sent = { ...given, to: 'bob', copies: 3, weight: 1.5, urgent: false, way: 'fax', tags: ['b'] };
    await untilDone(page);
    await page.locator('.call summary').press('Enter');
    await becomes(async () => {
      const [, text = ''] =
        /^sent (.*)$/.exec((await page.locator('.call-text').last().textContent()) ?? '') ?? [];
      return text && JSON.parse(text);
    }, sent);
  }, 90_000);

  for (const colorScheme of ['light', 'dark'] as const)
    test(`a card fits the narrowest screen, is accessible, and denies by keyboard (${colorScheme})`, async () => {
      pages.answer(() => asks(['write', JSON.stringify({ to: 'x'.repeat(200) })]));
      const page = await pages.open({ colorScheme, viewport: { width: 320, height: 640 }, locale: 'zh-CN' });
      await say(page, 'hi');
      await button(cards(page), '拒绝').press('Enter');
      const reason = cards(page).getByRole('textbox');
      await hasFocus(reason);
      expect(await violations(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
      await reason.press('Escape');
      await hasFocus(button(cards(page), '批准'));
      await button(cards(page), '拒绝').press('Enter');
      await reason.fill('not now');
      await reason.press('Control+Enter');
      await becomes(() => lines(page), ['write · 已拒绝']);
      await untilDone(page);
      await page.reload();
      await becomes(() => lines(page), ['write · 已拒绝']);
      await page.locator('.call summary').press('Enter');
      await page.locator('.call-text', { hasText: 'not now' }).waitFor();
      expect(await violations(page)).toEqual([]);
    }, 60_000);

  test('each card closes at once, whoever decides, and the others of the step stay', async () => {
    pages.answer(() => asks(['write', '{"to":"a"}'], ['send_mail', '{}'], ['look', '{"at":"x"}']));
    const page = await pages.open();
    await say(page, 'hi');
    await counts(cards(page), 2);
    const phoned = await pages.open({ ...phone, path: hashOf(page) });
    await counts(cards(phoned), 2);
    const mail = (one: Page) => one.locator('#stage .approval', { hasText: 'send_mail' });
    await button(mail(page), 'Answer instead').press('Enter');
    await mail(page).getByRole('textbox').fill('it was sent by hand');
    await button(mail(page), 'Give this as the result').press('Enter');
    await counts(cards(page), 1);
    await hasFocus(cards(page).getByRole('button').first());
    const halfway = ['send_mail · answered', 'look · running'];
    await becomes(() => lines(page), halfway);
    // Another device learns of it when its reader comes back to it, and a page that is loaded anew from the beginning.
    await phoned.evaluate(() => dispatchEvent(new Event('focus')));
    await counts(cards(phoned), 1);
    await page.reload();
    await counts(cards(page), 1);
    await becomes(() => lines(page), halfway);
    await decideElsewhere(page, 'write', { decision: 'deny', reason: 'The user said: no' });
    await untilDone(page);
    for (const one of [page, phoned])
      await becomes(() => lines(one), ['write · denied', 'send_mail · answered', 'look · done']);
  }, 90_000);

  test('who comes too late is told so, and what was decided', async () => {
    pages.answer(() => asks(['write', '{"to":"a"}'], ['send_mail', '{}']));
    const page = await pages.open();
    await say(page, 'hi');
    await counts(cards(page), 2);
    await decideElsewhere(page, 'write', { decision: 'deny' });
    await button(cards(page).first(), 'Approve').press('Enter');
    await page.locator('.toast', { hasText: 'This was decided before' }).waitFor();
    await counts(cards(page), 1);
    await becomes(() => lines(page), ['write · denied']);
    await page.locator('.call summary').press('Enter');
    await page.locator('.call-note', { hasText: 'It was denied.' }).waitFor();
    await page.keyboard.press('Escape');
  }, 60_000);

  for (const { reader, options, words } of callReaders)
    test(`all that waits is counted and listed, over all sessions, by keyboard (${reader})`, async () => {
      for (const one of await pending())
        await pages.call('POST', `/api/sessions/${one.session_id}/turns/${one.turn_id}/cancel`);
      pages.answer((text) => asks(['write', JSON.stringify({ to: text })]));
      const page = await pages.open(options);
      await say(page, 'first');
      await cards(page).waitFor();
      const { id } = await pages.call('POST', '/api/sessions', {});
      void pages.call('POST', `/api/sessions/${id}/chat`, { content: 'second' });
      const other = await pages.open({ ...options, context: page.context() });
      await becomes(() => other.title(), '(2) AgentChat');
      await other.keyboard.press('Control+.');
      const list = other.locator('dialog .waiting-list');
      await counts(list.locator('li'), 2);
      const second = list.locator('li', { hasText: 'second' });
      await second.getByRole('link', { name: words.inSession.replace('{name}', 'second') }).waitFor();
      await second.locator('summary').press('Enter');
      await drawn(other);
      expect(await violations(other)).toEqual([]);
      await button(second, words.allow).press('Enter');
      await counts(list.locator('li'), 1);
      // The first tab hears of it.
      await becomes(async () => (await page.title()).startsWith('(1) '), true);
      await list.getByRole('link', { name: words.inSession.replace('{name}', 'first') }).press('Enter');
      await cards(other).waitFor();
      await button(cards(other), words.allow).press('Enter');
      for (const one of [page, other]) {
        await sees(one, 'written to first');
        await becomes(async () => (await one.title()).startsWith('('), false);
      }
      if (options.isMobile) await other.locator('#open-drawer').click();
      await counts(other.locator('#waiting'), 0);
    }, 90_000);
});

describe.skipIf(noBrowser)('an approval whose time passes', () => {
  const pages = chatPages(withTools(1, { APPROVAL_TIMEOUT: '6s' }));

  test('says how long it is open, and then that nobody decided', async () => {
    pages.answer(() => asks(['write', '{"to":"a"}']));
    const page = await pages.open(desktop);
    await say(page, 'hi');
    await cards(page)
      .getByText(/Open until .*: \d seconds? left/)
      .waitFor();
    await becomes(() => lines(page), ['write · nobody decided in time']);
    await page.reload();
    await becomes(() => lines(page), ['write · nobody decided in time']);
  }, 60_000);
});
