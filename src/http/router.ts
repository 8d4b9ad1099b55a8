// What every sub-router shares: the context's variables, validation's answer, what an error is answered with.
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Allowance } from '../access/allowance.ts';
import type { Identified } from '../access/credentials.ts';
import { type LimitLeft, nearest } from '../access/left.ts';
import type { OwnChat } from '../chat/chat.ts';
import { Failure } from '../chat/failure.ts';
import type { Caller } from '../chat/principal.ts';
import type { Locale } from '../words/bilingual.ts';
import type { Parts } from './parts.ts';
import { type ProblemPlace, problemOf } from './problem.ts';
import { rateLimitFields } from './rate-limit.ts';
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
    /** Of a caller whose requests are counted. */
    allowance: Allowance | undefined;
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

/** Tells in the answer's headers what is left now of each of the caller's limits; of `reached`, one of these, nothing. */
export function tellLimits(c: Context<AppEnv>, reached?: LimitLeft): void {
  const left = c.get('allowance')?.left() ?? [];
  const others = reached ? left.filter(({ limit }) => limit !== reached.limit) : left;
  const fields = rateLimitFields(reached ? nearest([...others, reached]) : others);
  for (const [name, value] of Object.entries(fields ?? {})) c.header(name, value);
}

function reachedIn(error: unknown): LimitLeft | undefined {
  if (!(error instanceof Failure)) return undefined;
  const { limit, quota, retry_after: seconds } = error.details;
  return limit === undefined || quota === undefined ? undefined : { limit, quota, left: 0, seconds };
}

/** The answer that an error is. */
export function problemResponse(error: unknown, c: Context<AppEnv>): Response {
  const { problem: body, headers } = problemOf(error, placeOf(c));
  tellLimits(c, reachedIn(error));
  return c.body(JSON.stringify(body), body.status, {
    ...headers,
    'Content-Type': 'application/problem+json',
  });
}
