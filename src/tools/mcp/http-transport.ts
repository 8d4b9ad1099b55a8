// MCP over HTTP, made to end: a request whose answer breaks off is answered, one that is given up lets go of its stream.
import type { JSONRPCMessage, StreamableHTTPClientTransport, Transport } from '@modelcontextprotocol/client';
import { deliver } from '../deliver.ts';
import { boundedMessages } from './bounded-body.ts';

/** `fetch` whose answers break off where a message in them is longer than `longest` bytes. */
export function boundedFetch(send: typeof fetch, longest: number, tooLong: () => void) {
  return async (url: string | URL, init?: RequestInit): Promise<Response> => {
    const response = await send(url, init);
    const { body, status, statusText, headers } = response;
    if (!body) return response;
    const bounded = boundedMessages(body, longest, tooLong);
    return new Response(bounded, { status, statusText, headers });
  };
}

type Request = { id: number | string; method: string };

function requestIn(message: JSONRPCMessage): Request | undefined {
  return 'method' in message && 'id' in message ? message : undefined;
}

/** The request that a notification of ours cancels. */
function cancelledIn(message: JSONRPCMessage): unknown {
  if (!('method' in message) || message.method !== 'notifications/cancelled') return undefined;
  return message.params && 'requestId' in message.params ? message.params.requestId : undefined;
}

/** `broken` says why an answer has no end. */
export function createEndingTransport(inner: StreamableHTTPClientTransport, broken: () => string): Transport {
  const open = new Map<unknown, AbortController>();

  const transport: Transport = {
    async start() {
      inner.onmessage = (message) => {
        if ('id' in message && !('method' in message)) open.delete(message.id);
        deliver(transport, message);
      };
      inner.onclose = () => transport.onclose?.();
      inner.onerror = (error) => transport.onerror?.(error);
      await inner.start();
    },
    async send(message) {
      const request = requestIn(message);
      if (!request) {
        await inner.send(message);
        const cancelled = cancelledIn(message);
        open.get(cancelled)?.abort();
        open.delete(cancelled);
        return;
      }
      const { id } = request;
      const leaving = new AbortController();
      open.set(id, leaving);
      try {
        await inner.send(message, {
          requestSignal: leaving.signal,
          onRequestStreamEnd() {
            if (!open.delete(id)) return;
            transport.onmessage?.({ jsonrpc: '2.0', id, error: { code: BROKEN_OFF, message: broken() } });
          },
        });
      } catch (error) {
        open.delete(id);
        throw error;
      }
    },
    close: () => inner.close(),
    get sessionId() {
      return inner.sessionId;
    },
    setProtocolVersion: (version) => inner.setProtocolVersion(version),
  };
  return transport;
}

/** JSON-RPC's code for what a server did wrong. */
const BROKEN_OFF = -32_000;
