// What follows in a turn whose model may call tools: AutoGen's order.
import type { LlmMessage } from '../models/messages.ts';
import type { FunctionCall, FunctionResult } from '../words/steps.ts';
import type { AskStep, NextStep } from './agent.ts';
import type { AgentDescription, LoopSettings } from './agent-description.ts';
import { callsMade, resultsOf, type SaidStep } from './said-step.ts';
import type { HandoffSource } from './tool-source.ts';

export type ToolLoop = {
  /** Who says it all. */
  name: string;
  loop: LoopSettings;
  /** Each is queried before the model is asked first; none is empty. */
  memory: AgentDescription['memory'];
  tools: AgentDescription['tools'];
  /** Asks the model, which may call tools. */
  ask: AskStep;
  /** Asks it for a text about the last results. */
  reflect: AskStep;
};

/** What comes behind what was said; undefined: nothing, the last of it is the reply. */
export function nextInLoop(
  { name, loop, memory, tools, ask, reflect }: ToolLoop,
  said: readonly SaidStep[],
): NextStep | undefined {
  const last = said.at(-1);
  const unread = memory[said.filter(({ type }) => type === 'MemoryQueryEvent').length];
  if (!last || last.type === 'MemoryQueryEvent') return unread ? recalled(name, unread) : ask;
  if (last.type === 'ToolCallRequestEvent') return { kind: 'call', source: name };
  if (last.type !== 'ToolCallExecutionEvent') return undefined;
  const rounds = said.filter(({ type }) => type === 'ToolCallRequestEvent');
  const request = rounds.at(-1) ?? last;
  const calls = callsMade(request, last);
  const results = resultsOf(last);
  const handoff = handoffOf(tools, calls);
  if (handoff) return handedOver(name, handoff, contextOf(tools, { ...request, calls }, results));
  if (rounds.length < loop.maxToolIterations) return ask;
  return loop.reflectOnToolUse ? reflect : summary(name, loop.summaryFormat, calls, results);
}

const recalled = (source: string, memory: AgentDescription['memory'][number]): NextStep => ({
  kind: 'tell',
  source,
  said: { type: 'MemoryQueryEvent', content: '', data: { memory: [...memory] } },
});

/** Of several the first counts. */
function handoffOf(tools: ToolLoop['tools'], calls: readonly FunctionCall[]): HandoffSource | undefined {
  const handoffs = tools.filter((tool) => tool.kind === 'handoff');
  for (const call of calls) {
    const handoff = handoffs.find((one) => one.name === call.name);
    if (handoff) return handoff;
  }
  return undefined;
}

const handedOver = (source: string, { message, target }: HandoffSource, context: LlmMessage[]): NextStep => ({
  kind: 'tell',
  source,
  said: { type: 'HandoffMessage', content: message, data: { target, context } },
});

/** What who goes on is given: the other calls with their results, or else what was said beside the handoff. */
function contextOf(
  tools: ToolLoop['tools'],
  { source, content, calls: made }: SaidStep & { calls: readonly FunctionCall[] },
  results: FunctionResult[],
): LlmMessage[] {
  const handoffs = new Set(tools.flatMap((tool) => (tool.kind === 'handoff' ? [tool.name] : [])));
  const calls = made.filter(({ name }) => !handoffs.has(name));
  const thought = content === '' ? null : content;
  if (calls.length > 0)
    return [
      { content: calls, thought, source, type: 'AssistantMessage' },
      {
        content: results.filter(({ name }) => !handoffs.has(name)),
        type: 'FunctionExecutionResultMessage',
      },
    ];
  return thought === null ? [] : [{ content: thought, thought: null, source, type: 'AssistantMessage' }];
}

function summary(source: string, format: string, calls: FunctionCall[], results: FunctionResult[]): NextStep {
  // By their place: a model may give two calls one id.
  const lines = results.map((result, n) => lineOf(format, calls[n], result));
  return {
    kind: 'tell',
    source,
    said: { type: 'ToolCallSummaryMessage', content: lines.join('\n'), data: { calls, results } },
  };
}

/** Booleans are Python's, as AutoGen writes them. */
function lineOf(format: string, call: FunctionCall | undefined, result: FunctionResult): string {
  const values: Record<string, string> = {
    tool_name: result.name,
    arguments: call?.arguments ?? '',
    result: result.content,
    is_error: result.is_error ? 'True' : 'False',
  };
  return format.replaceAll(/\{(tool_name|arguments|result|is_error)\}/g, (_, name) => values[name] ?? '');
}
