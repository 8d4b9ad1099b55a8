// AutoGen's AssistantAgentState: read when a session is made from one, composed again when it is asked for.
import { z } from 'zod';
import { memoryMessage } from '../../agent/memory-text.ts';
import { callsMade, callsOf, resultsOf, withArguments } from '../../agent/said-step.ts';
import type { CallRow } from '../../db/turns/call-parts.ts';
import { type LlmMessage, llmMessage, type ReasonedMessage } from '../../models/messages.ts';
import { isBlank } from '../../models/reply/blank.ts';
import { madeWith, resultOf } from '../calls/call-outcome.ts';
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

/** `stopped`: the calls that it asks for, where their results are no row. */
type Row = Omit<ShownRow, 'seq' | 'step'> & { stopped?: readonly CallRow[] };

/**
 * Stored messages that follow each other, as the model is given them: what sums up results is told to people alone. Calls
 * are those that were made, also where a person gave them other arguments; those of a turn that was stopped are told as
 * such, and what came of those in the last row may stand behind it.
 */
export const llmMessages = (rows: readonly Row[]): LlmMessage[] =>
  rows.flatMap((row, index) => {
    const next = rows[index + 1];
    if (row.type !== 'ToolCallRequestEvent') return llmMessageOf(row) ?? [];
    const isStopped = next !== undefined && next.type !== 'ToolCallExecutionEvent';
    return isStopped ? [callsMessage(row), withoutResults(row)] : [callsMessage(row, next)];
  });

/** The same, of all there is. */
export function wholeMessages(rows: readonly Row[]): LlmMessage[] {
  const last = rows.at(-1);
  return [...llmMessages(rows), ...(last?.type === 'ToolCallRequestEvent' ? [withoutResults(last)] : [])];
}

/** No model server takes calls alone. Of those that the ledger has nothing of, as in a copy, nobody knows. */
const withoutResults = (row: Row): LlmMessage => ({
  content:
    row.stopped?.map(resultOf) ??
    callsOf(row).map(({ id, name }) => ({
      content: 'Error: there is no result. The call may have taken effect.',
      name,
      call_id: id,
      is_error: true,
    })),
  type: 'FunctionExecutionResultMessage',
});

/** `results`: the row behind it, if it is that. */
const callsMessage = (row: Row, results?: Row): ReasonedMessage => ({
  content: row.stopped
    ? callsOf(row).map((call, place) =>
        withArguments(call, row.stopped?.[place] && madeWith(row.stopped[place])),
      )
    : callsMade(row, results),
  thought: isBlank(row.content) ? null : row.content,
  source: row.source,
  type: 'AssistantMessage',
  ...(row.thought === null ? {} : { reasoning: row.thought }),
});

function llmMessageOf(row: Row): LlmMessage | undefined {
  const { type } = row;
  if (type === 'MemoryQueryEvent') return memoryMessage(row);
  if (type === 'ToolCallExecutionEvent')
    return { content: resultsOf(row), type: 'FunctionExecutionResultMessage' };
  if (type === 'ToolCallSummaryMessage' || type === 'HandoffMessage') return undefined;
  return row.role === 'assistant'
    ? { content: row.content, thought: row.thought, source: row.source, type: 'AssistantMessage' }
    : { content: row.shown ?? row.content, source: row.source, type: 'UserMessage' };
}
