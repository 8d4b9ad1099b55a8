// What every sub-router shares: the context's variables, validation's answer, what an error is answered with.
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Identified } from '../access/credentials.ts';
import type { OwnChat } from '../chat/chat.ts';
import { Failure, type FailureDetails } from '../chat/failure.ts';
import type { Caller } from '../chat/principal.ts';
import type { Locale } from '../words/bilingual.ts';
import type { Parts } from './parts.ts';
import { type ProblemPlace, problemOf } from './problem.ts';
import { tellLimit } from './rate-limit.ts';
import { invalidRequest } from './validation.ts';
import { withoutKeys } from './without-keys.ts';

export type AppEnv = {
  /** What a runtime says beside the request: where it comes from. */
  Bindings: {
    address?: string | undefined;
    /** That it has read the values of headers as UTF-8, not byte by byte. */
    hasTexts?: boolean;
  };
  Variables: {
    parts: Parts;
    /** Who calls, and what there is for them; of what is open to everybody nothing is said. */
    who: Identified;
    caller: Caller;
    chat: OwnChat;
    locale: Locale;
    requestId: string;
    basePath: string;
  };
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
  instance: c.get('basePath') + withoutKeys(c.req.path),
  requestId: c.get('requestId'),
});

function tellReached(c: Context<AppEnv>, { limit, quota, retry_after: seconds }: FailureDetails): void {
  if (limit !== undefined && quota !== undefined && seconds !== undefined)
    tellLimit(c, { limit, quota, left: 0, seconds });
}

/** The answer that an error is. */
export function problemResponse(error: unknown, c: Context<AppEnv>): Response {
  const { problem: body, headers } = problemOf(error, placeOf(c));
  if (error instanceof Failure) tellReached(c, error.details);
  return c.body(JSON.stringify(body), body.status, {
    ...headers,
    'Content-Type': 'application/problem+json',
  });
}
