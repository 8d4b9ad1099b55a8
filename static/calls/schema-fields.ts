// The arguments of a tool as fields, by its JSON schema, and what was filled in as arguments again.
import { list, record, textOf } from '../api/json.ts';
import type { Values } from '../state/settings.ts';
import type { Word } from './words-en.ts';

/** `json`: what no simple field is for, written as JSON. */
type Kind = 'text' | 'number' | 'integer' | 'boolean' | 'choice' | 'json';

export type Field = {
  name: string;
  kind: Kind;
  description: string;
  isRequired: boolean;
  /** Of a choice: what may be chosen. */
  options: readonly unknown[];
  schema: Record<string, unknown>;
  /** What was given for it; undefined where nothing was. */
  given: unknown;
  /** What is filled in; of a choice, the place of the option. */
  text: string;
};

export type Wrong = { word: Word; values?: Values };
export type Filled = { args: Record<string, unknown> } | { wrong: ReadonlyMap<string, Wrong> };

/** Null where the schema names no properties. */
export function fieldsOf(schema: unknown, given: Record<string, unknown>): Field[] | null {
  const properties = record(record(schema).properties);
  const names = Object.keys(properties);
  if (names.length === 0) return null;
  const required = new Set(list(record(schema).required));
  // What the schema does not know is sent all the same.
  const others = Object.keys(given).filter((name) => !Object.hasOwn(properties, name));
  return [...names, ...others].map((name) => {
    const own = simple(record(Object.hasOwn(properties, name) ? properties[name] : {}));
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    const options = Array.isArray(own.enum) ? own.enum : [];
    const kind = fits(kindOf(own), value, options) ? kindOf(own) : 'json';
    const isRequired = required.has(name);
    const description = textOf(own.description) || textOf(own.title);
    const field = { name, kind, description, isRequired, options, schema: own, given: value };
    return { ...field, text: textFor(field) };
  });
}

/** Of what may also be null, only the other one. */
function simple(schema: Record<string, unknown>): Record<string, unknown> {
  const types = list(schema.type).filter((type) => type !== 'null');
  if (types.length === 1) return { ...schema, type: types[0] };
  const ways = list(schema.anyOf).map(record);
  const others = ways.filter(({ type }) => type !== 'null');
  const [only] = others;
  return ways.length > 1 && others.length === 1 ? { ...schema, ...only } : schema;
}

function kindOf({ type, enum: options }: Record<string, unknown>): Kind {
  if (Array.isArray(options) && options.length > 0) return 'choice';
  if (type === 'string') return 'text';
  return type === 'number' || type === 'integer' || type === 'boolean' ? type : 'json';
}

/** Whether what was given can be shown in such a field. */
function fits(kind: Kind, value: unknown, options: readonly unknown[]): boolean {
  if (value === undefined || value === null) return true;
  if (kind === 'choice') return options.some((option) => same(option, value));
  if (kind === 'text') return typeof value === 'string';
  if (kind === 'boolean') return typeof value === 'boolean';
  return kind === 'json' || typeof value === 'number';
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

function textFor({ kind, given, options }: Omit<Field, 'text'>): string {
  if (given === undefined || (given === null && kind !== 'json')) return '';
  if (kind === 'choice') return String(options.findIndex((option) => same(option, given)));
  return kind === 'json' ? JSON.stringify(given, null, 2) : String(given);
}

export function filledIn(fields: readonly Field[]): Filled {
  const args: [string, unknown][] = [];
  const wrong = new Map<string, Wrong>();
  for (const field of fields) {
    const read = filledValue(field);
    if ('wrong' in read) wrong.set(field.name, read.wrong);
    else if (read.value !== undefined) args.push([field.name, read.value]);
  }
  return wrong.size > 0 ? { wrong } : { args: Object.fromEntries(args) };
}

function filledValue(field: Field): { value: unknown } | { wrong: Wrong } {
  const { kind, text, given, isRequired, options, schema } = field;
  if (text.trim() === '' && !(kind === 'text' && (text !== '' || typeof given === 'string'))) {
    if (given === null && kind !== 'json') return { value: null };
    return isRequired ? { wrong: { word: 'wrongRequired' } } : { value: undefined };
  }
  switch (kind) {
    case 'choice':
      return { value: options[Number(text)] };
    case 'boolean':
      return { value: text === 'true' };
    case 'text':
      return bounded(text, [...text].length, schema.minLength, schema.maxLength, ['wrongShort', 'wrongLong']);
    case 'json':
      return valueIn(text, schema.type);
    default: {
      const number = Number(text);
      const isOne = kind === 'integer' ? Number.isSafeInteger(number) : Number.isFinite(number);
      if (!isOne) return { wrong: { word: kind === 'integer' ? 'wrongInteger' : 'wrongNumber' } };
      return bounded(number, number, schema.minimum, schema.maximum, ['wrongLeast', 'wrongMost']);
    }
  }
}

function bounded(value: unknown, size: number, least: unknown, most: unknown, words: [Word, Word]) {
  if (typeof least === 'number' && size < least) return { wrong: { word: words[0], values: { least } } };
  if (typeof most === 'number' && size > most) return { wrong: { word: words[1], values: { most } } };
  return { value };
}

function valueIn(text: string, type: unknown): { value: unknown } | { wrong: Wrong } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { wrong: { word: 'wrongJson', values: { why: error instanceof Error ? error.message : '' } } };
  }
  if (type === 'array' && !Array.isArray(value)) return { wrong: { word: 'wrongArray' } };
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (type === 'object' && !isObject) return { wrong: { word: 'wrongObjectValue' } };
  return { value };
}
