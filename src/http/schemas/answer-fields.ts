// The kinds of values that answers carry.
import { z } from '@hono/zod-openapi';

export const exampleId = '0198b0c8-1c2d-7e3f-8a4b-5c6d7e8f9a0b';
export const exampleTime = '2026-04-03T12:00:00.000Z';

export const id = z.string().openapi({ format: 'uuid', example: exampleId });

export const time = z.string().openapi({ format: 'date-time', example: exampleTime });

/** Any object: what a caller sent comes back in it. */
export const answeredObject = z.record(z.string(), z.unknown());

/** `nullable()` loses its null in the document where the schema is a component. */
export const orNull = <T extends z.ZodType>(schema: T) => z.union([schema, z.null()]);
