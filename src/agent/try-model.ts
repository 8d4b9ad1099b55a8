// Asks a model one short question, with what somebody means to write into its file: whether it answers, or why not.
import { saidNothing } from '../models/failure-reasons.ts';
import type { LlmMessage } from '../models/messages.ts';
import { ModelError } from '../models/model.ts';
import type { Bilingual } from '../words/bilingual.ts';
import { ModelConfigError, parseModelConfig } from './agent-config.ts';

/** As the model's file has it: what a provider is called, and its keys. */
export type TriedModel = { provider: string; config: Record<string, unknown> };

/** Why it does not answer; undefined where it does. */
export type Tried = Bilingual | undefined;

/** All of it, however slow its server is. */
const mostSeconds = 20;
const question: LlmMessage[] = [{ type: 'UserMessage', content: 'Say: ok', source: 'user' }];

/** Nothing of the environment is used, and nothing is kept. Rejects with the reason of `signal`. */
export async function tryModel({ provider, config }: TriedModel, signal: AbortSignal): Promise<Tried> {
  const over = AbortSignal.timeout(mostSeconds * 1000);
  try {
    const bounded = { ...config, timeout: mostSeconds, max_retries: 0 };
    const { model } = parseModelConfig(JSON.stringify({ provider, config: bounded }), 'model', {});
    let isSilent = true;
    await model.stream(question, AbortSignal.any([signal, over]), (events) => {
      isSilent = events.every(({ type }) => type === 'end');
      // One piece is enough.
      return isSilent;
    });
    return isSilent ? saidNothing('stop', false) : undefined;
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (over.aborted) return tooSlow;
    if (error instanceof ModelError) return error.reason;
    if (error instanceof ModelConfigError) {
      const said = error.message.replace(/^model(:\d+)?: /, '');
      return { 'zh-CN': said, en: said };
    }
    throw error;
  }
}

const tooSlow: Bilingual = {
  'zh-CN': `模型服务在 ${mostSeconds} 秒内没有回答`,
  en: `the model server did not answer within ${mostSeconds} s`,
};
