// An HTTP answer that is no reply: its status, and as much as is of use of what the server said with it.

/** The bytes of a body that are read; more of what went wrong nobody needs to know. */
const LONGEST_BODY = 64 * 1024;

/** An answer with a status other than 2xx. `body` is the beginning of what it held, parsed if that is JSON. */
export class Refusal extends Error {
  override name = 'Refusal';
  constructor(
    readonly status: number,
    readonly headers: Headers,
    readonly body: unknown,
  ) {
    super(`HTTP ${status}`);
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

/** `fetch` that throws a Refusal for an answer that is no reply. */
export async function fetchAnswer(input: string, init: RequestInit): Promise<Response> {
  const response = await fetch(input, init);
  if (response.ok) return response;
  const text = response.body ? await beginning(response.body) : '';
  throw new Refusal(response.status, response.headers, said(text));
}
