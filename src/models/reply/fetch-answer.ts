// An HTTP answer that is no reply: its status, and as much as is of use of what the server said with it.

/** The bytes of a body that are read; more of what went wrong nobody needs to know. */
const LONGEST_BODY = 64 * 1024;

/** An answer with a status other than 2xx. `body` is the beginning of what it held, parsed if that is JSON. */
export class Refusal extends Error {
  override name = 'Refusal';
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;

  constructor(status: number, headers: Headers, body: unknown) {
    super(`HTTP ${status}`);
    this.status = status;
    this.headers = headers;
    this.body = body;
  }
}

/** What the server said, without what is around it: `error`, alone or in a list (as Gemini sends it). */
function said(text: string): unknown {
  try {
    const parsed: unknown = JSON.parse(text);
    const value: unknown = Array.isArray(parsed) ? parsed[0] : parsed;
    if (typeof value === 'object' && value !== null && 'error' in value) return value.error ?? value;
    return value;
  } catch {
    return text;
  }
}

/** The beginning of a body; of one that breaks off, what came. */
async function beginning(body: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let length = 0;
  try {
    // Leaving the loop ends the request.
    for await (const chunk of body) {
      text += decoder.decode(chunk.subarray(0, LONGEST_BODY - length), { stream: true });
      length += chunk.length;
      if (length >= LONGEST_BODY) break;
    }
  } catch {}
  return text;
}

/**
 * `fetch` that throws a Refusal for an answer that is no reply. A redirect is followed only where it has the request
 * sent again as it is, and to the same server: to any other it would take the conversation and its keys along.
 */
export async function fetchAnswer(
  input: string,
  init: Omit<RequestInit, 'body'> & { body: string },
): Promise<Response> {
  const asked = new Set<string>();
  for (let address = input; ; ) {
    asked.add(address);
    const response = await fetch(address, { ...init, redirect: 'manual' });
    if (response.ok) return response;
    const next = sameServer(response, address);
    // A way that comes back to where it was has no end.
    if (next === undefined || asked.has(next) || asked.size > MOST_REDIRECTS) {
      const text = response.body ? await beginning(response.body) : '';
      throw new Refusal(response.status, response.headers, said(text));
    }
    await response.body?.cancel();
    address = next;
  }
}

const MOST_REDIRECTS = 5;

/** Where a request is to be sent again, if that is at the server that was asked. */
function sameServer({ status, headers }: Response, address: string): string | undefined {
  const location = headers.get('location');
  if ((status !== 307 && status !== 308) || !location || !URL.canParse(location, address)) return undefined;
  const next = new URL(location, address);
  next.hash = '';
  return next.origin === new URL(address).origin ? next.href : undefined;
}
