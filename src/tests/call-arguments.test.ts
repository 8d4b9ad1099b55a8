// Arguments of calls as the page sets them out and takes them in: to the letter, and by the tool's schema.
import { describe, expect, test } from 'bun:test';
import { inexactNumber, isPlain, setOut } from '../../static/calls/json-text.ts';
import { type Field, fieldsOf, filledIn } from '../../static/calls/schema-fields.ts';

describe('JSON that is set out to be read', () => {
  const texts: [given: string, shown: string][] = [
    [
      '{"a":1,"b":[true,{}],"c":"x, y: {z}"}',
      '{\n  "a": 1,\n  "b": [\n    true,\n    {}\n  ],\n  "c": "x, y: {z}"\n}',
    ],
    ['{"n":12345678901234567890,"e":1.0}', '{\n  "n": 12345678901234567890,\n  "e": 1.0\n}'],
    ['{"a":1,"a":2}', '{\n  "a": 1,\n  "a": 2\n}'],
    ['{"q":"\\"\\\\"}', '{\n  "q": "\\"\\\\"\n}'],
    ['{"to":"a\u202eb\u200bc"}', '{\n  "to": "a\\u202eb\\u200bc"\n}'],
    ['"😀"', '"😀"'],
    ['{"a":', '{"a":'],
    ['not\u2066json', 'not\\u2066json'],
  ];
  for (const [given, shown] of texts)
    test(JSON.stringify(given), () => {
      expect(setOut(given)).toBe(shown);
    });

  test('numbers that would be others once they are read are found, and not in texts', () => {
    expect(inexactNumber('{"a":9007199254740993}')).toBe('9007199254740993');
    expect(inexactNumber('{"a":1e999}')).toBe('1e999');
    expect(inexactNumber('{"9007199254740993":"9007199254740993","b":-1.5e3}')).toBe(null);
    expect([isPlain('{"a":"\u202e"}'), isPlain('{"a":"é"}')]).toEqual([false, true]);
  });
});

describe('arguments as fields', () => {
  const schema = {
    type: 'object',
    properties: {
      name: { type: 'string' },
      note: { anyOf: [{ type: 'string' }, { type: 'null' }], title: 'Note' },
      count: { type: ['integer', 'null'], minimum: 0 },
      kind: { enum: ['a', 2, null] },
      on: { type: 'boolean' },
      list: { type: 'array' },
    },
    required: ['name', 'on'],
  };
  const fields = (given: Record<string, unknown>): Field[] => fieldsOf(schema, given) ?? [];
  const fill = (given: Record<string, unknown>, texts: Record<string, string>) =>
    filledIn(
      fields(given).map((field) => ({
        ...field,
        text: Object.hasOwn(texts, field.name) ? (texts[field.name] ?? '') : field.text,
      })),
    );

  test('untouched, they are what was given, whatever that is', () => {
    for (const given of [
      { name: 'x', on: false },
      { name: '', on: true, note: null, count: null, kind: 2, list: [1, { a: [] }], more: { deep: ['é'] } },
      { name: 7, on: 'yes', count: 'many', kind: 'other', list: ['none'], __proto__x: 1 },
      { name: 'x', on: true, note: '', constructor: 'c' },
    ])
      expect(fill(given, {})).toEqual({ args: given });
  });

  test('what the schema has no field for is JSON', () => {
    expect(fields({ name: 'x', more: 1 }).map(({ name, kind }) => [name, kind])).toEqual([
      ['name', 'text'],
      ['note', 'text'],
      ['count', 'integer'],
      ['kind', 'choice'],
      ['on', 'boolean'],
      ['list', 'json'],
      ['more', 'json'],
    ]);
    expect(fieldsOf({ type: 'object', properties: {} }, { a: 1 })).toBe(null);
    expect(fieldsOf('nonsense', {})).toBe(null);
  });

  test('what is wrong is told by its field, and nothing is sent', () => {
    const words = (given: Record<string, unknown>, texts: Record<string, string>) => {
      const read = fill(given, texts);
      return 'wrong' in read ? [...read.wrong].map(([name, { word }]) => [name, word]) : read;
    };
    expect(words({}, {})).toEqual([
      ['name', 'wrongRequired'],
      ['on', 'wrongRequired'],
    ]);
    const right = { name: 'x', on: true };
    expect(words(right, { count: '1.5' })).toEqual([['count', 'wrongInteger']]);
    expect(words(right, { count: '-1' })).toEqual([['count', 'wrongLeast']]);
    expect(words(right, { count: '9007199254740993' })).toEqual([['count', 'wrongInteger']]);
    expect(words(right, { list: '{}' })).toEqual([['list', 'wrongArray']]);
    expect(words(right, { list: '[' })).toEqual([['list', 'wrongJson']]);
    expect(words({ ...right, count: 1 }, { count: '', kind: '1' })).toEqual({ args: { ...right, kind: 2 } });
  });
});
