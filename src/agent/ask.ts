// Asks a model for the reply to a conversation: a shorter one if it is too long for the server, and never for nothing.

import { neverFits, saidNothing } from '../models/failure-reasons.ts';
import type { LlmMessage } from '../models/messages.ts';
import {
  type Asking,
  type ChatModel,
  type FinishReason,
  ModelError,
  type ModelEvent,
  type TakeEvents,
  type ToolSchema,
} from '../models/model.ts';
import { isBlank } from '../models/reply/blank.ts';
import { countTokens } from '../models/tokens.ts';
import { estimateTokens, oldestThatDoNotFit } from './context.ts';
import { type LimitMemory, limitAfter, type ModelLimit } from './model-limit.ts';
import { validConversation } from './valid-conversation.ts';

/** How many of the oldest messages were left out for the server's limit, and what that is, where it told it. */
export type Trimmed = { leftOut: number; limit: number | undefined };
/** Comes before the first piece, where anything was left out. */
export type TrimmedEvent = Trimmed & { type: 'trimmed' };
export type ReplyEvent = ModelEvent | TrimmedEvent;
/** Gets what of a reply came together; false: that is enough. */
export type TakeReply = (events: ReplyEvent[]) => boolean;

/**
 * What is asked: of the conversation with this name. `kept` are the messages that the policy left; they are let go of when
 * the reply begins. `tools` are offered with it, and count as much as what they are told as.
 */
export type Asked = {
  conversation: string | undefined;
  system: readonly LlmMessage[];
  kept: LlmMessage[];
  tools?: readonly ToolSchema[] | undefined;
};

/** How often one turn may ask, where the server does not say how much it takes. The last time with the message alone. */
const mostRequests = 5;

/** The request, without the oldest `leftOut` of what was kept. */
export const request = (
  model: Pick<ChatModel, 'rules'>,
  { system, kept }: Pick<Asked, 'system' | 'kept'>,
  leftOut = 0,
): LlmMessage[] => validConversation([...system, ...kept.slice(leftOut)], model.rules);

/** How many of the oldest messages are too much for the model. */
export const tooMuch = ({ system, kept, tools }: Asked, limit: ModelLimit | undefined): number =>
  limit ? oldestThatDoNotFit(kept, limit.budget - estimateTokens(system) - toolTokens(tools)) : 0;

const toolTokens = (tools: readonly ToolSchema[] = []): number =>
  countTokens(
    tools.map(({ name, description, parameters }) => name + description + JSON.stringify(parameters)).join(),
  );

/** Rejects with a ModelError when the model fails, or says nothing, and with the reason of `signal`. */
export async function ask(
  model: ChatModel,
  memory: LimitMemory,
  asked: Asked,
  signal: AbortSignal,
  take: TakeReply,
  asking?: Asking,
): Promise<void> {
  const recalled = memory.recall(asked.conversation);
  let limit = recalled;
  let leftOut = tooMuch(asked, limit);
  let begun = false;
  // A call where none was to be made is nothing.
  const calling = asking?.toolChoice !== 'none';
  const listener = createListener(
    calling ? take : (events) => take(events.filter(({ type }) => type !== 'calls')),
    calling,
  );

  function begin(events: ModelEvent[]): boolean {
    begun = true;
    asked.kept = [];
    if (limit && leftOut > 0) {
      // One that only served again is as old as it was.
      if (limit !== recalled) memory.keep(limit, asked.conversation);
      return listener.take([{ type: 'trimmed', leftOut, limit: limit.told }, ...events]);
    }
    return listener.take(events);
  }
  const takeEvents: TakeEvents = (events) => (begun ? listener.take(events) : begin(events));

  for (let requests = 1; ; requests++) {
    try {
      await model.stream(request(model, asked, leftOut), signal, takeEvents, asking);
      return listener.end();
    } catch (error) {
      if (!(error instanceof ModelError) || error.failure !== 'too_long') throw error;
      // What was shown stays; nothing can be asked again behind it.
      if (begun) throw new ModelError('failed', error.reason, { cause: error.cause });
      const estimated = estimateTokens(request(model, asked, leftOut)) + toolTokens(asked.tools);
      const alone = asked.kept.length - 1;
      limit = limitAfter(error.contextLimit, estimated);
      if (limit.budget <= 0 || leftOut >= alone || requests === mostRequests)
        throw new ModelError('too_long', neverFits(error.contextLimit, estimated), { cause: error.cause });
      const isLast = requests === mostRequests - 1;
      leftOut = isLast ? alone : Math.min(alone, Math.max(leftOut + 1, tooMuch(asked, limit)));
    }
  }
}

/** Passes on what comes, and throws at the end if there was no word of a reply in it. */
function createListener(take: TakeReply, calling: boolean) {
  let hasSpoken = false;
  let hasThought = false;
  // Who is stopped for saying too much has used up the longest reply.
  let finishReason: FinishReason = 'length';

  function listen(event: ReplyEvent): void {
    if (event.type === 'content') hasSpoken ||= !isBlank(event.text);
    else if (event.type === 'calls') hasSpoken ||= calling;
    else if (event.type === 'thought') hasThought = true;
    else if (event.type === 'end') finishReason = event.finishReason;
  }
  return {
    take(events: ReplyEvent[]): boolean {
      if (!hasSpoken) events.forEach(listen);
      return take(events);
    },
    end(): void {
      if (!hasSpoken) throw new ModelError('empty', saidNothing(finishReason, hasThought));
    },
  };
}
