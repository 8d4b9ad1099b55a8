// AutoGen's HttpTool: an HTTP address as a tool. Its answer's body is the result, whatever the status.
import { wellFormed } from '../words/well-formed.ts';
import type { HttpToolConfig } from './http-tool-config.ts';
import { addQuery, argumentReader, requestUrl, WrongArgument } from './http-tool-request.ts';
import { readText } from './mcp/bounded-body.ts';
import type { StaticTool } from './static-workbench.ts';
import { type CallOptions, errorResult, type ToolAnnotations, type ToolResult } from './tool.ts';

/** The bytes of an answer that are kept. */
const LONGEST_ANSWER = 1024 * 1024;

/** What HTTP says of its methods: RFC 9110, 9.2. */
const annotationsOf: Record<HttpToolConfig['method'], ToolAnnotations> = {
  GET: { readOnlyHint: true, idempotentHint: true },
  PUT: { idempotentHint: true },
  DELETE: { idempotentHint: true, destructiveHint: true },
  POST: {},
  PATCH: {},
};

/**
 * Private addresses are allowed: the operator wrote the file. No redirect is followed, in AutoGen neither: with it would
 * go the headers, and what the model said. A status of 400 or more is an error result with the body as its text.
 */
export function createHttpTool(config: HttpToolConfig, host: { fetch?: typeof fetch } = {}): StaticTool {
  const send = host.fetch ?? fetch;
  const read = argumentReader(config);

  async function request(args: Record<string, unknown>, { idempotencyKey, signal }: CallOptions) {
    const { inPath, rest } = read(args);
    const url = requestUrl(config, inPath);
    const headers = new Headers(config.headers);
    headers.set('Idempotency-Key', idempotencyKey);
    const init = { method: config.method, headers, redirect: 'manual' as const, signal };
    if (config.method === 'GET' || config.method === 'DELETE') {
      addQuery(url, rest);
      return send(url, init);
    }
    if (!headers.has('content-type')) headers.set('content-type', 'application/json');
    return send(url, { ...init, body: JSON.stringify(rest) });
  }

  return {
    name: config.name,
    description: config.description,
    parameters: { ...config.json_schema, type: 'object', additionalProperties: false },
    annotations: annotationsOf[config.method],
    async run(args, options) {
      const late = AbortSignal.timeout(config.timeout * 1000);
      try {
        const signal = AbortSignal.any([options.signal, late]);
        return await answered(await request(args, { ...options, signal }), config.return_type);
      } catch (error) {
        options.signal.throwIfAborted();
        if (error instanceof WrongArgument) return errorResult(error.message);
        if (late.aborted) return errorResult(`The server did not answer within ${config.timeout} seconds.`);
        return errorResult('The server cannot be reached, or broke off its answer.');
      }
    },
  };
}

async function answered(response: Response, type: HttpToolConfig['return_type']): Promise<ToolResult> {
  const { status } = response;
  if (status >= 300 && status < 400) {
    await response.body?.cancel();
    return errorResult(`The server answered HTTP ${status}: it points elsewhere, which is not followed.`);
  }
  const { text: body, isCut } = await readText(response.body, LONGEST_ANSWER);
  const text = wellFormed(body);
  if (status >= 400) return errorResult(text === '' ? `The server answered HTTP ${status}.` : text);
  if (type === 'json' && isCut) return errorResult('The answer is too long to be read as JSON.');
  if (type === 'json') return jsonResult(text);
  const cut = isCut ? `\n[Cut here: only the first ${LONGEST_ANSWER} bytes of the answer were read.]` : '';
  return { parts: [{ type: 'text', text: text + cut }], isError: false };
}

/** JSON as the server wrote it, so that no number loses a digit; a text without its quotes. */
function jsonResult(text: string): ToolResult {
  try {
    const value: unknown = JSON.parse(text);
    return {
      parts: [{ type: 'text', text: typeof value === 'string' ? wellFormed(value) : text.trim() }],
      isError: false,
    };
  } catch {
    return errorResult('The answer is no JSON.');
  }
}
