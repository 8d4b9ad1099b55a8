// Turns what a model server or the network did wrong into a ModelError that is safe to show.
import { z } from 'zod';
import { OVERLOADED, reasons, refused, saysNoQuota, saysTooLong, unreachable } from './failure-reasons.ts';
import { type BilingualText, ModelError } from './model.ts';

/** A ModelError, and whether asking again may help. */
export class ServerFailure extends Error {
  override name = 'ServerFailure';
  constructor(
    readonly error: ModelError,
    readonly retryable: boolean,
    /** What the server asked to wait, whatever the status. */
    readonly retryAfterSeconds?: number | undefined,
  ) {
    super(error.message, { cause: error });
  }
}

/** Replaces secrets in a text that may go to a log, and shortens it. */
export type Redact = (text: string) => string;

const KEY_LIKE = /\b(?:(?:sk|pk|gsk|xai)[-_]|AIza|Bearer )[\w*.-]{6,}/g;
const LONGEST_CAUSE = 500;

/** A redactor of these values and of whatever looks like a key. */
export function createRedact(secrets: readonly string[]): Redact {
  const known = secrets.filter((secret) => secret.length >= 4);
  return (text) =>
    known
      .reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text)
      .replace(KEY_LIKE, '[redacted]')
      .slice(0, LONGEST_CAUSE);
}

const errorBody = z.union([
  z.string().transform((message) => ({ message, code: undefined, type: undefined })),
  z.looseObject({
    message: z.unknown().optional(),
    code: z.union([z.string(), z.number()]).nullish().catch(null),
    type: z.string().nullish().catch(null),
  }),
]);

/** What the server itself said: `words` for matching and the log, `code` and `type` as it gave them. */
function describeBody(body: unknown): { words: string; code: string | number | null; type: string | null } {
  const parsed = errorBody.safeParse(body);
  if (!parsed.success) {
    return { words: body === undefined ? '' : String(JSON.stringify(body)), code: null, type: null };
  }
  const { message, code = null, type = null } = parsed.data;
  const text = typeof message === 'string' ? message : JSON.stringify(message ?? body);
  return { words: [code, type, text].filter((word) => word != null).join(': '), code, type };
}

/** The failure behind an HTTP status other than 2xx. `body` is what the server said, parsed if it was JSON. */
export function statusFailure(
  status: number,
  body: unknown,
  context: { model: string; redact: Redact; retryAfterSeconds?: number | undefined },
): ServerFailure {
  const { words } = describeBody(body);
  const seconds = context.retryAfterSeconds;
  const isBusy = status === 429 || status === OVERLOADED;
  const failure = isBusy ? 'busy' : status === 408 || status === 504 ? 'timeout' : 'failed';
  const error = new ModelError(failure, refused(status, words, context.model), {
    cause: new Error(context.redact(words === '' ? `HTTP ${status}` : `HTTP ${status}: ${words}`)),
    ...(failure === 'busy' && seconds !== undefined ? { retryAfterSeconds: Math.ceil(seconds) } : {}),
  });
  const quota = status === 429 && saysNoQuota(words);
  const retryable = (status === 408 || status === 409 || status === 429 || status >= 500) && !quota;
  return new ServerFailure(error, retryable, seconds);
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
export function streamedFailure(body: unknown, context: { model: string; redact: Redact }): ServerFailure {
  const { words, code, type } = describeBody(body);
  const status = Number(code ?? STATUSES.get(type ?? ''));
  if (Number.isInteger(status) && status >= 400 && status < 600) return statusFailure(status, body, context);
  const cause = new Error(context.redact(`error in the stream: ${words}`));
  if (/rate.?limit|overloaded|too many requests/i.test(words)) {
    return new ServerFailure(new ModelError('busy', reasons.busy, { cause }), true);
  }
  const reason = saysTooLong(words) ? reasons.tooLong : reasons.reportedError;
  return new ServerFailure(new ModelError('failed', reason, { cause }), false);
}

/** The codes and messages of an error and its causes, as one text. */
function errorWords(error: unknown): string {
  const words: string[] = [];
  for (let at = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth += 1) {
    words.push('code' in at ? `${at.code} ${at.message}` : at.message);
  }
  return words.join('; ');
}

/** The failure of the network: before the answer, or (`begun`) in the middle of it. */
export function connectionFailure(
  error: unknown,
  context: { redact: Redact; begun: boolean },
): ServerFailure {
  const words = errorWords(error);
  const reason = context.begun ? reasons.closed : unreachable(words);
  const cause = new Error(context.redact(words === '' ? String(error) : words));
  return new ServerFailure(new ModelError('failed', reason, { cause }), true);
}

/** The failure of an answer that is no reply: garbage, a web page, nothing. Asking again would not help. */
export function unreadableFailure(reason: BilingualText, found: string, redact: Redact): ServerFailure {
  return new ServerFailure(new ModelError('failed', reason, { cause: new Error(redact(found)) }), false);
}
