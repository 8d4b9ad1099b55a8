// Asking the provider: never for long, and never for much.

const mostMs = 5000;
const mostBytes = 1024 ** 2;

type Asked = { method?: string; headers?: Record<string, string>; body?: URLSearchParams | null | undefined };

/** Like `fetch`, with the whole answer read. Rejects where it is too slow or too long. */
export async function boundedFetch(url: string, init: Asked = {}): Promise<Response> {
  const { method = 'GET', headers: asked = {}, body = null } = init;
  const signal = AbortSignal.timeout(mostMs);
  const response = await fetch(url, { method, headers: asked, body, redirect: 'manual', signal });
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength;
    if (length > mostBytes) throw new Error(`more than ${mostBytes} bytes came`);
    chunks.push(new Uint8Array(chunk));
  }
  const { status, headers } = response;
  return new Response(status === 204 || status === 304 ? null : new Blob(chunks), { status, headers });
}
