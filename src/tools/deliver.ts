// Gives a transport's messages to the client, in the order in which they came.
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/client';

/**
 * The client looks at a notification one microtask later, at an answer at once. So that the last progress of a call is not
 * lost, which may come together with its answer, answers wait for a microtask too.
 */
export function deliver({ onmessage }: Pick<Transport, 'onmessage'>, message: JSONRPCMessage): void {
  if ('method' in message) onmessage?.(message);
  else queueMicrotask(() => onmessage?.(message));
}
