// An agent as a tool of another: it is given a task, and what it says is the result. All of it is one call: nothing of it is
// stored step by step, so what only a person may allow is not called in it.

import type { StaticTool } from '../tools/static-workbench.ts';
import { boundedText, type CallOptions, resultText, textResult } from '../tools/tool.ts';
import type { FunctionCall, FunctionResult } from '../words/steps.ts';
import type { Agent, AskStep } from './agent.ts';
import type { AgentToolSource } from './agent-description.ts';
import { argumentsIn } from './call-arguments.ts';
import type { Conversation } from './context.ts';
import { toolsOf } from './known-tools.ts';
import { memoryMessage } from './memory-text.ts';
import { callsOf, resultsOf, type SaidStep } from './said-step.ts';
import { structuredText } from './structured-reply.ts';
import { findsNothing, waitsForPerson } from './toolbox.ts';

/** `agent` is what the source describes. */
export function agentTool(source: AgentToolSource, agent: Agent): StaticTool {
  const [known] = toolsOf({ tools: [source], approval: [] });
  if (!known) throw new Error('an agent is a tool');
  const { name, description, parameters, annotations } = known;
  return {
    name,
    description,
    parameters,
    annotations,
    async run({ task }, options) {
      if (typeof task !== 'string') throw new Error('task must be a text');
      const said = await answer(agent, task, options);
      const last = said.at(-1);
      if (source.returnsLast) return textResult(last?.content ?? '');
      const texts = said.filter(({ content }) => content !== '');
      return textResult(texts.map(({ source: who, content }) => `${who}: ${content}`).join('\n\n'));
    },
  };
}

async function answer(agent: Agent, task: string, options: CallOptions): Promise<SaidStep[]> {
  const said: SaidStep[] = [];
  for (let next = agent.next(said); next; next = agent.next(said)) {
    options.signal.throwIfAborted();
    if (next.kind === 'tell') said.push({ source: next.source, thought: null, ...next.said });
    else if (next.kind === 'ask') said.push(await ask(next, conversationOf(agent, task, said), options));
    else {
      const results = await call(agent, callsOf(said.at(-1) ?? { data: null }), options);
      const { source } = next;
      said.push({ source, type: 'ToolCallExecutionEvent', content: '', thought: null, data: { results } });
    }
  }
  return said;
}

async function ask(
  { source, reply, structured }: AskStep,
  conversation: Conversation,
  { signal }: CallOptions,
): Promise<SaidStep> {
  let content = '';
  let calls: FunctionCall[] | undefined;
  await reply(conversation, signal, (events) => {
    for (const event of events) {
      if (event.type === 'content') content += event.text;
      else if (event.type === 'calls') calls = event.calls;
    }
    return !signal.aborted;
  });
  signal.throwIfAborted();
  if (calls) return { source, type: 'ToolCallRequestEvent', content, thought: null, data: { calls } };
  if (!structured) return { source, type: 'TextMessage', content, thought: null, data: null };
  const read = structured(content);
  const data = { structured: read };
  return { source, type: 'StructuredMessage', content: structuredText(read), thought: null, data };
}

function conversationOf(agent: Agent, task: string, said: readonly SaidStep[]): Conversation {
  const tail: Conversation['tail'] = [{ content: task, source: 'user', type: 'UserMessage' }];
  for (const step of said) {
    if (step.type === 'ToolCallRequestEvent')
      tail.push({
        content: callsOf(step),
        thought: step.content || null,
        source: step.source,
        type: 'AssistantMessage',
      });
    else if (step.type === 'MemoryQueryEvent') tail.push(memoryMessage(step));
    else if (step.type === 'ToolCallExecutionEvent')
      tail.push({ content: resultsOf(step), type: 'FunctionExecutionResultMessage' });
  }
  return { head: [...agent.initialMessages], skipped: 0, tail };
}

async function call(
  { toolbox }: Agent,
  calls: readonly FunctionCall[],
  options: CallOptions,
): Promise<FunctionResult[]> {
  const find = (await toolbox?.look(options.signal)) ?? findsNothing;
  return Promise.all(
    calls.map(async ({ id: call_id, name, arguments: text }, n): Promise<FunctionResult> => {
      const failed = (content: string) => ({ content, name, call_id, is_error: true });
      const tool = find(name);
      if (waitsForPerson(tool, text))
        return failed(
          `Error: '${name}' has to be allowed by a person, whom an agent that is a tool cannot ask`,
        );
      const given = argumentsIn(text);
      if ('wrong' in given) return failed(`Error: ${given.wrong}`);
      // The same in every attempt at the whole.
      const idempotencyKey = `${options.idempotencyKey}-${call_id}-${n}`;
      const result = await tool.call(given.given, { ...options, idempotencyKey });
      return { content: boundedText(resultText(result)), name, call_id, is_error: result.isError };
    }),
  );
}
