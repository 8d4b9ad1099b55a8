// The API reference at /docs: all that the description tells, to read and to try, in both languages, below a path too.
import { describe, expect, test } from 'bun:test';
import { told } from '../../../static/reference/sentences.ts';
import { words } from '../../../static/reference/words.ts';
import { type ApiDocument, operationsOf } from '../../testing/api-document.ts';
import { chatPages, counts, noBrowser, readers, signIn } from '../../testing/chat-page.ts';
import { seedKeys } from '../../testing/seeded-keys.ts';

describe.skipIf(noBrowser)('the API reference', () => {
  const pages = chatPages();

  test('shows the operations and loads nothing from elsewhere', async () => {
    const page = await pages.open();
    const foreign: string[] = [];
    page.on('request', (request) => {
      if (!request.url().startsWith(pages.url) && !request.url().startsWith('data:'))
        foreign.push(request.url());
    });
    await page.goto(`${pages.url}/docs`);
    await page.getByText('/api/sessions/{id}/chat').first().waitFor();
    expect(foreign).toEqual([]);
  });

  test('sends a request and shows the answer, says the same for a terminal, in both languages', async () => {
    const page = await pages.open();
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    await page.goto(`${pages.url}/docs#post-api-sessions`);
    const operation = page.locator('#post-api-sessions');
    await operation.locator('textarea').fill('{"name": "tried"}');
    await operation.locator('.block', { hasText: /curl .*-X POST/ }).waitFor();
    await operation.getByRole('button', { name: 'Send' }).click();
    await operation.locator('.block', { hasText: /^201 [\s\S]*"name": "tried"/ }).waitFor();
    await page.getByRole('button', { name: '中文' }).click();
    await operation.getByRole('button', { name: '发送' }).waitFor();
    await page.getByText('新建会话').waitFor();
    await page.reload();
    await operation.getByRole('button', { name: '发送' }).waitFor();
    await counts(page.locator('#credential-key'), 0);
    expect(await operation.locator('.block', { hasText: /curl/ }).textContent()).not.toContain('$KEY');
    expect(faults).toEqual([]);
  });

  test('offers Chinese under a name that can be read without its font, and English under its own', async () => {
    const page = await pages.open();
    await page.goto(`${pages.url}/docs/`);
    await page.getByRole('button', { name: '中文 (Chinese)', exact: true }).click();
    await page.getByRole('button', { name: 'English', exact: true }).click();
    await page.getByRole('button', { name: '中文 (Chinese)', exact: true }).waitFor();
  });

  test('has a Chinese sentence for each of the description’s', async () => {
    const page = await pages.open();
    await page.goto(`${pages.url}/docs/`);
    await page.getByRole('button', { name: '中文' }).click();
    for (const text of await page.locator('section > h2, .operation > summary > .soft').allInnerTexts())
      expect(text).toMatch(/[\u4e00-\u9fff]/);
    const document = await pages.call('GET', '/openapi.json');
    const untold = [...sentencesIn(document)].filter((text) => !/[\u4e00-\u9fff]/.test(told(text, 'zh-CN')));
    expect(untold).toEqual([]);
  });
});

/** All that the description says in words. */
function* sentencesIn(node: unknown): Generator<string> {
  if (typeof node !== 'object' || node === null) return;
  for (const [key, part] of Object.entries(node))
    if ((key === 'description' || key === 'summary') && typeof part === 'string') yield part;
    else if (key !== 'example') yield* sentencesIn(part);
}

describe.skipIf(noBrowser)('the API reference, where callers say who they are', () => {
  type Made = { key: string; owner: string };
  let [alice, bob, backend]: Made[] = [];
  const pages = chatPages({
    env: { AUTH: 'keys' },
    before: async (database) => {
      [alice, bob, backend] = await seedKeys(database, [
        { owner: 'alice' },
        { owner: 'bob' },
        { owner: 'backend', role: 'service' },
      ]);
    },
  });

  for (const { reader, options } of readers)
    test(`tries as who is signed in, or with a key that nothing keeps (${reader})`, async () => {
      const say = words[options.locale === 'zh-CN' ? 'zh-CN' : 'en'];
      const page = await pages.open(options);
      await signIn(page, alice?.key ?? '');
      await page.goto(`${pages.url}/docs#get-api-me`);
      const me = page.locator('#get-api-me');
      const answered = async (text: RegExp) => {
        await me.getByRole('button', { name: say.send }).click();
        await me.locator('.block', { hasText: text }).waitFor();
      };
      await answered(/"owner": "alice"/);
      const key = page.getByLabel(say.key);
      await key.fill(bob?.key ?? '');
      await answered(/"owner": "bob"/);
      await key.fill('ack_wrong');
      await answered(/^401 /);
      await key.fill(backend?.key ?? '');
      await answered(/"owner": null/);
      await page.getByLabel(say.speaksFor).fill('José');
      await answered(/"owner": "José",[\s\S]*"role": "service"/);

      const command = await me.locator('.block', { hasText: /curl/ }).textContent();
      expect(command).toContain('-H "Authorization: Bearer $KEY"');
      expect(command).toContain("-H 'X-Owner: José'");
      const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
      for (const text of [kept, page.url(), await page.content()]) expect(text).not.toContain(backend?.key);
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      await page.goto(`${pages.url}/docs#get-healthz`);
      const open = page.locator('#get-healthz .block', { hasText: /curl/ });
      expect(await open.textContent()).not.toContain('$KEY');
      await page.reload();
      expect(await key.inputValue()).toBe('');
    }, 60_000);
});

for (const below of [undefined, 'stripped', 'whole'] as const) {
  const where = below ? `below a path, ${below}` : 'at the root';
  describe.skipIf(noBrowser)(`the API reference, ${where}`, () => {
    const pages = chatPages(below ? { below } : {});

    for (const { reader, options } of readers) {
      test(`tells every operation and type, tries one, and leads to the chat (${reader})`, async () => {
        const say = words[options.locale === 'zh-CN' ? 'zh-CN' : 'en'];
        const page = await pages.open(options);
        await page.goto(`${pages.url}/docs/`);
        const document: ApiDocument = await pages.call('GET', '/openapi.json');
        await page.locator('.operation').first().waitFor();
        const { schemas } = document.components;
        expect(await page.locator('.operation').count()).toBe(
          operationsOf(document).length + Object.keys(schemas).length,
        );

        const chat = page.locator('#post-api-sessions-id-chat');
        await chat.locator('summary').first().click();
        await chat.getByText('sendMessage', { exact: true }).waitFor();
        const answers = chat.locator('.answer');
        const conflict = answers.filter({ hasText: '409' });
        await conflict.locator('summary').click();
        for (const text of ['session_busy', 'idempotency_key_reused', 'Retry-After', 'X-Request-Id'])
          await conflict.getByText(text, { exact: true }).first().waitFor();
        const reply = answers.filter({ hasText: '200' });
        await reply.locator('summary').click();
        await reply.getByRole('link', { name: 'StreamedPiece' }).click();
        const piece = page.locator('#type-StreamedPiece[open]');
        await piece.getByRole('link', { name: 'ModelClientStreamingChunkEvent', exact: true }).click();
        const data = page.locator('#type-ModelClientStreamingChunkEvent[open]');
        await data.getByText('"content": "I got"').waitFor();
        expect(new URL(page.url()).hash).toBe('#type-ModelClientStreamingChunkEvent');
        expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);

        await page.goto(`${pages.url}/docs#get-api-sessions`);
        await page.reload();
        const list = page.locator('#get-api-sessions');
        await list.getByRole('button', { name: say.send }).click();
        await list
          .locator('.block', { hasText: `${new URL(pages.url).pathname}/api/sessions`.replace('//', '/') })
          .waitFor();
        await list.locator('.block', { hasText: /^200 / }).waitFor();
        await page.getByRole('link', { name: say.toChat }).click();
        await page.locator('#input').waitFor();
        expect(page.url()).toStartWith(`${pages.url}/`);
      }, 60_000);
    }
  });
}
