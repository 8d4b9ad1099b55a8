// What a request that threw is answered with, and what the log is told of it.
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { databaseFault, isDatabaseAway } from '../db/errors.ts';
import { HttpProblem } from './problem.ts';
import { type AppEnv, problemResponse } from './router.ts';
import { withoutKeys } from './without-keys.ts';

export function failedRequest(error: Error, c: Context<AppEnv>): Response {
  const known =
    error instanceof HTTPException ? new HttpProblem(codeOf(error.status), { reason: error.message }) : error;
  const response = problemResponse(known, c);
  const { log } = c.get('parts');
  const fields = { method: c.req.method, path: withoutKeys(c.req.path), request_id: c.get('requestId') };
  // Of a turn that failed the log has been told already.
  if (response.status === 500) log.error('a request failed', { ...fields, error });
  else if (isDatabaseAway(error))
    log.warn('the database does not do what it is asked', { ...fields, code: databaseFault(error), error });
  return response;
}

// What Hono's own validators throw.
function codeOf(status: number): 'malformed_json' | 'unsupported_media_type' | 'internal' {
  if (status === 400) return 'malformed_json';
  return status === 415 ? 'unsupported_media_type' : 'internal';
}
