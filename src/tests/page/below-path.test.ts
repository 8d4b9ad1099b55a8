// The chat page below a path of its own, on the ways that the walk of the whole page does not take.
import { describe, expect, test } from 'bun:test';
import {
  becomes,
  chatPages,
  counts,
  drawn,
  noBrowser,
  questions,
  readers,
  replies,
  say,
  sees,
  untilDone,
} from '../../testing/chat-page.ts';

for (const below of ['stripped', 'whole'] as const)
  describe.skipIf(noBrowser)(
    `below a path that a proxy ${below === 'whole' ? 'leaves' : 'takes away'}`,
    () => {
      const pages = chatPages({ below });

      for (const { reader, options } of readers)
        test(`a reply goes on after a reload, and in another tab (${reader})`, async () => {
          const [more, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
          pages.answer(() => [
            { text: 'half' },
            { wait: more.promise },
            { text: ' and more' },
            { wait: end.promise },
            { text: ', to the end' },
          ]);
          const page = await pages.open(options);
          await say(page, 'tell me');
          await sees(page, 'half');
          await page.reload();
          await sees(page, 'half');
          const address = new URL(page.url());
          const id = address.hash.split('/').at(-1);
          const other = await pages.open({ context: page.context(), path: `/?session=${id}` });
          await becomes(() => new URL(other.url()).pathname, address.pathname);
          more.resolve();
          for (const tab of [page, other]) await sees(tab, 'half and more');
          end.resolve();
          for (const tab of [page, other]) {
            await sees(tab, 'half and more, to the end');
            await untilDone(tab);
            await counts(replies(tab), 1);
          }
        }, 60_000);

      test('an imported conversation is read back to its beginning, and deleted for good', async () => {
        const messages = Array.from({ length: 60 }, (_, n) => [
          { type: 'UserMessage', source: 'user', content: `imported question ${n}` },
          { type: 'AssistantMessage', source: 'helper', content: `imported answer ${n}`, thought: null },
        ]).flat();
        const given = { name: 'imported', agent_state: { llm_context: { messages } } };
        const { id } = await pages.call('POST', '/api/sessions', given);
        const page = await pages.open({ path: `/?session=${id}` });
        await sees(page, 'imported answer 59');
        await becomes(async () => {
          await page.locator('#scroller').evaluate((box) => box.scrollTo(0, 0));
          return (await questions(page).first().textContent())?.includes('imported question 0');
        }, true);
        await page.locator('#session-list a', { hasText: 'imported' }).focus();
        await page.keyboard.press('Delete');
        await page.locator('.toast').waitFor();
        await page.goto('about:blank');
        await becomes(async () => (await pages.call('GET', `/api/sessions/${id}`)).status, 404);
      }, 60_000);

      test('the way back after a login has ended leads to the same session', async () => {
        const page = await pages.open();
        await say(page, 'before');
        await sees(page, 're: before');
        await untilDone(page);
        let isIn = false;
        pages.instead((request) => {
          if (isIn || request.url.endsWith('/readyz')) return undefined;
          isIn = new URL(request.url).searchParams.has('session');
          return isIn ? Response.redirect(request.url) : new Response(null, { status: 401 });
        });
        await say(page, 'while signed out');
        await page.getByRole('link', { name: 'Sign in again' }).click();
        await sees(page, 're: before');
        await sees(page, 're: while signed out');
        await counts(questions(page), 2);
      }, 60_000);

      test('who is to sign in is told so until they have, whatever was asked before', async () => {
        const page = await pages.open();
        await say(page, 'before');
        await sees(page, 're: before');
        await untilDone(page);
        const [asked, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
        let isOut = false;
        pages.instead(async ({ url }) => {
          if (!url.endsWith('/readyz')) return isOut ? new Response(null, { status: 401 }) : undefined;
          asked.resolve();
          await answer.promise;
          return undefined;
        });
        await page.evaluate(() => dispatchEvent(new Event('offline')));
        await asked.promise;
        // Only now: whoever is refused before that asks another address.
        isOut = true;
        await say(page, 'while signed out');
        const link = page.getByRole('link', { name: 'Sign in again' });
        await link.waitFor();
        const next = page.waitForRequest(/\/api\/me$/);
        await link.evaluate((shown) => {
          const place = shown.closest('.banner-place') ?? shown;
          new MutationObserver(() => {
            if (!shown.isConnected) document.body.dataset.flickered = '';
          }).observe(place, { childList: true, subtree: true });
        });
        answer.resolve();
        await next;
        await drawn(page);
        expect(await page.locator('[data-flickered]').count()).toBe(0);
      }, 60_000);

      test('the API reference is found from the page, asks the server, and leads nowhere else', async () => {
        const page = await pages.open();
        const foreign: string[] = [];
        page.on('request', (request) => {
          if (!request.url().startsWith(pages.url)) foreign.push(request.url());
        });
        await page.getByRole('link', { name: 'API docs' }).click();
        const operation = page.locator('#post-api-sessions');
        await operation.locator('summary').click();
        await operation.locator('textarea').fill('{"name": "tried"}');
        await operation.locator('.block', { hasText: `${pages.url}/api/sessions` }).waitFor();
        await operation.getByRole('button', { name: 'Send' }).click();
        await operation.locator('.block', { hasText: /^201 [\s\S]*"name": "tried"/ }).waitFor();
        expect(foreign).toEqual([]);
      }, 60_000);
    },
  );
