// What can go wrong with a call, as one kind of error with a sentence for the reader.
import { t } from './locale.js';

export class Problem extends Error {
  /** `detail` is for people; `status` 0 means that no answer came. `retryAfter` is in seconds. */
  constructor({ status = 0, detail, requestId = null, retryAfter = null }) {
    super(detail);
    this.name = 'Problem';
    this.status = status;
    this.detail = detail;
    this.requestId = requestId;
    this.retryAfter = retryAfter;
  }

  /** One or two sentences: what happened, and when to try again. */
  sentence() {
    if (this.retryAfter === null) return this.detail;
    return `${this.detail} ${t('retryIn', { seconds: this.retryAfter })}`;
  }
}

/** From a problem object (RFC 9457), as in a response's body or in an `error` event. */
export function problemFromBody(body, status = 0, retryAfter = null) {
  const known = typeof body === 'object' && body !== null ? body : {};
  const code = typeof known.status === 'number' ? known.status : status;
  const detail = [known.detail, known.title].find((text) => typeof text === 'string' && text !== '');
  return new Problem({
    status: code,
    detail: detail ?? t('badAnswer', { status: code }),
    requestId: typeof known.request_id === 'string' ? known.request_id : null,
    retryAfter,
  });
}

/** From a response that is not 2xx. */
export async function problemFromResponse(response) {
  const body = await response.json().catch(() => null);
  const problem = problemFromBody(body, response.status, secondsUntil(response.headers.get('Retry-After')));
  problem.requestId ??= response.headers.get('X-Request-Id');
  return problem;
}

export function unreachable() {
  return new Problem({ detail: t('unreachable') });
}

/** `Retry-After` is a number of seconds or a date. */
function secondsUntil(value) {
  if (!value) return null;
  const seconds = /^\d+$/.test(value.trim()) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(1, Math.ceil(seconds)) : null;
}
