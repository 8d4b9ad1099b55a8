// Replies that follow a schema, on the page: as the text that their agent's file gives for people, or as JSON.
import { afterAll, describe, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assistantFile, component } from '../../testing/agent-file.ts';
import { becomes, chatPages, noBrowser, say, untilDone } from '../../testing/chat-page.ts';

const folder = mkdtempSync(join(tmpdir(), 'agentchat-structured-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(noBrowser)('a structured reply on the page', () => {
  for (const [name, format_string] of [
    ['assistant', '**{score}** of 5'],
    ['plain', undefined],
  ] as const) {
    const structured_message_factory = component('StructuredMessageFactory', {
      json_schema: { type: 'object', properties: { score: { type: 'integer' } }, required: ['score'] },
      content_model_name: 'Answer',
      format_string,
    });
    const agent = assistantFile({ model_client: null, structured_message_factory });
    writeFileSync(join(folder, `${name}.json`), JSON.stringify(agent));
  }
  const pages = chatPages({ env: { AGENTS: folder } });

  for (const [agent, shown] of [
    ['assistant', '<strong>3</strong> of 5'],
    ['plain', '{\n  "score": 3\n}'],
  ] as const)
    test(`is ${agent === 'plain' ? 'JSON' : 'the text of its format'}, once it is there and ever after`, async () => {
      pages.answer(() => [{ text: '{"score"' }, { text: ':3}' }]);
      const { id } = await pages.call('POST', '/api/sessions', { agent });
      const page = await pages.open({ path: `/#/sessions/${id}` });
      await say(page, 'hi');
      await untilDone(page);
      const text = page.locator('.message.assistant .rich').last();
      for (const again of [false, true]) {
        if (again) await page.reload();
        const part = agent === 'plain' ? text.locator('code') : text.locator('p');
        await becomes(
          async () => (agent === 'plain' ? (await part.textContent())?.trim() : await part.innerHTML()),
          shown,
        );
      }
    }, 60_000);
});
