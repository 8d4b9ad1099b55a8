// A model that says what a test tells it to.
import type { LlmMessage } from '../models/messages.ts';
import type { Asking, ChatModel, ModelEvent } from '../models/model.ts';

/** What a model does when it is asked for the `call`-th time. */
export type Script = (messages: readonly LlmMessage[], call: number) => Iterable<Step> | AsyncIterable<Step>;

/** An event; a failure to throw; or something to wait for. */
export type Step = ModelEvent | Error | Promise<void> | void;

/** `calls`: what it was shown, `askings`: and with what, each time. */
export type ScriptedModel = ChatModel & { calls: LlmMessage[][]; askings: (Asking | undefined)[] };

const end: ModelEvent = {
  type: 'end',
  finishReason: 'stop',
  usage: { prompt_tokens: 3, completion_tokens: 2 },
};

/** Answers `echo: …` with the last user message, in two pieces. */
export const echo: Script = (messages) => {
  const last = messages.at(-1);
  return say(['echo: ', typeof last?.content === 'string' ? last.content : '']);
};

/** A whole reply in these pieces, after this thought. */
export function say(pieces: string[], thought: string[] = []): Step[] {
  return [
    ...thought.map((text) => ({ type: 'thought' as const, text })),
    ...pieces.filter(Boolean).map((text) => ({ type: 'content' as const, text })),
    end,
  ];
}

/** Asks for these tools, by name with arguments, with this text beside them. The ids count from `call-1` in each step. */
export const callFor = (calls: readonly [name: string, args: string][], text = ''): Step[] => [
  ...(text ? [{ type: 'content' as const, text }] : []),
  {
    type: 'calls' as const,
    calls: calls.map(([name, given], n) => ({ id: `call-${n + 1}`, name, arguments: given })),
  },
  { ...end, finishReason: 'function_calls' },
];

const isEvent = (step: Step): step is ModelEvent => typeof step === 'object' && 'type' in step;

/**
 * A model that follows `script` each time it is asked, the first time as call 1, and keeps what it was asked in `calls`.
 *
 * @example
 * const gate = Promise.withResolvers<void>();
 * const model = scriptedModel(() => [{ type: 'content', text: 'wait' }, gate.promise, ...say([' for it'])]);
 */
export function scriptedModel(script: Script = echo): ScriptedModel {
  const calls: LlmMessage[][] = [];
  const askings: (Asking | undefined)[] = [];
  return {
    name: 'scripted',
    description: { en: 'scripted', 'zh-CN': 'scripted' },
    demo: false,
    callsTools: true,
    vision: true,
    structuredOutput: true,
    calls,
    askings,
    async stream(messages, signal, take, asking) {
      calls.push([...messages]);
      askings.push(asking);
      for await (const step of script(messages, calls.length)) {
        if (signal.aborted) throw signal.reason;
        if (step instanceof Error) throw step;
        if (!isEvent(step)) await step;
        else if (!take([step])) return;
      }
    },
  };
}
