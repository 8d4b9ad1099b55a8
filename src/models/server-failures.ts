// Turns what a model server or the network did wrong into a ModelError that is safe to show.
import { z } from 'zod';
import type { Bilingual } from '../words/bilingual.ts';
import { readContextLimit } from './context-limit.ts';
import { OVERLOADED, reasons, refused, unreachable } from './failure-reasons.ts';
import { ModelError, type ModelFailure } from './model.ts';

/** A ModelError, and whether asking again may help. */
export class ServerFailure extends Error {
  override name = 'ServerFailure';
  readonly error: ModelError;
  readonly retryable: boolean;
  /** What the server asked to wait, whatever the status. */
  readonly retryAfterSeconds: number | undefined;

  constructor(error: ModelError, retryable: boolean, retryAfterSeconds?: number) {
    super(error.message, { cause: error });
    this.error = error;
    this.retryable = retryable;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Replaces secrets in a text. */
export type Redact = (text: string) => string;

const KEY_LIKE = /\b(?:(?:sk|pk|gsk|xai)[-_]|AIza|Bearer )[\w*.-]{6,}/g;

/** A redactor of these values and of whatever looks like a key. */
export function createRedact(secrets: readonly string[]): Redact {
  const known = secrets.filter((secret) => secret.length >= 4);
  return (text) =>
    known
      .reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text)
      .replace(KEY_LIKE, '[redacted]');
}

const errorBody = z.union([
  z.string().transform((message) => ({ message, code: null, type: null, status: null, param: null })),
  z.looseObject({
    message: z.unknown().optional(),
    code: z.union([z.string(), z.number()]).nullish().catch(null),
    type: z.string().nullish().catch(null),
    status: z.string().nullish().catch(null),
    param: z.string().nullish().catch(null),
  }),
]);

/** What the server itself said. */
type Said = {
  /** For matching alone: neither callers nor the log are told them. */
  words: string;
  code: string | number | null;
  type: string | null;
  /** What of it are names of kinds of errors, and may be logged. */
  names: string[];
};

/** A name that a machine gives: `context_length_exceeded`, `Throttling.RateQuota`, 1301, `messages[0].role`. */
const MACHINE_NAME = /^[a-z0-9][\w.[\]-]{0,47}$/i;

function describeBody(body: unknown, redact: Redact): Said {
  const parsed = errorBody.safeParse(body);
  if (!parsed.success) {
    const words = body === undefined ? '' : String(JSON.stringify(body));
    return { words, code: null, type: null, names: [] };
  }
  const { message, code = null, type = null, status, param } = parsed.data;
  const text = typeof message === 'string' ? message : JSON.stringify(message ?? body);
  const names = [code, type, status, param]
    .flatMap((name) => (name === null || name === undefined ? [] : [String(name)]))
    .filter((name) => MACHINE_NAME.test(name) && redact(name) === name);
  return {
    words: [code, type, text].filter((word) => word != null).join(': '),
    code,
    type,
    names: [...new Set(names)],
  };
}

/** What the log is told besides the reason. */
const causeOf = (...parts: string[]): Error => new Error(parts.join(', '));

/** `maxTokens`: the longest reply that was asked for, if the request had one. */
export type FailureContext = { model: string; redact: Redact; maxTokens?: number | undefined };

/** The failure behind an HTTP status other than 2xx. `body` is what the server said, parsed if it was JSON. */
export function statusFailure(
  status: number,
  body: unknown,
  context: FailureContext & { retryAfterSeconds?: number | undefined },
): ServerFailure {
  const { words, names } = describeBody(body, context.redact);
  const cause = causeOf(`HTTP ${status}`, ...names.filter((name) => name !== String(status)));
  const tooLong = tooLongFailure(status, body, context, cause);
  if (tooLong) return tooLong;
  const seconds = context.retryAfterSeconds;
  const { reason, toMend } = refused(status, words, context.model);
  const failure = failureWith(status, toMend);
  const wait = failure === 'busy' ? seconds : failure === 'quota' ? (seconds ?? quotaSeconds) : undefined;
  const error = new ModelError(failure, reason, {
    cause,
    ...(wait === undefined ? {} : { retryAfterSeconds: Math.ceil(wait) }),
  });
  const retryable = !toMend && (status === 408 || status === 409 || status === 429 || status >= 500);
  return new ServerFailure(error, retryable, seconds);
}

/** When a caller may look again whether there is something left to spend, where the server does not say. */
const quotaSeconds = 3600;

function failureWith(status: number, toMend: boolean): ModelFailure {
  if (status === 429 || status === OVERLOADED) return toMend ? 'quota' : 'busy';
  if (toMend) return 'refused';
  return status === 408 || status === 504 ? 'timeout' : 'failed';
}

/** The statuses that Anthropic's types of errors have where they are no part of a stream. */
const STATUSES = new Map([
  ['authentication_error', 401],
  ['billing_error', 402],
  ['permission_error', 403],
  ['not_found_error', 404],
  ['request_too_large', 413],
  ['rate_limit_error', 429],
  ['api_error', 500],
  ['timeout_error', 504],
  ['overloaded_error', OVERLOADED],
]);

/** The failure a server reports inside a stream it had begun with 200. */
export function streamedFailure(body: unknown, context: FailureContext): ServerFailure {
  const { words, code, type, names } = describeBody(body, context.redact);
  const status = Number(code ?? STATUSES.get(type ?? ''));
  if (Number.isInteger(status) && status >= 400 && status < 600) return statusFailure(status, body, context);
  const cause = causeOf('error in the stream', ...names);
  if (/rate.?limit|overloaded|too many requests/i.test(words)) {
    return new ServerFailure(new ModelError('busy', reasons.busy, { cause }), true);
  }
  const tooLong = tooLongFailure(400, body, context, cause);
  return tooLong ?? new ServerFailure(new ModelError('failed', reasons.reportedError, { cause }), false);
}

/** Where this is why the server refused: asked the same, it would refuse again. */
function tooLongFailure(
  status: number,
  body: unknown,
  { maxTokens }: FailureContext,
  cause: Error,
): ServerFailure | undefined {
  // The numbers may be in fields of their own, and the words in those of a server behind this one.
  const contextLimit = readContextLimit(status, JSON.stringify(body) ?? '', maxTokens);
  if (!contextLimit) return undefined;
  return new ServerFailure(new ModelError('too_long', reasons.tooLong, { cause, contextLimit }), false);
}

/** An error and its causes, from the outermost on. */
function* causesOf(error: unknown): Generator<Error> {
  for (let at = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth += 1) yield at;
}

const codeOf = (error: Error): string => ('code' in error ? String(error.code) : '');

/** The failure of the network: before the answer, or (`begun`) in the middle of it. */
export function connectionFailure(error: unknown, context: { begun: boolean }): ServerFailure {
  const errors = [...causesOf(error)];
  const words = errors.map((one) => `${codeOf(one)} ${one.message}`).join('; ');
  const reason = context.begun ? reasons.closed : unreachable(words);
  // What is said with a code can hold an address.
  const names = errors.map((one) => codeOf(one) || one.name).filter((name) => MACHINE_NAME.test(name));
  return new ServerFailure(new ModelError('failed', reason, { cause: causeOf(...new Set(names)) }), true);
}

/** The failure of an answer that ended in the middle of a call. */
export const brokenOffFailure = (): ServerFailure =>
  new ServerFailure(
    new ModelError('failed', reasons.closed, { cause: causeOf('half a call of a tool') }),
    true,
  );

/**
 * The failure of an answer that is no reply: garbage, a web page, nothing. Asking again would not help. `found` says
 * what it was, in no words of its own.
 */
export function unreadableFailure(reason: Bilingual, found: string): ServerFailure {
  return new ServerFailure(new ModelError('failed', reason, { cause: causeOf(found) }), false);
}
