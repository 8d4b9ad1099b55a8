// Makes one reply of the chunks of a completion: pieces of thought and content, and at last the end.
import type { Usage } from '../words/usage.ts';
import type { CompletionChoice, CompletionChunk } from './completion-chunk.ts';
import type { FinishReason, ModelEvent } from './model.ts';
import { createThoughtSplitter } from './thought.ts';
import { createTextCleaner } from './well-formed.ts';

/** The state of one reply. */
export type ReplyAssembler = {
  /**
   * Adds the pieces that a chunk completes to `events`. True if it took the reply further: by a piece, a part of a
   * tool call, or the finish reason.
   */
  push(chunk: CompletionChunk, events: ModelEvent[]): boolean;
  /**
   * Adds the pieces that were held back, and the end of the reply. `done`: the server said that this was all;
   * `closed`: it ended its answer; `lost`: it went away, or was silent for too long.
   */
  end(events: ModelEvent[], how: 'done' | 'closed' | 'lost'): void;
  /**
   * Whether the server gave a finish reason: after one that is `certain` only usage can follow, or an error. One that
   * came with the first piece, or before it, or that others followed, may be in each chunk and mean nothing: `doubtful`,
   * once there is some content.
   */
  finish(): 'none' | 'doubtful' | 'certain';
  /** Whether there is a reply, be it an empty one: some content, or a finish reason. */
  hasAnswered(): boolean;
};

/** An assembler for one reply. Of several choices only that with the lowest number is taken, of those met until it begins. */
export function createReplyAssembler(): ReplyAssembler {
  const thoughtCleaner = createTextCleaner();
  const contentCleaner = createTextCleaner();
  const splitter = createThoughtSplitter();
  let first = Number.POSITIVE_INFINITY;
  let said = false;
  let hasContent = false;
  let hasCalled = false;
  /** A whole message, which needs no finish reason. */
  let isWhole = false;
  let reason: FinishReason | undefined;
  let isCertain = true;
  let usage: Usage | null = null;

  const hasBegun = (): boolean => said || hasCalled || reason !== undefined;

  function add(thought: string, content: string, events: ModelEvent[]): void {
    if (thought !== '') events.push({ type: 'thought', text: thought });
    if (content !== '') events.push(...splitter.push(content));
  }

  function pushChoice(choice: CompletionChoice, events: ModelEvent[]): boolean {
    if (choice.index !== first) return false;
    const { thought, content, callsTool, finishReason, isDelta } = choice;
    const finishes = finishReason !== undefined && reason === undefined;
    // Some servers repeat the whole message at the end of the stream.
    const isRepeated = !isDelta && said;
    const brings = !isRepeated && (thought !== '' || content !== '' || callsTool);
    if (isDelta && ((finishes && !said && !hasCalled) || (brings && reason !== undefined))) isCertain = false;
    reason = finishReason ?? reason;
    isWhole ||= !isDelta;
    hasCalled ||= callsTool;
    const had = events.length;
    if (!isRepeated) {
      if (thought !== '' || content !== '') said = true;
      if (content !== '') hasContent = true;
      add(thoughtCleaner.push(thought), contentCleaner.push(content), events);
    }
    return events.length > had || finishes || callsTool;
  }

  function finishReason(how: 'done' | 'closed' | 'lost'): FinishReason {
    if (how === 'lost' && !isCertain) return 'unknown';
    const told = reason ?? (how === 'done' || isWhole ? 'stop' : 'unknown');
    return hasCalled && !hasContent && told !== 'length' && told !== 'content_filter'
      ? 'function_calls'
      : told;
  }

  return {
    push(chunk, events) {
      usage = chunk.usage ?? usage;
      if (!hasBegun()) for (const { index } of chunk.choices) first = Math.min(first, index);
      let further = false;
      for (const choice of chunk.choices) further = pushChoice(choice, events) || further;
      return further;
    },
    end(events, how) {
      add(thoughtCleaner.end(), contentCleaner.end(), events);
      events.push(...splitter.end(), { type: 'end', finishReason: finishReason(how), usage });
    },
    finish() {
      if (reason === undefined) return 'none';
      if (isCertain) return 'certain';
      return hasContent ? 'doubtful' : 'none';
    },
    hasAnswered: () => hasContent || reason !== undefined,
  };
}
