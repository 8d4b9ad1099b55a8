// Answers as routes document them.

import { eventStreamType } from './event-stream.ts';
import { headersOf, type ResponseHeader } from './response-headers.ts';
import { streamedEvent } from './schemas/event-schemas.ts';

/** A JSON answer. */
export const json = <T>(schema: T, description: string, ...headers: ResponseHeader[]) => ({
  description,
  headers: headersOf(...headers),
  content: { 'application/json': { schema } },
});

/** A JSON answer, or a turn's events where the caller would rather have those. */
export function jsonOrEvents<T>(schema: T, description: string) {
  const { content, ...rest } = json(schema, description);
  return { ...rest, content: { ...content, [eventStreamType]: { schema: streamedEvent } } };
}
