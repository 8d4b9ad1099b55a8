// What a model is shown, as the harness reads it: which turn and step it is asked for, and what is wrong with the rest.
import { z } from 'zod';
import type { ChaosRecord } from './record.ts';
import { askedInId } from './scripted-calls.ts';
import { type Asked, askedIn, lastTagIn, tagIn } from './scripted-reply.ts';

export const conversation = z.array(
  z.object({
    role: z.string(),
    content: z
      .string()
      .nullish()
      .transform((text) => text ?? ''),
    tool_calls: z.array(z.object({ id: z.string() })).default([]),
    tool_call_id: z.string().optional(),
  }),
);
export type Shown = z.output<typeof conversation>;

/**
 * The turn and the step of it: the first one answers the user's message, a later one is asked behind those before it, with a
 * message that says nothing at the end, or what came of calls. `before`: which ask each of those was, from the first that
 * is shown.
 */
export function askedFor(messages: Shown): Omit<Asked, 'ask'> & { before: Asked[] } {
  const last = messages.at(-1);
  const from = messages.findLastIndex(({ role, content }) => role === 'user' && tagIn(content) !== undefined);
  const before = messages.slice(from + 1).flatMap(asksOf);
  const previous = before.at(-1);
  if (!previous) return { tag: lastTagIn(messages[from]?.content ?? '') ?? '', step: 0, before };
  // Behind calls the step of their results stands too.
  return { tag: previous.tag, step: previous.step + (last?.role === 'tool' ? 2 : 1), before };
}

/** What the model was asked for when it said this. */
function asksOf({ role, content, tool_calls: [call] }: Shown[number]): Asked[] {
  if (role !== 'assistant') return [];
  const asked = call && askedInId(call.id);
  return asked ? [asked] : askedIn(content);
}

/** All steps of a reply follow their own message, in order from the first. */
export function checkShown(messages: Shown, record: ChaosRecord): void {
  const wrong = (sentence: string) => void record.wrongContexts.push(sentence);
  let question = '';
  let steps: number[] = [];
  for (const [index, one] of messages.entries()) {
    const before = messages[index - 1];
    if (isEmpty(one) || (one.role === before?.role && one.role !== 'tool'))
      wrong(`${one.role} ${show(one.content)} was shown, empty or beside another`);
    checkResults(messages, index, wrong);
    if (one.role === 'user' && tagIn(one.content) !== undefined) {
      question = one.content;
      steps = [];
    }
    // What stands before the first message that is shown has no tag.
    if (one.role !== 'assistant' || question === '') continue;
    const asked = asksOf(one);
    // What nobody answered any more is summed up.
    if (asked.length === 0 && before?.role === 'tool') continue;
    if (asked.length === 0 || asked.some(({ tag }) => tag !== lastTagIn(question)))
      wrong(`${show(one.content)} was shown as the reply to ${show(question)}`);
    steps.push(...asked.map(({ step }) => step));
    const apart = one.tool_calls.length > 0 || before?.role === 'tool' ? 2 : 1;
    if (steps.some((step, at) => step !== at * apart))
      wrong(`the steps ${steps.join(', ')} were shown as the reply to ${show(question)}`);
  }
  const last = messages.at(-1);
  if (last?.role !== 'user' && last?.role !== 'tool') wrong(`${show(last?.content ?? '')} was shown last`);
}

const isEmpty = ({ content, tool_calls }: Shown[number]): boolean =>
  content === '' && tool_calls.length === 0;

/** Calls are followed by what came of each, in their order, and by nothing else. */
function checkResults(messages: Shown, index: number, wrong: (sentence: string) => void): void {
  const one = messages[index];
  const calls = one?.tool_calls.map(({ id }) => id) ?? [];
  if (one?.role === 'tool' && !['tool', 'assistant'].includes(messages[index - 1]?.role ?? ''))
    wrong(`what came of ${one.tool_call_id} was shown without its call`);
  if (one?.role !== 'assistant') return;
  const rest = messages.slice(index + 1);
  const end = rest.findIndex(({ role }) => role !== 'tool');
  const results = rest.slice(0, end < 0 ? undefined : end).map(({ tool_call_id }) => tool_call_id);
  if (calls.join() !== results.join())
    wrong(`the calls ${calls.join()} were shown with what came of ${results.join()}`);
}

const show = (text: string): string => JSON.stringify(text.slice(0, 60));
