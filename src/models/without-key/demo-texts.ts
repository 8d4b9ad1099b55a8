// What the built-in demo model says, in Chinese and English: readable as plain text, and as Markdown.
import { wellFormed } from '../../words/well-formed.ts';

/** What a tool gave. */
type Result = { name: string; content: string; is_error: boolean | null };

/** The texts of one language; `quote` is the beginning of the user's message. */
type DemoTexts = {
  thought: string;
  first(quote: string): string;
  later(quote: string): string;
  /** Which tools there are; it stands behind either. */
  tools(names: readonly string[]): string;
  callThought(name: string): string;
  resultThought: string;
  results(results: readonly Result[]): string;
};

const inCode = (names: readonly string[], comma: string): string =>
  names.map((name) => `\`${name}\``).join(comma);

/** As code between lines, whatever is in it. */
function fenced(text: string): string {
  const longest = (text.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 2);
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
}

/** So much of a result is told. */
const LONGEST_RESULT = 2000;

/** The beginning of a text that is too long. */
const shortened = (text: string): string =>
  text.length > LONGEST_RESULT ? `${wellFormed(text.slice(0, LONGEST_RESULT))}…` : text;

/** The results below each other; of one line beside what is said of it. */
const told = (results: readonly Result[], lead: (result: Result) => string): string =>
  results
    .map((result) => {
      const content = shortened(result.content);
      const isLine = content.length <= 200 && !/[\n`]/.test(content);
      return isLine ? lead(result) + content : `${lead(result).trimEnd()}\n\n${fenced(content)}`;
    })
    .join('\n\n');

const SETTING = `\`\`\`sh
cp model_config.template.yaml model_config.yaml   # OPENAI_API_KEY
OPENAI_API_KEY=sk-… OPENAI_MODEL=gpt-4o-mini bun run start
OPENAI_BASE_URL=http://localhost:11434/v1 OPENAI_MODEL=qwen3 bun run start   # Ollama
\`\`\``;

const english: DemoTexts = {
  thought: 'There is no real model yet, so I say who I am and how to set one.',
  first: (quote) => `Hello! I got your message: “${quote}”.

AgentChat is a self-hosted server for conversations with an AI agent. It keeps sessions, history and thoughts, and streams every reply as you see it here. I am its built-in demo model: I work offline and cannot really answer you.

To set a real model, do one of these and restart:

${SETTING}

- model_config.yaml takes OpenAI, Azure, Ollama and any compatible server; the template shows each.
- Or set OPENAI_API_KEY, with OPENAI_BASE_URL and OPENAI_MODEL where you need them.`,
  later: (quote) =>
    `I got “${quote}” as well, and it is kept in this session. I am still the demo model, so a real answer has to wait: copy model_config.template.yaml to model_config.yaml, or set OPENAI_API_KEY, and restart.`,
  tools: (names) =>
    `\n\nI can call tools, though: ${inCode(names, ', ')}. Name one, with what it needs, and I call it.`,
  callThought: (name) => `I call the tool ${name} with what the message says.`,
  resultThought: 'The tool is done, so I tell what it gave.',
  results: (results) =>
    told(results, ({ name, is_error }) => `\`${name}\` ${is_error ? 'failed: ' : 'says: '}`),
};

const chinese: DemoTexts = {
  thought: '还没有配置真正的模型，我先介绍自己，再说明怎么配置。',
  first: (quote) => `你好！我收到了你的消息：“${quote}”。

AgentChat 是一个可以自己部署的 AI 智能体对话服务：它保存会话、历史和思考过程，并像现在这样流式输出每条回复。我是内置的演示模型，离线运行，不能真正回答问题。

要接入真正的模型，任选一种方式，然后重启：

${SETTING}

- model_config.yaml 支持 OpenAI、Azure、Ollama 以及各种兼容服务，模板里都有示例。
- 或者设置环境变量 OPENAI_API_KEY，需要时再加上 OPENAI_BASE_URL 和 OPENAI_MODEL。`,
  later: (quote) =>
    `“${quote}”也收到了，已经保存在这个会话里。我仍然是演示模型，还不能真正回答：把 model_config.template.yaml 复制为 model_config.yaml，或设置 OPENAI_API_KEY，重启即可。`,
  tools: (names) =>
    `\n\n不过我可以调用工具：${inCode(names, '、')}。说出工具的名字和它需要的内容，我就会调用它。`,
  callThought: (name) => `我用消息里的内容调用工具 ${name}。`,
  resultThought: '工具已经执行完毕，我把结果说出来。',
  results: (results) =>
    told(results, ({ name, is_error }) => `\`${name}\` ${is_error ? '执行失败：' : '返回：'}`),
};

/** Every Chinese, Japanese or Korean character in a text. */
const CJK = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu;

/** The texts in the language of the user's message: Chinese where it holds CJK, else English. */
export function demoTexts(message: string): DemoTexts {
  return message.match(CJK) ? chinese : english;
}
