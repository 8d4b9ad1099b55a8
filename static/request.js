// One HTTP call: language, JSON, and failures as a Problem.
import { locale } from './locale.js';
import { problemFromResponse, unreachable } from './problem.js';

/** Resolves with a 2xx response; anything else is thrown as a Problem (an abort stays an AbortError). */
export async function request(path, { method = 'GET', body, headers = {}, signal } = {}) {
  const sent = { Accept: 'application/json', 'Accept-Language': locale(), ...headers };
  if (body !== undefined) sent['Content-Type'] = 'application/json';
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: sent,
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ?? null,
      cache: 'no-store',
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw unreachable();
  }
  if (!response.ok) throw await problemFromResponse(response);
  return response;
}

/** The same, for a JSON answer. */
export async function requestJson(path, options) {
  return readJson(await request(path, options));
}

export async function readJson(response) {
  try {
    return await response.json();
  } catch {
    throw unreachable();
  }
}
