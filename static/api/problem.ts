// What can go wrong with a call, as one kind of error with a sentence for the reader.
import { record, textOf } from './json.ts';

export type ProblemFields = {
  /** 0 means that no answer came. */
  status: number;
  /** For people, from the server; empty where the page has to find its own words. */
  detail: string;
  /** Which kind it is, such as `limit_reached`; empty where nobody of ours said. */
  code?: string;
  requestId?: string | null;
  /** Seconds. */
  retryAfter?: number | null;
  /** Of a turn that failed: to run it again may help, before anybody has mended anything. */
  retryable?: boolean;
};

export class Problem extends Error {
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly requestId: string | null;
  readonly retryAfter: number | null;
  readonly retryable: boolean;

  constructor(fields: ProblemFields) {
    const { status, detail, code = '', requestId = null, retryAfter = null, retryable = true } = fields;
    super(detail || `status ${status}`);
    this.name = 'Problem';
    this.status = status;
    this.detail = detail;
    this.code = code;
    this.requestId = requestId;
    this.retryAfter = retryAfter;
    this.retryable = retryable;
  }
}

/** From a problem object (RFC 9457), as in a response's body or in an `error` event. */
export function problemFromBody(
  body: unknown,
  status = 0,
  more: { requestId?: string | null; retryAfter?: number | null } = {},
): Problem {
  const known = record(body);
  return new Problem({
    status: typeof known.status === 'number' ? known.status : status,
    detail: textOf(known.detail) || textOf(known.title),
    code: /^urn:agentchat:problem:(.+)$/.exec(textOf(known.type))?.[1] ?? '',
    requestId: textOf(known.request_id) || (more.requestId ?? null),
    retryAfter: more.retryAfter ?? null,
    retryable: known.retryable !== false,
  });
}

/** From a response that is not 2xx. */
export async function problemFromResponse(response: Response): Promise<Problem> {
  const body: unknown = await response.json().catch(() => null);
  return problemFromBody(body, response.status, {
    requestId: response.headers.get('X-Request-Id'),
    retryAfter: secondsUntil(response.headers.get('Retry-After')),
  });
}

/** Nothing answered. */
export const unreachable = (): Problem => new Problem({ status: 0, detail: '' });

/** Something before the server wants the reader to sign in, and let the call not through. */
export const signedOut = (): Problem => new Problem({ status: 401, detail: '' });

/** The server itself does not know who calls: the page's own sign-in has ended, or never was. */
export const wantsSignIn = (error: unknown): boolean =>
  error instanceof Problem && error.code === 'unauthorized';

/** The reader is to sign in, here or at something before the server. */
export const isSignedOut = (error: unknown): boolean => error instanceof Problem && error.status === 401;

/** The server cannot be had for now: it or a proxy before it is away, or wants a sign-in. The same call may work later. */
export const isAway = (error: unknown): boolean =>
  error instanceof Problem && [0, 401, 502, 503].includes(error.status);

/** `Retry-After` is a number of seconds or a date. */
function secondsUntil(value: string | null): number | null {
  if (!value) return null;
  const seconds = /^\d+$/.test(value.trim()) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(1, Math.ceil(seconds)) : null;
}
