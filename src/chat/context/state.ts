// AutoGen's AssistantAgentState: read when a session is made from one, composed again when it is asked for.
import { z } from 'zod';
import { memoryMessage } from '../../agent/memory-text.ts';
import { callsOf, resultsOf } from '../../agent/said-step.ts';
import { type LlmMessage, llmMessage, type ReasonedMessage } from '../../models/messages.ts';
import { isBlank } from '../../models/reply/blank.ts';
import type { ShownRow } from './shown-files.ts';

/** As lenient as AutoGen's own loader: `{}` is empty, unknown keys are dropped, a message needs its `type`. */
export const assistantAgentState = z
  .object({
    llm_context: z.object({ messages: z.array(llmMessage).default([]) }).default({ messages: [] }),
  })
  .transform((state) => stateOf(state.llm_context.messages));

/**
 * What a state without a context is, if it is another's than an assistant's: a loader that ignores keys would take it
 * for an empty one. Undefined where it may be an assistant's.
 */
export function otherState(state: Record<string, unknown>): 'team' | 'other' | undefined {
  if ('llm_context' in state) return undefined;
  if ('agent_states' in state) return 'team';
  const { type = 'AssistantAgentState', version: _, ...more } = state;
  return type === 'AssistantAgentState' && Object.keys(more).length === 0 ? undefined : 'other';
}

export type AssistantAgentState = {
  type: 'AssistantAgentState';
  version: '1.0.0';
  llm_context: { messages: LlmMessage[] };
};

/** The state that holds `messages`, in AutoGen's key order. */
export function stateOf(messages: LlmMessage[]): AssistantAgentState {
  return { type: 'AssistantAgentState', version: '1.0.0', llm_context: { messages } };
}

/** The messages of a stored state; none where there is none. The database keeps no key order: this restores it. */
export function stateMessages(stored: unknown): LlmMessage[] {
  return stored === null || stored === undefined
    ? []
    : assistantAgentState.parse(stored).llm_context.messages;
}

type Row = Omit<ShownRow, 'seq' | 'step'>;

/**
 * Stored messages that follow each other, as the model is given them: what sums up results is told to people alone. Calls of
 * a turn that was stopped are told as such; what came of those in the last row may stand behind it.
 */
export const llmMessages = (rows: readonly Row[]): LlmMessage[] =>
  rows.flatMap((row, index) => {
    const next = rows[index + 1];
    const isStopped = row.type === 'ToolCallRequestEvent' && next && next.type !== 'ToolCallExecutionEvent';
    return [llmMessageOf(row) ?? [], isStopped ? withoutResults(row) : []].flat();
  });

/** The same, of all there is. */
export function wholeMessages(rows: readonly Row[]): LlmMessage[] {
  const last = rows.at(-1);
  return [...llmMessages(rows), ...(last?.type === 'ToolCallRequestEvent' ? [withoutResults(last)] : [])];
}

/** No model server takes calls alone, and who asked for them is to know that they may have been made. */
const withoutResults = (row: Row): LlmMessage => ({
  content: callsOf(row).map(({ id, name }) => ({
    content:
      'Error: there is no result, the turn was stopped or still waits. The call may have taken effect.',
    name,
    call_id: id,
    is_error: true,
  })),
  type: 'FunctionExecutionResultMessage',
});

function llmMessageOf(row: Row): LlmMessage | ReasonedMessage | undefined {
  const { source, type, thought } = row;
  if (type === 'ToolCallRequestEvent')
    return {
      content: callsOf(row),
      thought: isBlank(row.content) ? null : row.content,
      source,
      type: 'AssistantMessage',
      ...(thought === null ? {} : { reasoning: thought }),
    };
  if (type === 'MemoryQueryEvent') return memoryMessage(row);
  if (type === 'ToolCallExecutionEvent')
    return { content: resultsOf(row), type: 'FunctionExecutionResultMessage' };
  if (type === 'ToolCallSummaryMessage' || type === 'HandoffMessage') return undefined;
  return row.role === 'assistant'
    ? { content: row.content, thought: row.thought, source: row.source, type: 'AssistantMessage' }
    : { content: row.shown ?? row.content, source: row.source, type: 'UserMessage' };
}
