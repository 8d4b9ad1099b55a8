// A reply while it is being generated: all of it but its text, which is in the log.
import type { NewReply } from '../db/turns.ts';
import type { FinishReason, ModelEvent, ModelUsage } from '../models/model.ts';

/** A model that never stops is stopped here: thought and content together, in UTF-16 characters. */
const longestReply = 4 * 1024 * 1024;

export class ReplyDraft {
  /** `id`: what the reply will be stored under, however often that is tried. */
  constructor(readonly id: string) {}

  /** Of thought and content. */
  #length = 0;
  #thoughtFrom: number | undefined;
  #thoughtMs: number | undefined;
  #finishReason: FinishReason = 'unknown';
  #usage: ModelUsage | null = null;

  /** Takes the next event of the model; false: it is too much, stop asking. */
  take(event: ModelEvent): boolean {
    if (event.type === 'end') {
      this.#finishReason = event.finishReason;
      this.#usage = event.usage;
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

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** The reply to store, whole or cancelled half-way. What the server adds to `metadata` has string values, as AutoGen's has. */
  finished(
    source: string,
    model: { name: string; demo: boolean },
    status: 'completed' | 'cancelled',
    { thought, content }: { thought: string; content: string },
  ): NewReply {
    this.#endThought();
    const cut = this.#finishReason === 'length' || this.#finishReason === 'content_filter';
    return {
      id: this.id,
      source,
      content,
      thought: thought || null,
      modelsUsage: this.#usage,
      metadata: {
        model: model.name,
        ...(model.demo ? { demo: 'true' } : {}),
        ...(status === 'cancelled' ? { cancelled: 'true' } : {}),
        ...(cut ? { finish_reason: this.#finishReason } : {}),
        ...(this.#thoughtMs === undefined ? {} : { thought_seconds: (this.#thoughtMs / 1000).toFixed(1) }),
      },
    };
  }
}
