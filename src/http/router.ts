// What every sub-router shares: the context's variables, validation's answer, what an error is answered with.
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Identified } from '../access/access.ts';
import type { OwnChat } from '../chat/chat.ts';
import type { Caller } from '../chat/principal.ts';
import type { Locale } from '../words/bilingual.ts';
import type { Parts } from './parts.ts';
import { type ProblemPlace, problemOf } from './problem.ts';
import { invalidRequest } from './validation.ts';

export type AppEnv = {
  /** What a runtime says beside the request: where it comes from. */
  Bindings: { address?: string | undefined };
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
