// What came from elsewhere, in the chat page in a real browser: imported conversations, and users of any name.
import { describe, expect, test } from 'bun:test';
import {
  chatPages,
  counts,
  noBrowser,
  questions,
  replies,
  say,
  sees,
  until,
} from '../../testing/chat-page.ts';

describe.skipIf(noBrowser)('what came from elsewhere', () => {
  const pages = chatPages();

  test('what an imported state says stands above the first message, as far back as one reads', async () => {
    const messages = Array.from({ length: 60 }, (_, place) => [
      { type: 'UserMessage', source: 'Alice_1', content: `imported question ${place}` },
      { type: 'AssistantMessage', source: 'helper', content: `imported answer ${place}`, thought: null },
    ]).flat();
    const { id } = await pages.call('POST', '/api/sessions', { agent_state: { llm_context: { messages } } });
    const page = await pages.open({ path: `/?session=${id}` });
    await sees(page, 'imported answer 59');
    expect(await questions(page).last().textContent()).toContain('imported question 59');
    expect(await replies(page).last().textContent()).toContain('imported answer 59');
    await say(page, 'and now?');
    await sees(page, 're: and now?');
    await page.reload();
    await sees(page, 're: and now?');
    await sees(page, 'imported answer 59');
    await until(async () => {
      await page.locator('#scroller').evaluate((box) => box.scrollTo(0, 0));
      return (await questions(page).first().textContent())?.includes('imported question 0') ?? false;
    }, 'the first imported question');
    await counts(questions(page), 61);
  });

  test('a message of a user who is called assistant is a question', async () => {
    const { id } = await pages.call('POST', '/api/sessions', { name: 'namesake' });
    await pages.call('POST', `/api/sessions/${id}/chat`, { content: 'who is who?', source: 'assistant' });
    const page = await pages.open({ path: `/?session=${id}` });
    await sees(page, 're: who is who?');
    await counts(questions(page), 1);
    await counts(replies(page), 1);
  });
});
