import { expect, test } from 'bun:test';
import { strictSchema } from './strict-schema.ts';

test('objects are closed and all of their properties required, wherever they stand', () => {
  const item = { type: 'object', properties: { x: { type: 'number' } } };
  expect<unknown>(
    strictSchema({
      type: 'object',
      properties: {
        default: { type: 'string', default: 'x', enum: ['x', 'y'] },
        list: { type: 'array', items: item },
        either: { anyOf: [item, { type: 'null' }], default: null },
        ref: { $ref: '#/$defs/B', description: 'b' },
      },
      required: ['list'],
      $defs: { B: item },
    }),
  ).toEqual({
    type: 'object',
    properties: {
      default: { type: 'string', enum: ['x', 'y'] },
      list: { type: 'array', items: { ...item, required: ['x'], additionalProperties: false } },
      either: { anyOf: [{ ...item, required: ['x'], additionalProperties: false }, { type: 'null' }] },
      ref: { $ref: '#/$defs/B' },
    },
    required: ['default', 'list', 'either', 'ref'],
    additionalProperties: false,
    $defs: { B: { ...item, required: ['x'], additionalProperties: false } },
  });
});

test('where an object may have whatever it likes, or for what is not taken, there is none', () => {
  const within = (schema: unknown) => strictSchema({ type: 'object', properties: { a: schema } });
  for (const schema of [
    { type: 'object' },
    { type: 'object', properties: {}, additionalProperties: true },
    { type: 'object', additionalProperties: { type: 'string' } },
    { oneOf: [{ type: 'string' }] },
    { type: 'array', items: true },
    true,
  ])
    expect(within(schema)).toBeUndefined();
  expect(within({ type: 'object', additionalProperties: false })).toBeDefined();
});
