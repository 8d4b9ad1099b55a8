// What can go wrong for a caller, told as a code. HTTP gives each code a status and a sentence in the
// caller's language; nothing here knows either.
import type { DatabaseFault } from '../db/errors.ts';
import type { Bilingual } from '../words/bilingual.ts';
import type { LimitName } from '../words/limits.ts';

export type FailureCode =
  | 'unauthorized'
  | 'not_allowed'
  | 'too_many_attempts'
  | 'limit_reached'
  | 'invalid_request'
  | 'key_not_found'
  | 'owner_not_found'
  | 'provider_away'
  | 'session_not_found'
  | 'turn_not_found'
  | 'turn_not_failed'
  | 'approval_not_found'
  | 'approval_decided'
  | 'idempotency_key_reused'
  | 'session_busy'
  | 'queue_full'
  | 'agent_unknown'
  | 'message_not_found'
  | 'file_not_found'
  | 'share_not_found'
  | 'files_busy'
  | 'model_tests_limited'
  | DatabaseFault
  | 'draining'
  | 'handed_over'
  | 'model_failed'
  | 'model_refused'
  | 'model_quota'
  | 'model_timeout'
  | 'model_busy'
  | 'model_empty'
  | 'model_too_long'
  | 'interrupted'
  | 'cancelled'
  | 'session_deleted'
  | 'internal';

/**
 * What a failure's sentence names: a reason (safe to show) in both languages, seconds to wait. `challenge` is what a 401
 * says of a token that came (RFC 6750); `field` is what of a body is wrong, as `reason` says; `limit` is one that is reached, of so many as `quota` says.
 */
export type FailureDetails = {
  reason?: Bilingual;
  retry_after?: number;
  challenge?: 'invalid_token';
  field?: 'agent' | 'model' | 'parent_id' | 'message_id' | 'files' | 'content' | 'decision';
  limit?: LimitName;
  quota?: number;
};

export class Failure extends Error {
  override name = 'Failure';
  readonly code: FailureCode;
  readonly details: FailureDetails;
  /** The turn that has ended with it, as is stored; undefined for what keeps a caller from a turn or its end. */
  readonly turn: string | undefined;

  constructor(
    code: FailureCode,
    details: FailureDetails = {},
    options: { cause?: unknown; turn?: string } = {},
  ) {
    super(details.reason ? details.reason.en : code, options);
    this.code = code;
    this.details = details;
    this.turn = options.turn;
  }
}
