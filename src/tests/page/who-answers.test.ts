// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the configuration has placeholders of this form.
// Who answers, chosen where one writes: kept with the session, for every tab, and said where it is gone.
import { afterAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { assistantFile, component } from '../../testing/agent-file.ts';
import { violations } from '../../testing/axe.ts';
import {
  becomes,
  chatPages,
  noBrowser,
  readers,
  replies as repliesOn,
  say,
  untilDone,
} from '../../testing/chat-page.ts';

const folder = mkdtempSync(join(tmpdir(), 'agentchat-who-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, label: string, models: string[] = []): void {
  const more = models.map((model) =>
    component('OpenAIChatCompletionClient', {
      model,
      api_key: 'x',
      base_url: ['$', '{OPENAI_BASE_URL}'].join(''),
    }),
  );
  // Of its own it names no model: it has that of the environment.
  const agent = assistantFile({ model_client: null }, { label, models: more });
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(agent));
}

describe.skipIf(noBrowser)('who answers', () => {
  file('assistant', 'Assistant');
  file('coder', 'Coder', ['large-model']);
  const pages = chatPages({ env: { AGENTS: folder } });
  const who = (page: Page) => page.locator('#who');
  /** As the page has it. */
  const saidBy = (page: Page) => page.locator('.answerer').allInnerTexts();
  const chosen = (page: Page) =>
    who(page).evaluate((one) => (one instanceof HTMLSelectElement ? one.value : ''));
  const session = (page: Page) => new URL(page.url()).hash.match(/[0-9a-f-]{36}/)?.[0] ?? '';
  /** Who said the replies, and what models. */
  const replies = async (page: Page): Promise<[string, string][]> => {
    const history = await (await fetch(`${pages.url}/api/sessions/${session(page)}/history`)).json();
    if (!Array.isArray(history)) return [];
    return history
      .filter(({ role }: { role: string }) => role === 'assistant')
      .map(({ source, metadata }: { source: string; metadata: { model: string } }) => [
        source,
        metadata.model,
      ]);
  };

  for (const { reader, options } of readers)
    test(`is chosen below the box, and stays with the session (${reader})`, async () => {
      const page = await pages.open(options);
      await who(page).waitFor();
      expect(await page.getByRole('combobox', { name: /^(Who answers|由谁回答)$/ }).inputValue()).toBe(
        'assistant',
      );
      await who(page).selectOption({ label: 'Coder' });
      await page.locator('#model').waitFor();
      expect(await violations(page)).toEqual([]);
      const width = options.viewport?.width ?? 0;
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      await say(page, 'one');
      await untilDone(page);
      await becomes(() => replies(page), [['coder', 'test-model']]);
      await becomes(() => saidBy(page), ['Coder · test-model']);

      await page.locator('#model').selectOption('large-model');
      await say(page, 'two');
      await becomes(async () => (await replies(page)).length, 2);
      await page.reload();
      await becomes(() => chosen(page), 'coder');
      await becomes(() => page.locator('#model').inputValue(), 'large-model');
      await say(page, 'three');
      await untilDone(page);
      await becomes(
        async () => (await replies(page)).slice(1),
        [
          ['coder', 'large-model'],
          ['coder', 'large-model'],
        ],
      );

      const other = await pages.open({ context: page.context(), path: `/${new URL(page.url()).hash}` });
      await becomes(() => chosen(other), 'coder');
      // By keyboard, and sent at once: the choice comes first.
      await who(other).focus();
      await other.keyboard.press('Home');
      await say(other, 'four');
      await untilDone(other);
      await becomes(async () => (await replies(other)).slice(3), [['assistant', 'test-model']]);
      const large = 'Coder · large-model';
      await becomes(() => saidBy(other), ['Coder · test-model', large, large, 'Assistant · test-model']);
      await becomes(() => chosen(page), 'assistant');
      await becomes(() => page.locator('#model').count(), 0);
    }, 120_000);

  test('an agent whose file is gone is said, and the default one answers', async () => {
    file('writer', 'Writer');
    await becomes(async () => (await (await fetch(`${pages.url}/api/agents`)).json()).length, 3);
    const page = await pages.open();
    await who(page).selectOption('writer');
    await say(page, 'one');
    await becomes(async () => (await replies(page)).length, 1);
    rmSync(join(folder, 'writer.json'));
    await becomes(async () => (await (await fetch(`${pages.url}/api/agents`)).json()).length, 2);
    await page.reload();
    await page.locator('#gone', { hasText: '“writer” is no longer here.' }).waitFor();
    expect(await violations(page)).toEqual([]);
    await say(page, 'two');
    await untilDone(page);
    await becomes(async () => (await replies(page)).map(([source]) => source), ['writer', 'assistant']);
    await becomes(() => saidBy(page), ['writer · test-model', 'Assistant · test-model']);
    // Not even a new session begins with it.
    await page.goto(pages.url);
    await becomes(() => chosen(page), 'assistant');
  }, 120_000);
});

describe.skipIf(noBrowser)('where there is one agent with one model', () => {
  const pages = chatPages();

  test('there is nothing to choose', async () => {
    const page = await pages.open();
    const asked = page.waitForResponse((response) => response.url().endsWith('/api/agents'));
    await page.reload();
    await (await asked).finished();
    await say(page, 'hi');
    await repliesOn(page).first().waitFor();
    await untilDone(page);
    expect(await page.locator('#who, #model').count()).toBe(0);
  }, 60_000);
});
