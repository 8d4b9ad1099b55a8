// What every error answer must be: a problem object that helps its reader and tells nothing of the inside.
import { expect } from 'bun:test';
import { z } from 'zod';

const problem = z.strictObject({
  type: z.string().regex(/^urn:agentchat:problem:[a-z_]+$/),
  title: z.string().min(1),
  status: z.number(),
  detail: z.string().min(1),
  instance: z.string().startsWith('/'),
  request_id: z.string().min(1),
  turn_id: z.uuid().optional(),
  retryable: z.boolean().optional(),
  errors: z
    .array(z.strictObject({ loc: z.array(z.union([z.string(), z.number()])).min(1), msg: z.string().min(1) }))
    .optional(),
});

export type ReceivedProblem = z.infer<typeof problem>;

/** Marks of a stack, a file, a statement or a library in an answer. */
const inside =
  /\bat \S+ \(|\.ts\b|node_modules|\/(?:home|root|tmp|usr|work)\/|\b(?:select|insert into|update) .*"?chat_|drizzle|zod|hono|pglite|undefined|\[object/i;

/** Checks the whole of an error answer and returns it. */
export async function expectProblem(response: Response, status: number): Promise<ReceivedProblem> {
  const text = await response.text();
  expect({ status: response.status, text }).toEqual({ status, text });
  expect(response.headers.get('content-type')).toStartWith('application/problem+json');
  expect(text).not.toMatch(inside);
  const body = problem.parse(JSON.parse(text));
  expect(body.status).toBe(status);
  expect(response.headers.get('x-request-id')).toBe(body.request_id);
  expect(body.errors !== undefined).toBe(status === 422);
  return body;
}

/** Checks a 422 for one value, and returns what it says of it. */
export async function expectInvalid(response: Response, loc: (string | number)[]): Promise<string> {
  const { errors = [], detail } = await expectProblem(response, 422);
  expect(errors.map((error) => error.loc)).toEqual([loc]);
  const msg = errors[0]?.msg ?? '';
  expect(detail).toContain(msg);
  return msg;
}
