// Errors on the wire: RFC 9457 problem objects, made of what was thrown.
import { Failure } from '../chat/failure.ts';
import { databaseFault } from '../db/errors.ts';
import type { Bilingual, Locale } from './locale.ts';
import { type ProblemCode, type ProblemStatus, problemKinds } from './problem-kinds.ts';

export type ValidationError = { loc: (string | number)[]; msg: string };

export type Problem = {
  type: string;
  title: string;
  status: ProblemStatus;
  detail: string;
  instance: string;
  request_id: string;
  turn_id?: string;
  errors?: ValidationError[];
};

/** What a problem's sentence names; a text in both languages is shown in the caller's. */
export type ProblemDetails = Record<string, string | number | Bilingual | undefined>;

/** Thrown by HTTP's own checks; what the chat throws is a Failure. */
export class HttpProblem extends Error {
  override name = 'HttpProblem';
  constructor(
    readonly code: ProblemCode,
    readonly details: ProblemDetails = {},
    readonly extra: { errors?: ValidationError[]; headers?: Record<string, string> } = {},
  ) {
    super(code);
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
    const problem = makeProblem(error.code, error.details, place);
    if (error.extra.errors) problem.errors = error.extra.errors;
    return { problem, headers: { ...retryAfter(problem, error.details), ...error.extra.headers } };
  }
  const failure = error instanceof Failure ? error : new Failure(databaseFault(error) ?? 'internal');
  const problem = makeProblem(failure.code, failure.details, place);
  return { problem, headers: retryAfter(problem, failure.details) };
}

export function makeProblem(
  code: ProblemCode,
  details: ProblemDetails,
  { locale, instance, requestId }: ProblemPlace,
): Problem {
  const { status, title, detail } = problemKinds[code];
  const sentence = detail[locale].replace(/\{(reason|method|allow|limit)\}/g, (_, name: string) => {
    const value = details[name] ?? '—';
    return typeof value === 'object' ? value[locale] : String(value);
  });
  return {
    type: `urn:agentchat:problem:${code}`,
    title,
    status,
    detail: sentence,
    instance,
    request_id: requestId,
  };
}

function retryAfter(problem: Problem, details: ProblemDetails): Record<string, string> {
  if (problem.status !== 503 && details.retry_after === undefined) return {};
  return { 'Retry-After': String(Math.max(1, Math.ceil(Number(details.retry_after ?? defaultRetryAfter)))) };
}
