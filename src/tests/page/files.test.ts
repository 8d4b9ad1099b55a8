// Files that come along with a message: how they are brought, what is said of them, and how they are seen again.
import { afterAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { wordsEn } from '../../../static/attachments/words-en.ts';
import { wordsZhCn } from '../../../static/attachments/words-zh-cn.ts';
import { en } from '../../../static/texts/en.ts';
import { assistantFile, component } from '../../testing/agent-file.ts';
import { violations } from '../../testing/axe.ts';
import {
  becomes,
  boxHolds,
  chatPages,
  counts,
  hasFocus,
  noBrowser,
  questions,
  readers,
  say,
  sees,
  send,
  untilDone,
} from '../../testing/chat-page.ts';
import { docx, png, zip } from '../../testing/documents.ts';

const folder = mkdtempSync(join(tmpdir(), 'agentchat-files-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const words = { en: wordsEn, 'zh-CN': wordsZhCn };
const most = 400_000;

const file = (name: string, bytes: Uint8Array | string) => ({
  name,
  mimeType: '',
  buffer: Buffer.from(bytes as Uint8Array),
});
const picture = (name: string) => ({ ...file(name, png(640, 400)), mimeType: 'image/png' });
const long = 'A heron stood at the reservoir. '.repeat(7_000);

const tray = (page: Page) => page.locator('.tray-file');
const arrived = (page: Page, count: number) =>
  becomes(
    async () => [await tray(page).count(), await page.locator('.tray-file :is(progress, .trouble)').count()],
    [count, 0],
  );
const attach = (page: Page, ...files: ReturnType<typeof file>[]) => page.setInputFiles('#files', files);

/** As a hand that holds files over the page does it, or lets them go. */
const drag = (page: Page, kind: 'dragenter' | 'drop', name: string) =>
  page.evaluate(
    ([type, called]) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(['dropped here'], called));
      const held = { dataTransfer, bubbles: true, cancelable: true };
      document.querySelector('main')?.dispatchEvent(new DragEvent(type, held));
    },
    [kind, name] as const,
  );

describe.skipIf(noBrowser)('files', () => {
  // Of its own it has the model of the environment.
  const models = [
    component('OpenAIChatCompletionClient', {
      model: 'blind-model',
      api_key: 'x',
      base_url: ['$', '{OPENAI_BASE_URL}'].join(''),
    }),
  ];
  const agent = assistantFile({ model_client: null }, { label: 'Assistant', models });
  writeFileSync(join(folder, 'assistant.json'), JSON.stringify(agent));
  const pages = chatPages({
    env: { OPENAI_MODEL: 'gpt-4o', MAX_FILE_BYTES: String(most), AGENTS: folder },
  });

  /** What the model was shown, each time. */
  function remember(): string[] {
    const shown: string[] = [];
    pages.answer((_, request) => {
      shown.push(JSON.stringify(request.body.messages));
      return [{ text: `answer ${shown.length}` }];
    });
    return shown;
  }

  for (const { reader, options, words: pageWords } of readers)
    test(`are brought, said no to, sent, seen large, saved and said again, ${reader}`, async () => {
      const say_ = words[options.locale === 'zh-CN' ? 'zh-CN' : 'en'];
      const isPhone = options.isMobile === true;
      const shown = remember();
      const page = await pages.open(options);
      const chooses = page.waitForEvent('filechooser');
      const uploads: string[] = [];
      page.on('request', (request) => {
        if (request.method() === 'POST' && request.url().endsWith('/api/files'))
          uploads.push(decodeURIComponent(request.headers()['x-file-name'] ?? ''));
      });
      // Chosen by the keyboard; on what is touched there is a camera beside it.
      const button = page.getByRole('button', { name: say_.attach });
      await button.focus();
      await page.keyboard.press('Enter');
      if (isPhone) {
        expect(await page.getAttribute('#camera', 'capture')).toBe('environment');
        await page.getByRole('menuitem', { name: say_.takePhoto }).waitFor();
        await page.getByRole('menuitem', { name: say_.chooseFiles }).click();
      }
      const chooser = await chooses;
      expect(chooser.isMultiple()).toBe(true);
      await chooser.setFiles([
        picture('heron 苍鹭.png'),
        file('long.md', long),
        file('notes.docx', docx('a nest')),
      ]);
      await arrived(page, 3);
      await tray(page)
        .getByText(/^PNG · /)
        .waitFor();
      await tray(page)
        .getByText(/^Word · /)
        .waitFor();
      await becomes(() => tray(page).locator('canvas:not([hidden])').count(), 1);
      // A clear no, in words: before it is sent, and by what the server sees in its bytes.
      const before = uploads.length;
      await attach(page, file('large.bin', new Uint8Array(500_000)));
      await tray(page)
        .getByText(say_.tooLarge.split('{size}')[0] ?? '')
        .waitFor();
      expect(uploads.length).toBe(before);
      await attach(page, { ...file('fake.png', zip({ a: 'b' })), mimeType: 'image/png' });
      await tray(page).getByText(say_.nothingRead).waitFor();
      await page.fill('#input', 'what is in it?');
      expect(await page.isDisabled('#send')).toBe(true);
      expect(await violations(page)).toEqual([]);
      for (const name of ['large.bin', 'fake.png'])
        await page.getByRole('button', { name: say_.remove.replace('{name}', name) }).click();
      // What is held over the page shows where it goes.
      await drag(page, 'dragenter', 'dropped.txt');
      await page.getByText(say_.dropHere).waitFor();
      await drag(page, 'drop', 'dropped.txt');
      await page.getByText(say_.dropHere).waitFor({ state: 'detached' });
      await arrived(page, 4);
      // A draft keeps them.
      await page.reload();
      await arrived(page, 4);
      await boxHolds(page, 'what is in it?');
      expect(await violations(page)).toEqual([]);
      await send(page);
      await sees(page, 'answer 1');
      await untilDone(page);
      await counts(tray(page), 0);
      expect(shown[0]).toContain('data:image/png;base64');
      for (const text of ['A heron stood', 'a nest', 'dropped here']) expect(shown[0]).toContain(text);

      // Seen in the bubble, in a place that was there before, and large.
      const said = questions(page).first();
      await becomes(() => said.locator('.file-chip').count(), 3);
      const small = said.getByRole('button', { name: say_.openPicture.replace('{name}', 'heron 苍鹭.png') });
      await becomes(
        () => small.locator('img').evaluate((image: HTMLImageElement) => image.naturalWidth),
        640,
      );
      await small.focus();
      await page.keyboard.press('Enter');
      const large = page.locator('.picture-dialog img');
      const width = async () => Math.round((await large.boundingBox())?.width ?? 0);
      const whole = await width();
      await page.keyboard.press('+');
      await becomes(async () => (await width()) > whole, true);
      expect(await violations(page)).toEqual([]);
      await page.keyboard.press('0');
      await becomes(width, whole);
      await page.keyboard.press('Escape');
      await counts(large, 0);
      await hasFocus(small);
      // Saved under its name, as it was sent.
      const saves = page.waitForEvent('download');
      await said.getByText('long.md').click();
      const download = await saves;
      expect(download.suggestedFilename()).toBe('long.md');
      expect(await Bun.file(await download.path()).text()).toBe(long);

      // Said otherwise, and asked again, they are still there.
      await said.hover();
      await said.getByRole('button', { name: pageWords.edit, exact: true }).click();
      await said.getByRole('textbox').fill('what is in all of it?');
      await page.keyboard.press('Enter');
      await sees(page, 'answer 2');
      await untilDone(page);
      await counts(questions(page).locator('.file-chip'), 3);
      await counts(questions(page).locator('.picture'), 1);
      await page.getByRole('button', { name: pageWords.regenerate }).click();
      await sees(page, 'answer 3');
      await untilDone(page);
      for (const again of shown.slice(1)) {
        expect(again).toContain('data:image/png;base64');
        expect(again).toContain('a nest');
      }
      // Images of other programs are seen alike; one alone needs no text.
      const id =
        page
          .url()
          .split('/')
          .at(-1)
          ?.replace(/^.*[=#]/, '') ?? '';
      const data = Buffer.from(png(64, 64)).toString('base64');
      await pages.call('POST', `/api/sessions/${id}/chat`, {
        content: [{ data }],
        type: 'MultiModalMessage',
      });
      await page.reload();
      await sees(page, 'answer 4');
      await counts(questions(page).locator('.picture'), 2);
      expect(await violations(page)).toEqual([]);
    });

  test('outlive a server that dies, wait in line with their message, and come back into the box with it', async () => {
    const rest = Promise.withResolvers<void>();
    pages.answer(() => [{ text: 'half of it' }, { wait: rest.promise }, { text: ', and the rest' }]);
    const page = await pages.open();
    // The message itself needs no text.
    await attach(page, picture('first.png'));
    await arrived(page, 1);
    await send(page);
    await sees(page, 'half of it');
    // What is said meanwhile waits, with what it has.
    await attach(page, file('second.txt', 'the second'));
    await arrived(page, 1);
    await say(page, 'and this?');
    await counts(questions(page).locator('.file-chip'), 1);
    await page.getByRole('button', { name: en.putBack }).click();
    await boxHolds(page, 'and this?');
    await arrived(page, 1);
    rest.resolve();
    await untilDone(page);
    await pages.kill();
    // Away, and chosen in a session that is left: it goes on by itself, to where it belongs.
    await attach(page, file('third.txt', 'the third'));
    await tray(page).getByText(wordsEn.again).waitFor();
    await page.click('#new-session');
    await counts(tray(page), 0);
    const shown = remember();
    await pages.start();
    await page.getByRole('link', { name: 'first.png' }).click();
    await arrived(page, 2);
    await send(page);
    await sees(page, 'answer 1');
    await counts(questions(page), 2);
    for (const text of ['the second', 'the third', 'data:image/png'])
      expect((shown[0] ?? '').split(text).length - 1).toBe(1);
    // One that is gone since it was put into a draft is told.
    await page.click('#new-session');
    await attach(page, file('old.txt', 'let go'));
    await arrived(page, 1);
    await page.evaluate((gone) => {
      const name = Object.keys(localStorage).find((one) => one.endsWith('.files.new')) ?? '';
      const kept = localStorage.getItem(name) ?? '';
      localStorage.setItem(name, kept.replace(/"id":"[^"]+"/, `"id":"${gone}"`));
    }, crypto.randomUUID());
    await page.reload();
    await tray(page).getByText(wordsEn.lost).waitFor();
    expect(await page.isDisabled('#send')).toBe(true);
  });

  test('of a kind that the model does not see are said so, with who does, before and after they are sent', async () => {
    remember();
    const page = await pages.open();
    await page.selectOption('#model', 'blind-model');
    await attach(page, picture('heron.png'));
    await arrived(page, 1);
    const told = page.getByText(
      wordsEn.othersSee.replace('{model}', 'blind-model').replace('{others}', 'Assistant (gpt-4o)'),
    );
    await told.waitFor();
    await say(page, 'what is it?');
    await page.getByText('the model "blind-model" sees no images; these do: assistant (gpt-4o)').waitFor();
    await page.selectOption('#model', 'gpt-4o');
    await page.getByRole('button', { name: en.putBack }).click();
    await arrived(page, 1);
    await counts(told, 0);
    await send(page);
    await sees(page, 'answer 1');
  });

  test('run nothing in a browser, whatever is in them', async () => {
    const page = await pages.open();
    const script = '<script>document.title = "ran"; parent.document.title = "ran"</script>';
    const hostile = [
      ['picture.svg', `<svg xmlns="http://www.w3.org/2000/svg">${script}</svg>`],
      ['page.html', `<!doctype html><title>x</title>${script}`],
      ['both.html', Buffer.concat([png(2, 2), Buffer.from(`<html>${script}`)])],
      ['"><img src=x onerror="document.title=1">.txt', 'a name'],
    ] as const;
    await attach(page, ...hostile.map(([name, bytes]) => file(name, bytes)));
    await arrived(page, hostile.length);
    await say(page, 'look at these');
    await counts(questions(page).locator('.file-chip'), 3);
    await counts(questions(page).locator('.picture'), 1);
    const addresses = await questions(page)
      .locator('.picture img, .file-chip')
      .evaluateAll((all) => all.map((one) => one.getAttribute('src') ?? one.getAttribute('href') ?? ''));
    for (const address of addresses)
      await page.evaluate(async (src) => {
        const frame = document.createElement('iframe');
        const loaded = new Promise((resolve) => frame.addEventListener('load', resolve));
        frame.src = src;
        document.body.append(frame);
        await Promise.race([loaded, new Promise((resolve) => setTimeout(resolve, 500))]);
      }, address);
    expect(await page.title()).not.toBe('ran');
    const direct = await page.context().newPage();
    await direct.goto(`${pages.url}/${addresses[0]}`);
    expect(await direct.title()).not.toBe('ran');
  });
});
