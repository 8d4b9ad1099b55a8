// Problems as the document describes them, and which of them an operation may answer.
import { z } from '@hono/zod-openapi';
import { makeProblem } from '../problem.ts';
import {
  type ProblemCode,
  type ProblemStatus,
  problemKinds,
  problemType,
  problemTypes,
} from '../problem-kinds.ts';
import { headersOf } from '../response-headers.ts';
import { exampleId, id } from './answer-fields.ts';

const example = (code: ProblemCode, fields: object = {}) => ({
  ...makeProblem(code, { reason: '…', limit: '…' }, exampleCall),
  ...fields,
});

const exampleCall = {
  locale: 'en',
  instance: `/api/sessions/${exampleId}`,
  requestId: 'dd5a1168-b2e7-46d0-8aed-ef20a976ae83',
} as const;

const wrongValue = z
  .object({
    loc: z
      .array(z.union([z.string(), z.number()]))
      .openapi({ description: 'Where it is: the part of the request, then the way to it' }),
    msg: z.string().openapi({ description: 'What it has to be, in the caller’s language' }),
  })
  .openapi('WrongValue', {
    description: 'A value of the request that is not what it must be',
    example: { loc: ['body', 'content'], msg: 'must have 1 to 262144 characters' },
  });

export const problem = z
  .object({
    type: z
      .enum(problemTypes)
      .openapi('ProblemType', { description: 'What went wrong. It ends in a code that does not change' }),
    title: z.string(),
    status: z.number().int().openapi({ description: 'The answer’s status' }),
    detail: z.string().openapi({ description: 'A sentence for a person, in the caller’s language' }),
    instance: z.string().openapi({ description: 'The path that was asked for' }),
    request_id: z.string().openapi({ description: 'As in `X-Request-Id`, and in the server’s log' }),
    turn_id: id.optional().openapi({ description: 'The turn that ended so' }),
    retryable: z
      .boolean()
      .optional()
      .openapi({ description: 'Whether it may help to run the turn again as things are' }),
    errors: z.array(wrongValue).optional().openapi({ description: 'Each value that is wrong, up to 20' }),
  })
  .openapi('Problem', { description: 'An error (RFC 9457)', example: example('session_not_found') });

export const turnProblem = problem.extend({ turn_id: id, retryable: z.boolean() }).openapi('TurnProblem', {
  description: 'Why a turn has no reply',
  example: example('interrupted', { turn_id: exampleId, retryable: true }),
});

const invalidRequest = problem
  .extend({
    type: z.literal(problemType('invalid_request')),
    status: z.literal(422),
    errors: z.array(wrongValue),
  })
  .openapi('InvalidRequest', {
    description: 'A request that is well-formed, but has a value that is not what it must be',
    example: example('invalid_request', {
      detail: 'content: must have 1 to 262144 characters',
      errors: [{ loc: ['body', 'content'], msg: 'must have 1 to 262144 characters' }],
    }),
  });

/** A problem, or one that has another status here than its own. */
type Answered = ProblemCode | { code: ProblemCode; status: ProblemStatus };

const byAnyRequest: Answered[] = ['malformed_host', 'forbidden_host', 'internal'];

/** Of what needs the database. */
const byReading: ProblemCode[] = [
  'database_away',
  'database_crowded',
  'database_refused',
  'database_missing',
  'not_migrated',
];
export const byDatabase: ProblemCode[] = [...byReading, 'database_read_only', 'database_full'];

/** Of what is said here, and so is not for everybody's pages. */
const byData: Answered[] = [
  'unauthorized',
  'not_allowed',
  'too_many_attempts',
  'limit_reached',
  'provider_away',
  'forbidden_origin',
  'invalid_request',
  ...byDatabase,
];

/** Of a method that may bring a body. */
export const byBody = [
  'malformed_json',
  'body_too_slow',
  'body_too_large',
  'unsupported_media_type',
] as const satisfies ProblemCode[];

/** The documented problems of an operation on sessions, beside those that any may answer. */
export const problems = (...codes: Answered[]) => serviceProblems(...byData, ...codes);

/** The same of one that tells of the server alone. */
export function serviceProblems(...codes: Answered[]) {
  const byStatus = new Map<ProblemStatus, [ProblemCode, ...ProblemCode[]]>();
  for (const one of [...byAnyRequest, ...codes]) {
    const { code, status } = typeof one === 'string' ? { code: one, status: problemKinds[one].status } : one;
    const those = byStatus.get(status);
    if (those) those.push(code);
    else byStatus.set(status, [code]);
  }
  return Object.fromEntries([...byStatus].map(([status, those]) => [status, problemAnswer(status, those)]));
}

function problemAnswer(status: ProblemStatus, codes: [ProblemCode, ...ProblemCode[]]) {
  const schema =
    status === 422
      ? invalidRequest
      : problem
          .extend({ type: z.enum(codes.map(problemType)), status: z.literal(status) })
          .openapi({ example: example(codes[0], { status }) });
  return {
    description: titles[status],
    headers: headersOf(...(codes.some(maySayWhen) ? (['Retry-After'] as const) : [])),
    content: { 'application/problem+json': { schema } },
  };
}

/** Whether its answer may say when to come back: what is busy or away does, and a model's server may have said it. */
const maySayWhen = (code: ProblemCode): boolean =>
  problemKinds[code].status === 503 ||
  /^(session_busy|queue_full|limit_reached|too_many_attempts|model_.*)$/.test(code);

const titles: Record<ProblemStatus, string> = {
  400: 'Malformed JSON, or a malformed Host header',
  401: 'Who calls is not known',
  403: 'Not allowed, to the caller or to the page’s origin',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'The body took too long to arrive',
  409: 'Conflict',
  413: 'Too large, for the server or for the model',
  415: 'The body is not JSON',
  416: 'Nothing is at this range',
  421: 'The server does not answer under this name',
  422: 'Invalid request',
  429: 'Too many; see Retry-After',
  500: 'Internal error',
  502: 'The model server failed',
  503: 'Busy or away; see Retry-After',
  504: 'The model server timed out',
};
