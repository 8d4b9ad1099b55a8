// What every sub-router shares: the context's variables, validation's answer, the documented errors.
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { OwnChat } from '../chat/chat.ts';
import type { Locale } from '../words/bilingual.ts';
import type { Parts } from './parts.ts';
import { type ProblemPlace, problemOf } from './problem.ts';
import type { ProblemStatus } from './problem-kinds.ts';
import { problem } from './schemas.ts';
import { invalidRequest } from './validation.ts';

export type AppEnv = {
  Variables: { parts: Parts; chat: OwnChat; locale: Locale; requestId: string; basePath: string };
};

/** A slash at the end of a path means nothing. Of `getPath` only the outermost router's counts. */
export function createRouter(getPath?: (request: Request) => string): OpenAPIHono<AppEnv> {
  return new OpenAPIHono<AppEnv>({
    ...(getPath ? { getPath } : { strict: false }),
    defaultHook: (result, c) => {
      if (result.success) return;
      // `data` is the value as it came: what is missing reads differently from what is wrong.
      const data: unknown = 'data' in result ? result.data : undefined;
      throw invalidRequest(result.target, result.error.issues, data, c.get('locale'));
    },
  });
}

/** Where a problem happened, for its own fields. */
export const placeOf = (c: Context<AppEnv>): ProblemPlace => ({
  locale: c.get('locale'),
  instance: c.get('basePath') + c.req.path,
  requestId: c.get('requestId'),
});

/** The answer that an error is. */
export function problemResponse(error: unknown, c: Context<AppEnv>): Response {
  const { problem: body, headers } = problemOf(error, placeOf(c));
  return c.body(JSON.stringify(body), body.status, {
    ...headers,
    'Content-Type': 'application/problem+json',
  });
}

/** The documented errors of a route. */
export function problems(...statuses: ProblemStatus[]) {
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      { description: titles[status], content: { 'application/problem+json': { schema: problem } } },
    ]),
  );
}

const titles: Record<ProblemStatus, string> = {
  400: 'Malformed JSON',
  403: 'The page’s origin is not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'The body took too long to arrive',
  409: 'Conflict',
  413: 'Body too large',
  415: 'The body is not JSON',
  421: 'The server does not answer under this name',
  422: 'Invalid request',
  429: 'Too many messages wait; see Retry-After',
  500: 'Internal error',
  502: 'The model server failed',
  503: 'Busy or away; see Retry-After',
  504: 'The model server timed out',
};

/** A JSON answer. */
export const json = <T>(schema: T, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});
