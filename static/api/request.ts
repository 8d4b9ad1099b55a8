// One HTTP call: language, JSON, and failures as a Problem.
import { callerHeaders } from './caller.ts';
import { problemFromResponse, signedOut, unreachable } from './problem.ts';

export type RequestOptions = {
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** It may go on when the page is closed. */
  keepalive?: boolean;
  /** Whoever the server says it is, and not whom the page speaks for. */
  anybody?: boolean;
  /** Milliseconds to wait for the head of the answer. */
  patienceMs?: number;
};

/** Resolves with a 2xx response; anything else is thrown as a Problem (an abort stays what it was). */
export async function request(path: string, options: RequestOptions = {}): Promise<Response> {
  const {
    method = 'GET',
    body,
    headers = {},
    signal,
    keepalive = false,
    anybody = false,
    patienceMs = 30_000,
  } = options;
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), patienceMs);
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: {
        ...callHeaders(anybody),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, patience.signal]) : patience.signal,
      cache: 'no-store',
      redirect: 'manual',
      keepalive,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw unreachable();
  } finally {
    clearTimeout(timer);
  }
  return accepted(response);
}

/** Throws a Problem where it is not 2xx, or none of the server's. */
export async function accepted(response: Response): Promise<Response> {
  if (isLogin(response)) throw signedOut();
  if (response.ok) return response;
  const problem = await problemFromResponse(response);
  // One that is not ours is a login's before the server.
  throw problem.status === 401 && problem.code === '' ? signedOut() : problem;
}

/** What each call says of who calls. */
export const callHeaders = (anybody = false): Record<string, string> => ({
  Accept: 'application/json',
  'Accept-Language': document.documentElement.lang,
  ...(anybody ? {} : callerHeaders()),
});

/** The server itself neither redirects nor answers with a page here: a login before it does. */
const isLogin = ({ type, status, ok, headers }: Response): boolean =>
  type === 'opaqueredirect' ||
  ((ok || status === 401 || status === 403) && /^text\/html\b/i.test(headers.get('Content-Type') ?? ''));

/** The same, for a JSON answer. */
export const requestJson = async (path: string, options?: RequestOptions): Promise<unknown> =>
  readJson(await request(path, options));

export async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    throw unreachable();
  }
}
