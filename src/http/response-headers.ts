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
  Link: {
    description: 'Where there is more: `<…>; rel="next"`, relative to the address that was asked',
    schema: { type: 'string' },
  },
  Location: {
    description: 'The address of what was made',
    required: true,
    schema: { type: 'string', format: 'uri-reference' },
  },
} as const;

export type ResponseHeader = keyof typeof responseHeaders;

/** What an answer documents: the header that each has, and those named. */
export const headersOf = (...names: ResponseHeader[]) =>
  Object.fromEntries(
    (['X-Request-Id', ...names] as const).map((name) => [name, { $ref: `#/components/headers/${name}` }]),
  );
