// Why a turn ended without a reply: made a Failure for its callers, and a line for the log.
import { databaseFault } from '../../db/errors.ts';
import type { Log } from '../../log.ts';
import { ModelError } from '../../models/model.ts';
import { Failure } from '../failure.ts';

export function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof ModelError) {
    const retry = error.retryAfterSeconds;
    const details = { reason: error.reason, ...(retry === undefined ? {} : { retry_after: retry }) };
    return new Failure(`model_${error.failure}`, details, { cause: error });
  }
  const fault = databaseFault(error);
  if (fault) return new Failure(fault, { retry_after: 2 }, { cause: error });
  return new Failure('internal', {}, { cause: error });
}

/** `fields` say which turn of which request it was. */
export function logFailure(log: Log, failure: Failure, fields: Record<string, string>): void {
  if (failure.code === 'cancelled') log.info('a turn was cancelled', fields);
  else if (failure.code === 'internal') log.error('a turn failed', { ...fields, error: failure });
  else
    log.warn('a turn failed', {
      code: failure.code,
      reason: failure.message,
      ...fields,
      ...saidBy(failure.cause),
    });
}

// The status and the provider's names for the error, which callers never see, are for whoever runs the server.
function saidBy(cause: unknown): { cause?: string } {
  const said = cause instanceof ModelError ? cause.cause : undefined;
  return said instanceof Error ? { cause: said.message } : {};
}
