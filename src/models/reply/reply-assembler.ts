// Makes one reply of the chunks of a completion: pieces of thought and content, calls of tools, and at last the end.
import type { Usage } from '../../words/usage.ts';
import type { FinishReason, ModelEvent } from '../model.ts';
import type { CompletionChoice, CompletionChunk } from '../openai/completion-chunk.ts';
import type { ToolNames } from '../tool-names.ts';
import { createTextCleaner } from '../well-formed.ts';
import { createCallGatherer } from './call-gatherer.ts';
import { createThoughtSplitter, type ThoughtPiece } from './thought.ts';
import { createWrittenCalls } from './written-calls.ts';

/** The state of one reply. */
export type ReplyAssembler = {
  /**
   * Adds the pieces that a chunk completes to `events`. True if it took the reply further: by a piece, a part of a
   * tool call, or the finish reason. Throws a ServerFailure where it calls more than any reply needs.
   */
  push(chunk: CompletionChunk, events: ModelEvent[]): boolean;
  /** Adds the pieces that were held back, the calls, and the end of the reply. */
  end(events: ModelEvent[], how: Ending): void;
  /**
   * Whether the server gave a finish reason: after one that is `certain` only usage can follow, or an error. One that
   * came with the first piece, or before it, or that others followed, may be in each chunk and mean nothing: `doubtful`,
   * once there is some content, or a call.
   */
  finish(): 'none' | 'doubtful' | 'certain';
  /** Whether there is a reply, be it an empty one: some content, calls, or a finish reason. */
  hasAnswered(): boolean;
  /** Whether, if it ends so, its calls break off: nobody says that they are whole, and their arguments are no JSON. */
  breaksOff(how: Ending): boolean;
};

/** `done`: the server said that this was all; `closed`: it ended its answer; `lost`: it went away, or kept silent. */
type Ending = 'done' | 'closed' | 'lost';

/**
 * An assembler for one reply. Of several choices only that with the lowest number is taken, of those met until it begins.
 * Without `tools` there are no calls in it, but for the finish reason.
 */
export function createReplyAssembler(tools?: ToolNames): ReplyAssembler {
  const thoughtCleaner = createTextCleaner();
  const contentCleaner = createTextCleaner();
  const splitter = createThoughtSplitter();
  const calling = tools && createCalling(tools);
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
    if (content !== '') show(splitter.push(content), events);
  }

  function show(pieces: ThoughtPiece[], events: ModelEvent[]): void {
    events.push(...(calling ? calling.shown(pieces) : pieces));
  }

  function pushChoice(choice: CompletionChoice, events: ModelEvent[]): boolean {
    if (choice.index !== first) return false;
    const { thought, content, calls, finishReason, isDelta } = choice;
    const callsTool = calls.length > 0;
    const finishes = finishReason !== undefined && reason === undefined;
    // Some servers repeat the whole message at the end of the stream.
    const isRepeated = !isDelta && said;
    const brings = !isRepeated && (thought !== '' || content !== '' || callsTool);
    if (isDelta && ((finishes && !said && !hasCalled) || (brings && reason !== undefined))) isCertain = false;
    reason = finishReason ?? reason;
    isWhole ||= !isDelta;
    if (callsTool && (isDelta || !hasCalled)) for (const call of calls) calling?.gathered.add(call);
    hasCalled ||= callsTool;
    const had = events.length;
    if (!isRepeated) {
      if (thought !== '' || content !== '') said = true;
      if (content !== '') hasContent = true;
      add(thoughtCleaner.push(thought), contentCleaner.push(content), events);
    }
    return events.length > had || finishes || callsTool || (content !== '' && calling?.isWriting() === true);
  }

  function told(how: Ending): FinishReason {
    if (how === 'lost' && !isCertain) return 'unknown';
    return reason ?? (how === 'done' || isWhole ? 'stop' : 'unknown');
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
      show(splitter.end(), events);
      const said = told(how);
      // Who was cut off may have meant to call something else.
      const isCut = said === 'length' || said === 'content_filter';
      if (calling) events.push(...calling.end(isCut));
      const isCalling = events.at(-1)?.type === 'calls' || (hasCalled && !hasContent);
      events.push({ type: 'end', finishReason: isCalling && !isCut ? 'function_calls' : said, usage });
    },
    finish() {
      if (reason === undefined) return 'none';
      if (isCertain) return 'certain';
      return hasContent || calling?.hasBegun() ? 'doubtful' : 'none';
    },
    hasAnswered: () => hasContent || reason !== undefined || calling?.hasBegun() === true,
    breaksOff: (how) => told(how) === 'unknown' && calling?.gathered.areWhole() === false,
  };
}

/** The calls of one reply: those that its server tells of, or else those that are written in its text. */
function createCalling(tools: ToolNames) {
  const gathered = createCallGatherer(tools);
  const fromText = createCallGatherer(tools);
  const written = createWrittenCalls(tools.has, fromText.add);
  return {
    gathered,
    /** What of these pieces is to be seen: not the calls. */
    shown: (pieces: ThoughtPiece[]): ThoughtPiece[] =>
      pieces.flatMap((piece) => {
        if (piece.type === 'thought') return [piece];
        const text = written.push(piece.text);
        return text === '' ? [] : [{ type: 'content' as const, text }];
      }),
    isWriting: () => written.isOpen(),
    hasBegun: () => written.isOpen() || !gathered.isEmpty() || !fromText.isEmpty(),
    /** What was held back, and the calls, unless the reply `isCut`. */
    end(isCut: boolean): ModelEvent[] {
      const text = written.end();
      const events: ModelEvent[] = text === '' ? [] : [{ type: 'content', text }];
      // Some servers do both.
      const calls = (gathered.isEmpty() ? fromText : gathered).calls();
      return isCut || calls.length === 0 ? events : [...events, { type: 'calls', calls }];
    },
  };
}
