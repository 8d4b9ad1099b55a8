// A step while it is being said: all of it but its text, which is in the log.
import type { ReplyEvent, Trimmed, TrimmedEvent } from '../../agent/ask.ts';
import type { Json } from '../../db/schema.ts';
import type { NewStep } from '../../db/turns/settle-step.ts';
import { type Capabilities, type FinishReason, takenTemperature } from '../../models/model.ts';
import { isBlank } from '../../models/reply/blank.ts';
import type { FunctionCall, StructuredData } from '../../words/steps.ts';
import type { Usage } from '../../words/usage.ts';

/** A model that never stops is stopped here: thought and content together, in UTF-16 characters. */
const longestReply = 4 * 1024 * 1024;

/** Whether what a cancelled turn had generated is worth keeping. */
export const saysSomething = ({ thought, content }: { thought: string; content: string }): boolean =>
  thought !== '' || !isBlank(content);

/** What says in a reply which model answered. */
export const modelMetadata = (model: { name: string; demo: boolean }): Record<string, string> => ({
  model: model.name,
  ...(model.demo ? { demo: 'true' } : {}),
});

/** What became of the temperature that the session has. */
export function temperatureMetadata(
  model: Pick<Capabilities, 'mostTemperature'>,
  wished: number | null,
): Record<string, string> {
  if (wished === null) return {};
  const taken = takenTemperature(model, wished);
  return taken === undefined ? { temperature_ignored: String(wished) } : { temperature: String(taken) };
}

const trimmedMetadata = (trimmed: TrimmedEvent | undefined): Record<string, string> =>
  trimmed
    ? {
        context_left_out: String(trimmed.leftOut),
        ...(trimmed.limit === undefined ? {} : { context_limit: String(trimmed.limit) }),
      }
    : {};

/** What the metadata of a reply tells of what was left out for it; undefined, where nothing was. */
export function trimmedOf({ context_left_out, context_limit }: Json): Trimmed | undefined {
  const leftOut = Number(context_left_out);
  if (typeof context_left_out !== 'string' || !Number.isSafeInteger(leftOut)) return undefined;
  return { leftOut, limit: Number(context_limit) || undefined };
}

export class ReplyDraft {
  /** Of thought and content. */
  #length = 0;
  #thoughtFrom: number | undefined;
  #thoughtMs: number | undefined;
  #trimmed: TrimmedEvent | undefined;
  #finishReason: FinishReason | undefined;
  #usage: Usage | null = null;
  #calls: FunctionCall[] | undefined;
  /** What it has to be, where that is said. */
  structured: StructuredData | undefined;

  /** What was reported; null while nothing is. */
  get usage(): Usage | null {
    return this.#usage;
  }

  /** What tools it asks for; undefined where it is text. */
  get calls(): FunctionCall[] | undefined {
    return this.#calls;
  }

  /** Takes the next event of the model; false: it is too much, stop asking. */
  take(event: ReplyEvent): boolean {
    if (event.type === 'trimmed') {
      this.#trimmed = event;
      return true;
    }
    if (event.type === 'end') {
      this.#finishReason = event.finishReason;
      this.#usage = event.usage;
      return true;
    }
    if (event.type === 'calls') {
      this.#calls = event.calls;
      return true;
    }
    if (event.type === 'thought') this.#thoughtFrom ??= performance.now();
    else this.#endThought();
    this.#length += event.text.length;
    if (this.#length < longestReply) return true;
    this.#finishReason = 'length';
    return false;
  }

  #endThought(): void {
    if (this.#thoughtFrom !== undefined) this.#thoughtMs ??= performance.now() - this.#thoughtFrom;
  }

  /**
   * What to store under `id`, whole or cancelled half-way. What the server adds to `metadata` has string values, as
   * AutoGen's has.
   */
  finished(
    { id, source }: { id: string; source: string },
    model: { name: string; demo: boolean },
    status: 'completed' | 'cancelled',
    { thought, content }: { thought: string; content: string },
  ): NewStep {
    this.#endThought();
    const finishReason = this.#finishReason;
    // What was cancelled before its calls were written down never asked for them.
    const calls = status === 'completed' ? this.#calls : undefined;
    const structured = status === 'completed' ? this.structured : undefined;
    const isPlain = finishReason === undefined || finishReason === 'stop' || calls !== undefined;
    return {
      id,
      source,
      ...(calls && { type: 'ToolCallRequestEvent', data: { calls } }),
      ...(structured && { type: 'StructuredMessage', data: { structured } }),
      content,
      thought: thought || null,
      modelsUsage: this.#usage,
      metadata: {
        ...modelMetadata(model),
        ...(status === 'cancelled' ? { cancelled: 'true' } : {}),
        ...(isPlain ? {} : { finish_reason: finishReason }),
        ...trimmedMetadata(this.#trimmed),
        ...(this.#thoughtMs === undefined ? {} : { thought_seconds: (this.#thoughtMs / 1000).toFixed(1) }),
      },
    };
  }
}
