// Anthropic's streams for tests: events as its Messages API sends them, as steps of a model server.
import type { ModelStep } from './model-server.ts';

/** One event, named and typed alike. */
export function anthropicEvent(type: string, fields: object = {}): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}

const USAGE = {
  input_tokens: 5,
  cache_creation_input_tokens: 20,
  cache_read_input_tokens: 100,
  output_tokens: 1,
};

/** The beginning of a reply; nothing of it counts as a piece. */
export const START = anthropicEvent('message_start', {
  message: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-x',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: USAGE,
  },
});

export const PING = anthropicEvent('ping');

export type ScriptedBlock =
  | { text: string[] }
  | { thinking: string[] }
  | { redacted: string }
  | { tool: string; json: string[] };

const opened = (block: ScriptedBlock): object => {
  if ('text' in block) return { type: 'text', text: '' };
  if ('thinking' in block) return { type: 'thinking', thinking: '', signature: '' };
  if ('redacted' in block) return { type: 'redacted_thinking', data: block.redacted };
  return { type: 'tool_use', id: 'toolu_1', name: block.tool, input: {} };
};

const deltas = (block: ScriptedBlock): object[] => {
  if ('text' in block) return block.text.map((text) => ({ type: 'text_delta', text }));
  if ('redacted' in block) return [];
  if ('tool' in block) {
    return block.json.map((partial_json) => ({ type: 'input_json_delta', partial_json }));
  }
  const thoughts = block.thinking.map((thinking) => ({ type: 'thinking_delta', thinking }));
  return [...thoughts, { type: 'signature_delta', signature: 'c2lnbmF0dXJl' }];
};

/** One block of a reply, with the ping that may stand anywhere. */
export function anthropicBlock(block: ScriptedBlock, index = 0): string {
  return [
    anthropicEvent('content_block_start', { index, content_block: opened(block) }),
    PING,
    ...deltas(block).map((delta) => anthropicEvent('content_block_delta', { index, delta })),
    anthropicEvent('content_block_stop', { index }),
  ].join('');
}

/** What says why a reply ended. */
export function anthropicStop(stopReason: string | null, usage: object = { output_tokens: 7 }): string {
  return anthropicEvent('message_delta', { delta: { stop_reason: stopReason, stop_sequence: null }, usage });
}

/** A whole reply as it is streamed. */
export function anthropicReply(blocks: ScriptedBlock[], stopReason = 'end_turn', usage?: object): string {
  return [
    START,
    ...blocks.map(anthropicBlock),
    anthropicStop(stopReason, usage),
    anthropicEvent('message_stop'),
  ].join('');
}

/** The same as what a model server does. */
export function anthropicSteps(blocks: ScriptedBlock[], stopReason?: string, usage?: object): ModelStep[] {
  return [{ raw: anthropicReply(blocks, stopReason, usage) }];
}

/** An error in the middle of a stream. */
export function anthropicError(type: string, message: string): string {
  return anthropicEvent('error', { error: { type, message }, request_id: 'req_1' });
}
