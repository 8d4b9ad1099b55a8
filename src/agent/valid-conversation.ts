// The last that is done to what a model is sent. Whatever is stored, and whatever a policy left of it, becomes a
// conversation that the strictest server takes.

import type { LlmMessage } from '../models/messages.ts';
import type { ConversationRules } from '../models/model.ts';
import { isBlank } from '../models/reply/blank.ts';

type Message<T extends LlmMessage['type']> = Extract<LlmMessage, { type: T }>;
type UserMessage = Message<'UserMessage'>;
type AssistantMessage = Message<'AssistantMessage'>;
type FunctionCall = Exclude<AssistantMessage['content'], string>[number];
type FunctionResult = Message<'FunctionExecutionResultMessage'>['content'][number];
type ToolCalls = AssistantMessage & { content: FunctionCall[] };

/** Who says what nobody said: AutoGen's name for it. */
export const nobody = 'System';

/** Stands where a user's message has to be and is not: in place of what is not shown. */
export const gap: LlmMessage = { content: '…', source: nobody, type: 'UserMessage' };

/**
 * These messages, so that:
 *
 * 1. System messages come first, as one, joined as AutoGen joins them. A model that takes several gets each where it
 *    stands.
 * 2. Then comes a user's message, if need be `gap`; the last is what is to be answered.
 * 3. No two of a role stand side by side: they are one, with an empty line between. Users of different names say who
 *    they are.
 * 4. None is empty.
 * 5. Every call of a tool is answered in the message after it, and nothing else is there. What was told of the results
 *    stands between them and the next user's message: AutoGen's summary.
 */
export function validConversation(
  messages: readonly LlmMessage[],
  rules: ConversationRules = {},
): LlmMessage[] {
  const sendable = messages.flatMap(withoutBlanks);
  const system = rules.multipleSystemMessages ? [] : sendable.filter(isSystem);
  const rest = system.length === 0 ? sendable : sendable.filter((message) => !isSystem(message));
  const turns = runsOf(spoken(withWholeCalls(rest))).map((run) => joined(run, rules));
  return [...joinedSystem(system), ...turns];
}

/** How many of these are left out because there is nothing in them. */
export const countEmpty = (messages: readonly LlmMessage[]): number =>
  messages.filter((message) => withoutBlanks(message).length === 0).length;

export const isToolCalls = (message: LlmMessage | undefined): message is ToolCalls =>
  message?.type === 'AssistantMessage' && typeof message.content !== 'string';

const isSystem = (message: LlmMessage): message is Message<'SystemMessage'> =>
  message.type === 'SystemMessage';
const isResults = (message: LlmMessage | undefined): message is Message<'FunctionExecutionResultMessage'> =>
  message?.type === 'FunctionExecutionResultMessage';

/** The message without parts that say nothing; none, where nothing is left. */
function withoutBlanks(message: LlmMessage): LlmMessage[] {
  if (typeof message.content === 'string') return isBlank(message.content) ? [] : [message];
  if (message.type !== 'UserMessage') return message.content.length === 0 ? [] : [message];
  const content = message.content.filter((part) => typeof part !== 'string' || !isBlank(part));
  return content.length === 0 ? [] : [{ ...message, content }];
}

function joinedSystem(messages: Message<'SystemMessage'>[]): LlmMessage[] {
  if (messages.length < 2) return messages;
  // What an agent remembers is told again in each turn.
  const contents = new Set(messages.map(({ content }) => content));
  return [{ content: [...contents].join('\n'), type: 'SystemMessage' }];
}

/** Calls with exactly their results behind them, in the order of the calls; neither without the other. */
function withWholeCalls(messages: LlmMessage[]): LlmMessage[] {
  const whole: LlmMessage[] = [];
  let calls: ToolCalls | undefined;
  let results: FunctionResult[] = [];
  function endCalls() {
    if (calls) whole.push(...answeredCalls(calls, results));
    calls = undefined;
    results = [];
  }
  for (const message of messages) {
    if (isResults(message)) {
      results = results.concat(message.content);
      continue;
    }
    endCalls();
    if (isToolCalls(message)) calls = message;
    else whole.push(message);
  }
  endCalls();
  return whole;
}

function answeredCalls(message: ToolCalls, results: FunctionResult[]): LlmMessage[] {
  // Of several with one id the first counts.
  const resultOf = new Map(results.toReversed().map((result) => [result.call_id, result]));
  const calls: FunctionCall[] = [];
  const content: FunctionResult[] = [];
  for (const call of message.content) {
    const result = resultOf.get(call.id);
    if (!result) continue;
    resultOf.delete(call.id);
    calls.push(call);
    content.push(result);
  }
  if (calls.length === 0) return [];
  return [
    { ...message, content: calls },
    { content, type: 'FunctionExecutionResultMessage' },
  ];
}

/** With what has to stand between them, and around them, for each to have its turn. */
function spoken(messages: LlmMessage[]): LlmMessage[] {
  const all: LlmMessage[] = [];
  let before: LlmMessage | undefined;
  for (const message of messages) {
    if (!isSystem(message)) {
      if (!before && message.type !== 'UserMessage') all.push(gap);
      if (isResults(before) && message.type === 'UserMessage') all.push(summary(before));
      before = message;
    }
    all.push(message);
  }
  const isToBeAnswered = before?.type === 'UserMessage' || isResults(before);
  return isToBeAnswered ? all : [...all, gap];
}

function summary({ content }: Message<'FunctionExecutionResultMessage'>): LlmMessage {
  const told = content.map((result) => result.content).join('\n');
  return {
    content: isBlank(told) ? '…' : told,
    thought: null,
    source: 'assistant',
    type: 'AssistantMessage',
  };
}

/** Messages of users, and those of the assistant, that stand side by side; each other one by itself. */
function runsOf(messages: LlmMessage[]): [LlmMessage, ...LlmMessage[]][] {
  const runs: [LlmMessage, ...LlmMessage[]][] = [];
  for (const message of messages) {
    const run = runs.at(-1);
    const mayJoin = message.type === 'UserMessage' || message.type === 'AssistantMessage';
    if (run && mayJoin && run[0].type === message.type) run.push(message);
    else runs.push([message]);
  }
  return runs;
}

function joined(run: [LlmMessage, ...LlmMessage[]], rules: ConversationRules): LlmMessage {
  const [first] = run;
  if (first.type === 'UserMessage')
    return joinedUsers(
      run.filter((one) => one.type === 'UserMessage'),
      rules,
    );
  if (first.type === 'AssistantMessage' && run.length > 1)
    return joinedAssistant(run.filter((one) => one.type === 'AssistantMessage'));
  return first;
}

/** Calls are always the last: their results follow. What was said before them goes with them, as a thought does. */
function joinedAssistant(run: AssistantMessage[]): LlmMessage {
  const texts = run.flatMap(({ content }) => (typeof content === 'string' ? [content] : []));
  const last = run.at(-1);
  const source = last?.source ?? '';
  if (!isToolCalls(last))
    return { content: texts.join('\n\n'), thought: null, source, type: 'AssistantMessage' };
  const said = [...texts, last.thought ?? ''].filter((text) => !isBlank(text));
  return { ...last, thought: said.join('\n\n') };
}

function joinedUsers(run: UserMessage[], rules: ConversationRules): LlmMessage {
  const names = new Set(run.map(({ source }) => source).filter((source) => source !== nobody));
  const [name = nobody] = names;
  const isNamed = ({ source }: UserMessage) =>
    rules.namePrefixes === true || (names.size > 1 && source !== nobody);
  const contents = run.map((message) => (isNamed(message) ? withName(message) : message.content));
  // One name cannot stand for several.
  return { content: joinedContents(contents), source: names.size > 1 ? 'user' : name, type: 'UserMessage' };
}

/** As AutoGen's `add_name_prefixes` puts it. */
function withName({ source, content }: UserMessage): UserMessage['content'] {
  const prefix = `${source} said:\n`;
  if (typeof content === 'string') return prefix + content;
  const [first, ...rest] = content;
  return typeof first === 'string' ? [prefix + first, ...rest] : [prefix, ...content];
}

/** Texts become one; where there are images, a list of parts. */
function joinedContents(contents: UserMessage['content'][]): UserMessage['content'] {
  const [only] = contents;
  if (only !== undefined && contents.length === 1) return only;
  if (contents.every((content) => typeof content === 'string')) return contents.join('\n\n');
  const parts: Exclude<UserMessage['content'], string> = [];
  for (const content of contents) {
    const [first, ...rest] = typeof content === 'string' ? [content] : content;
    const last = parts.at(-1);
    if (first === undefined) continue;
    if (typeof last === 'string' && typeof first === 'string') parts.splice(-1, 1, `${last}\n\n${first}`);
    else parts.push(first);
    parts.push(...rest);
  }
  return parts;
}
