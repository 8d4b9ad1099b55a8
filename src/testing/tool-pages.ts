// What the tests of tools on the page share: a model that asks for them, and what the page shows of calls.
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { wordsEn } from '../../static/calls/words-en.ts';
import { wordsZhCn } from '../../static/calls/words-zh-cn.ts';
import { type ChatPagesOptions, readers } from './chat-page.ts';
import type { ModelStep, RecordedRequest } from './model-server.ts';

/** A server whose assistant has the tools of `tools-server.ts`, and asks for them so often in one turn. */
export const withTools = (rounds = 1, env: Record<string, string> = {}): ChatPagesOptions => ({
  entry: join(import.meta.dir, 'tools-server.ts'),
  env: { MODEL_ROUNDS: String(rounds), ...env },
});

/** The readers, with what the page says to them of calls. */
export const callReaders = readers.map((one) => ({
  ...one,
  words: { ...one.words, ...(one.options.locale === 'zh-CN' ? wordsZhCn : wordsEn) },
}));

/** Asks for these calls at once. */
export const asks = (...calls: [name: string, args: string][]): ModelStep[] => [
  {
    chunk: {
      choices: [
        {
          index: 0,
          delta: {
            tool_calls: calls.map(([name, given], index) => ({
              index,
              id: `call-${index}`,
              type: 'function',
              function: { name, arguments: given },
            })),
          },
          finish_reason: 'tool_calls',
        },
      ],
    },
  },
];

/** How often the model has asked for tools since the last message of the user's. */
export function roundsIn({ body }: RecordedRequest): number {
  const messages = (body.messages ?? []) as { role: string }[];
  const last = messages.findLastIndex(({ role }) => role === 'user');
  return messages.slice(last + 1).filter(({ role }) => role === 'assistant').length;
}

/** Each call that is shown, as `name · state`. */
export const lines = (page: Page): Promise<string[]> =>
  page.locator('#stage .call > summary').evaluateAll((all) =>
    all.map((one) => {
      const text = (part: string) => one.querySelector(part)?.textContent ?? '';
      return `${text('.call-name')} · ${text('.call-state').split(' · ')[0]}`;
    }),
  );

/** What is shown of a reply, from its top: texts, folds and calls, without how long they took. */
export const shape = (page: Page): Promise<string[]> =>
  page
    .locator('.message.assistant')
    .last()
    .evaluate((reply) =>
      [...reply.querySelectorAll('summary, .rich, .approval h3')].map((one) =>
        [...one.childNodes]
          .map(({ textContent }) => textContent)
          .join(' ')
          .replace(/\s+/g, ' ')
          .trim()
          .replace(/ · [\d.]+ ?(s|秒)$/, ''),
      ),
    );
