// Makes one reply of the chunks of a completion: pieces of thought and content, and at last the end.
import type { CompletionChoice, CompletionChunk } from './completion-chunk.ts';
import type { FinishReason, ModelEvent, ModelUsage } from './model.ts';
import { createThoughtSplitter } from './thought.ts';
import { createTextCleaner } from './well-formed.ts';

/** The state of one reply. */
export type ReplyAssembler = {
  /**
   * Adds the pieces that a chunk completes to `events`. True if it took the reply further: by a piece, a part of a
   * tool call, or the finish reason.
   */
  push(chunk: CompletionChunk, events: ModelEvent[]): boolean;
  /** Adds the pieces that were held back, and the end of the reply. */
  end(events: ModelEvent[]): void;
  /** Whether the server gave a finish reason: what follows can only be usage, or an error. */
  finished(): boolean;
  /** Whether the reply is worth keeping although no finish reason came: some content did. */
  hasContent(): boolean;
};

/** An assembler for one reply. Of several choices only the first one met is taken. */
export function createReplyAssembler(): ReplyAssembler {
  const thoughtCleaner = createTextCleaner();
  const contentCleaner = createTextCleaner();
  const splitter = createThoughtSplitter();
  let first: number | undefined;
  let said = false;
  let hasContent = false;
  let reason: FinishReason | undefined;
  let usage: ModelUsage | null = null;

  function add(thought: string, content: string, events: ModelEvent[]): void {
    if (thought !== '') events.push({ type: 'thought', text: thought });
    if (content !== '') events.push(...splitter.push(content));
  }

  function pushChoice(choice: CompletionChoice, events: ModelEvent[]): boolean {
    first ??= choice.index;
    if (choice.index !== first) return false;
    const { thought, content, callsTool, finishReason } = choice;
    const finishes = finishReason !== undefined && reason === undefined;
    reason = finishReason ?? reason;
    // Some servers repeat the whole message at the end of the stream.
    const isRepeated = !choice.isDelta && said;
    const had = events.length;
    if (!isRepeated) {
      if (thought !== '' || content !== '') said = true;
      if (content !== '') hasContent = true;
      add(thoughtCleaner.push(thought), contentCleaner.push(content), events);
    }
    return events.length > had || finishes || callsTool;
  }

  return {
    push(chunk, events) {
      usage = chunk.usage ?? usage;
      let further = false;
      for (const choice of chunk.choices) further = pushChoice(choice, events) || further;
      return further;
    },
    end(events) {
      add(thoughtCleaner.end(), contentCleaner.end(), events);
      events.push(...splitter.end(), { type: 'end', finishReason: reason ?? 'unknown', usage });
    },
    finished: () => reason !== undefined,
    hasContent: () => hasContent,
  };
}
