// Errors on the wire: RFC 9457 problem objects, made of what was thrown.
import { Failure } from '../chat/failure.ts';
import { databaseFault } from '../db/errors.ts';
import type { Bilingual, Locale } from '../words/bilingual.ts';
import {
  type ProblemCode,
  type ProblemStatus,
  type ProblemType,
  problemKinds,
  problemType,
} from './problem-kinds.ts';

export type ValidationError = { loc: (string | number)[]; msg: string };

export type Problem = {
  type: ProblemType;
  title: string;
  status: ProblemStatus;
  detail: string;
  instance: string;
  request_id: string;
  turn_id?: string;
  retryable?: boolean;
  errors?: ValidationError[];
};

export type TurnProblem = Problem & { turn_id: string; retryable: boolean };

/** What a problem's sentence names; a text in both languages is shown in the caller's. */
export type ProblemDetails = Record<string, string | number | Bilingual | undefined>;

/**
 * The turn that ended with a problem, and the path that runs it again, for callers to whom it is told. `isFinal`: its
 * caller asks not for the first time, and to come back brings nothing else.
 */
export type TurnEnd = { turn: string; retry?: string; isFinal?: boolean };

type ProblemExtra = { errors?: ValidationError[]; headers?: Record<string, string>; end?: TurnEnd };

/** Thrown by HTTP's own checks; what the chat throws is a Failure. */
export class HttpProblem extends Error {
  override name = 'HttpProblem';
  readonly code: ProblemCode;
  readonly details: ProblemDetails;
  readonly extra: ProblemExtra;

  constructor(code: ProblemCode, details: ProblemDetails = {}, extra: ProblemExtra = {}) {
    super(code);
    this.code = code;
    this.details = details;
    this.extra = extra;
  }
}

// What a busy or absent part is given to come back, where it did not say itself, in seconds.
const defaultRetryAfter = 5;

export type ProblemPlace = { locale: Locale; instance: string; requestId: string };

/** The problem that an error is to its caller, and the headers that go with it. */
export function problemOf(
  error: unknown,
  place: ProblemPlace,
): { problem: Problem; headers: Record<string, string> } {
  if (error instanceof HttpProblem) {
    const { errors, headers, end } = error.extra;
    const problem = end
      ? turnProblem(error.code, error.details, place, end)
      : makeProblem(error.code, error.details, place);
    if (errors) problem.errors = errors;
    return { problem, headers: { ...(end?.isFinal ? {} : retryAfter(problem, error.details)), ...headers } };
  }
  const failure = error instanceof Failure ? error : new Failure(databaseFault(error) ?? 'internal');
  const problem = makeProblem(failure.code, failure.details, place);
  const { field, reason } = failure.details;
  if (field && reason) {
    problem.errors = [{ loc: ['body', field], msg: reason[place.locale] }];
    problem.detail = `${field}${place.locale === 'en' ? ': ' : '：'}${reason[place.locale]}`;
  }
  const challenge: Record<string, string> =
    problem.status === 401 ? { 'WWW-Authenticate': challengeOf(failure.details.challenge) } : {};
  return { problem, headers: { ...challenge, ...retryAfter(problem, failure.details) } };
}

const challengeOf = (error?: string): string =>
  `Bearer realm="AgentChat"${error === undefined ? '' : `, error="${error}"`}`;

/** `end` says that it is what a turn ended with. */
export function makeProblem(
  code: ProblemCode,
  details: ProblemDetails,
  { locale, instance, requestId }: ProblemPlace,
  end?: TurnEnd,
): Problem {
  const { status, title, detail, again, lasting = false } = problemKinds[code];
  const isFinal = end?.isFinal === true;
  const sentences = [detail, isFinal ? undefined : again, end && afterEnd(end, lasting)];
  const values: ProblemDetails = { ...details, retry: end?.retry };
  const told = sentences.map((sentence) => sentence?.[locale] ?? '').join('');
  return {
    type: problemType(code),
    title,
    // A 503 would tell its caller to come back. What has ended is a conflict, which another request can resolve.
    status: isFinal && status === 503 ? 409 : status,
    detail: told.replace(/\{(reason|method|allow|limit|retry)\}/g, (_, name: string) => {
      const value = values[name] ?? '—';
      return typeof value === 'object' ? value[locale] : String(value);
    }),
    instance,
    request_id: requestId,
  };
}

/** What a turn ended with. */
export function turnProblem(
  code: ProblemCode,
  details: ProblemDetails,
  place: ProblemPlace,
  end: TurnEnd,
): TurnProblem {
  const retryable = problemKinds[code].lasting !== true;
  return { ...makeProblem(code, details, place, end), turn_id: end.turn, retryable };
}

/** What its caller can do about the turn's end. What would only end so again is not offered. */
function afterEnd({ retry, isFinal }: TurnEnd, lasting: boolean): Bilingual | undefined {
  if (isFinal) return lasting || retry === undefined ? finalEnd : finalButForRetry;
  return lasting || retry === undefined ? undefined : firstEnd;
}

const firstEnd: Bilingual = {
  'zh-CN': '用 POST {retry} 可重新运行该轮次，无需重复发送消息。',
  en: ' POST {retry} runs the turn again, without repeating the message.',
};
const finalEnd: Bilingual = {
  'zh-CN': '该轮次已经结束，相同的 Idempotency-Key 只会再次得到这一答复。',
  en: ' The turn has ended so, and the same Idempotency-Key only brings this answer again.',
};
const finalButForRetry: Bilingual = {
  'zh-CN': '该轮次已经结束，相同的 Idempotency-Key 只会再次得到这一答复；用 POST {retry} 可重新运行该轮次。',
  en: ' The turn has ended so, and the same Idempotency-Key only brings this answer again: POST {retry} runs it again.',
};

function retryAfter(problem: Problem, details: ProblemDetails): Record<string, string> {
  if (problem.status !== 503 && details.retry_after === undefined) return {};
  return { 'Retry-After': String(Math.max(1, Math.ceil(Number(details.retry_after ?? defaultRetryAfter)))) };
}
