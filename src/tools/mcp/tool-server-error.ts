// Why a server of tools could not be asked.
import type { Bilingual } from '../../words/bilingual.ts';

/**
 * `reason` is a sentence safe to show to anybody: no address, no path, nothing of what the server said. The message is
 * the English one.
 */
export class ToolServerError extends Error {
  override name = 'ToolServerError';
  readonly reason: Bilingual;

  constructor(reason: Bilingual, options?: ErrorOptions) {
    super(reason.en, options);
    this.reason = reason;
  }
}
