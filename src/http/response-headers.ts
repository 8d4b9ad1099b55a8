// The headers of answers, as the document describes them.

export const responseHeaders = {
  'X-Request-Id': {
    description: 'The request’s id: the caller’s own `X-Request-Id`, or a new one. It is in the server’s log',
    required: true,
    schema: { type: 'string' },
  },
  'Retry-After': {
    description: 'After how many seconds to come back',
    schema: { type: 'integer', minimum: 1 },
  },
  'RateLimit-Policy': {
    description: 'What limits there are of what `RateLimit` tells (draft-ietf-httpapi-ratelimit-headers)',
    schema: { type: 'string' },
  },
  RateLimit: {
    description: 'What is left of the caller’s limits, and in how many seconds there is more',
    schema: { type: 'string' },
  },
  Link: {
    description: 'Where there is more: `<…>; rel="next"`, relative to the address that was asked',
    schema: { type: 'string' },
  },
  ETag: {
    description: 'Names these bytes, for `If-None-Match` and `If-Range`',
    required: true,
    schema: { type: 'string' },
  },
  'Content-Disposition': {
    description: 'The file’s name; `inline` of pictures alone',
    required: true,
    schema: { type: 'string' },
  },
  Location: {
    description: 'The address of what was made',
    required: true,
    schema: { type: 'string', format: 'uri-reference' },
  },
} as const;

export type ResponseHeader = keyof typeof responseHeaders;

/** What an answer documents: the headers that each has, some of them where the caller is limited, and those named. */
export const headersOf = (...names: ResponseHeader[]) =>
  Object.fromEntries(
    (['X-Request-Id', 'RateLimit-Policy', 'RateLimit', ...names] as const).map((name) => [
      name,
      { $ref: `#/components/headers/${name}` },
    ]),
  );
