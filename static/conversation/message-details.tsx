// When a message was written, by which model, how many tokens it took, and what it cost: for who asks.
import type { Message } from '../api/wire.ts';
import { useNumber } from '../context/numbers.ts';
import { ownWords } from '../shell/own-words.ts';
import { useSettings } from '../shell/settings-context.ts';
import { fullTime } from '../shell/time.ts';

const useWords = ownWords({
  en: {
    time: 'Time',
    model: 'Model',
    tokens: 'Tokens',
    tokensOf: '{prompt} read, {completion} written',
    temperature: 'Temperature',
    ignored: '{temperature}, which the model does not take',
    cost: 'Cost',
    unknown: 'not told',
  },
  'zh-CN': {
    time: '时间',
    model: '模型',
    tokens: '词元',
    tokensOf: '读入 {prompt}，写出 {completion}',
    temperature: '温度',
    ignored: '{temperature}，模型不接受，已忽略',
    cost: '费用',
    unknown: '未提供',
  },
});

export function MessageDetails({ message }: { message: Message }) {
  const { locale } = useSettings();
  const say = useWords();
  const number = useNumber();
  const { createdAt, model, tokens, role, cost, temperature, temperatureIgnored } = message;
  const warmth = temperature || (temperatureIgnored && say('ignored', { temperature: temperatureIgnored }));
  const rows: [string, string][] =
    role === 'assistant'
      ? [
          [say('model'), model || say('unknown')],
          [
            say('tokens'),
            tokens
              ? say('tokensOf', { prompt: number(tokens.prompt), completion: number(tokens.completion) })
              : say('unknown'),
          ],
          ...(cost === null ? [] : [[say('cost'), number(cost, 3)] satisfies [string, string]]),
          ...(warmth ? [[say('temperature'), warmth] satisfies [string, string]] : []),
        ]
      : [];
  return (
    <dl>
      <div class="detail">
        <dt>{say('time')}</dt>
        <dd>
          <time dateTime={createdAt}>{fullTime(createdAt, locale.value)}</time>
        </dd>
      </div>
      {rows.map(([name, value]) => (
        <div class="detail" key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
