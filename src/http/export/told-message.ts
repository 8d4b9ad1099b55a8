// A message of a history as people read it, whatever form it is written in.
import type { HistoryEntry } from '../../chat/history.ts';
import type { Bilingual, Locale } from '../../words/bilingual.ts';

export const words = {
  you: { en: 'You', 'zh-CN': '你' },
  thought: { en: 'Thought', 'zh-CN': '思考' },
  calls: { en: 'Calls', 'zh-CN': '调用' },
  results: { en: 'Results', 'zh-CN': '结果' },
  failed: { en: 'failed', 'zh-CN': '失败' },
  memory: { en: 'Memory', 'zh-CN': '记忆' },
  files: { en: 'Files', 'zh-CN': '文件' },
  image: { en: 'image', 'zh-CN': '图片' },
} satisfies Record<string, Bilingual>;

/** What folds away: a title, and texts below it that are shown letter by letter. */
export type Fold = { title: string; items: { name: string; text: string }[] };

export type ToldMessage = {
  /** Undefined where they go on: a reply behind its steps. */
  who: string | undefined;
  isUser: boolean;
  time: string;
  /** Markdown, empty where there is none. */
  text: string;
  folds: Fold[];
  files: string[];
};

const asText = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value, null, 2);

export function told(
  { message, behind = [] }: HistoryEntry,
  locale: Locale,
  previous: HistoryEntry | undefined,
): ToldMessage {
  const say = (word: keyof typeof words) => words[word][locale];
  const { role, source, created_at: time } = message;
  const isUser = role === 'user';
  const before = previous?.message;
  const goesOn = !isUser && before?.source === source && Array.isArray(before.content);
  const common = { isUser, time, who: isUser ? say('you') : goesOn ? undefined : source };
  const thoughtOf = (text: string | undefined): Fold[] =>
    text ? [{ title: say('thought'), items: [{ name: '', text }] }] : [];
  const files = ('files' in message ? message.files : undefined)?.map(({ name }) => name) ?? [];
  const { content } = message;
  if (!Array.isArray(content)) {
    const text = typeof content === 'string' ? content : `\`\`\`json\n${asText(content)}\n\`\`\``;
    return { ...common, text, folds: thoughtOf(message.thought), files };
  }
  const step = { ...common, text: '', files };
  switch (message.type) {
    case 'ToolCallRequestEvent': {
      const items = content.map((call) => ({ name: nameOf(call), text: asText(fieldOf(call, 'arguments')) }));
      const stopped = behind.flatMap((event) =>
        event.type === 'ToolCallExecutionEvent' ? [resultsOf(event.content, locale)] : [],
      );
      const [said, reasoning] = [textIn(message, 'text'), textIn(message, 'reasoning')];
      return {
        ...step,
        text: said,
        folds: [...thoughtOf(reasoning), { title: titled(say('calls'), content), items }, ...stopped],
      };
    }
    case 'ToolCallExecutionEvent':
      return { ...step, folds: [resultsOf(content, locale)] };
    case 'MemoryQueryEvent': {
      const items = content.map((one) => ({ name: '', text: asText(fieldOf(one, 'content')) }));
      return { ...step, folds: [{ title: say('memory'), items }] };
    }
    default: {
      const parts = content.map((part: unknown) => (typeof part === 'string' ? part : `[${say('image')}]`));
      return { ...common, text: parts.join('\n\n'), folds: thoughtOf(message.thought), files };
    }
  }
}

function resultsOf(content: readonly unknown[], locale: Locale): Fold {
  const items = content.map((result) => ({
    name: `${nameOf(result)}${fieldOf(result, 'is_error') === true ? ` (${words.failed[locale]})` : ''}`,
    text: asText(fieldOf(result, 'content')),
  }));
  return { title: titled(words.results[locale], content), items };
}

/** With the names of what was called, each once. */
const titled = (title: string, of: readonly unknown[]): string =>
  `${title}: ${[...new Set(of.map(nameOf))].join(', ')}`;

const fieldOf = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? (Reflect.get(value, key) ?? '') : '';
const nameOf = (value: unknown): string => asText(fieldOf(value, 'name'));
const textIn = (value: unknown, key: string): string => asText(fieldOf(value, key));
