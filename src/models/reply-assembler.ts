// Makes one reply of the chunks of a completion: pieces of thought and content, and at last the end.
import {
  type CompletionChoice,
  type CompletionChunk,
  callsTool,
  choiceTexts,
  chunkUsage,
  finishReason,
} from './completion-chunk.ts';
import type { FinishReason, ModelEvent, ModelUsage } from './model.ts';
import { createThoughtSplitter } from './thought.ts';
import { createTextCleaner } from './well-formed.ts';

/** The state of one reply. */
export type ReplyAssembler = {
  /**
   * The pieces that a chunk completes, and whether it took the reply further: by a piece, a part of a tool
   * call, or the finish reason.
   */
  push(chunk: CompletionChunk): { pieces: ModelEvent[]; further: boolean };
  /** The pieces that were held back; called once, before `end`. */
  rest(): ModelEvent[];
  /** The end of the reply. */
  end(): ModelEvent;
  /** Whether the server gave a finish reason: what follows can only be usage, or an error. */
  finished(): boolean;
  /** Whether the reply is worth keeping although no finish reason came: some content did. */
  hasContent(): boolean;
};

function pieces(type: 'thought' | 'content', text: string): ModelEvent[] {
  return text === '' ? [] : [{ type, text }];
}

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

  function isFirst(choice: CompletionChoice): boolean {
    const index = choice.index ?? 0;
    first ??= index;
    return index === first;
  }

  function pushChoice(choice: CompletionChoice): ModelEvent[] {
    if (choice.finish_reason) reason = finishReason(choice.finish_reason);
    // Some servers repeat the whole message at the end of the stream.
    if (!choice.delta && said) return [];
    const { thought, content } = choiceTexts(choice);
    if (thought !== '' || content !== '') said = true;
    if (content !== '') hasContent = true;
    return [
      ...pieces('thought', thoughtCleaner.push(thought)),
      ...splitter.push(contentCleaner.push(content)),
    ];
  }

  return {
    push(chunk) {
      const finishedBefore = reason !== undefined;
      usage = chunkUsage(chunk) ?? usage;
      const ours = (chunk.choices ?? []).filter(isFirst);
      const gained = ours.flatMap(pushChoice);
      const finishes = reason !== undefined && !finishedBefore;
      return { pieces: gained, further: gained.length > 0 || finishes || ours.some(callsTool) };
    },
    rest: () => [
      ...pieces('thought', thoughtCleaner.end()),
      ...splitter.push(contentCleaner.end()),
      ...splitter.end(),
    ],
    end: () => ({ type: 'end', finishReason: reason ?? 'unknown', usage }),
    finished: () => reason !== undefined,
    hasContent: () => hasContent,
  };
}
