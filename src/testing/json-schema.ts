// As much of JSON Schema as the API's document uses, to hold real answers against it.

export type Schema = {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  allOf?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  description?: string;
  example?: unknown;
  format?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  default?: unknown;
};

type Components = Record<string, Schema>;

/** What keeps `value` from being of `schema`, a line each. A key that is not documented is a fault too. */
export function schemaFaults(schema: Schema, value: unknown, components: Components, at = ''): string[] {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return [
    ...partFaults(schema, value, components, at),
    ...(isObject ? undocumented(schema, value, components, at) : []),
  ];
}

/** The faults but for keys that are not documented: what one part of a schema does not know, another may. */
function partFaults(schema: Schema, value: unknown, components: Components, at: string): string[] {
  const own = resolved(schema, components);
  if (own.allOf) return own.allOf.flatMap((part) => partFaults(part, value, components, at));
  const branches = own.anyOf ?? own.oneOf;
  if (branches) {
    const faults = branches.map((one) => schemaFaults(one, value, components, at));
    const fitting = faults.filter(({ length }) => length === 0).length;
    if (fitting === 0) return faults.flat();
    return own.oneOf && fitting > 1 ? [`${at}: is ${fitting} of what it may be one of`] : [];
  }
  const types = [own.type ?? []].flat();
  if (own.type !== undefined && !typesOf(value).some((type) => types.includes(type))) {
    return [`${at}: ${JSON.stringify(value)?.slice(0, 40)} is not ${types.join(' or ')}`];
  }
  if (own.enum && !own.enum.includes(value))
    return [`${at}: ${JSON.stringify(value)} is none of ${own.enum}`];
  if (typeof value === 'string') return formatFaults(own.format, value, at);
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => schemaFaults(own.items ?? {}, item, components, `${at}/${index}`));
  }
  if (typeof value !== 'object' || value === null) return [];
  const missing = (own.required ?? []).filter((key) => !Object.hasOwn(value, key));
  const more = typeof own.additionalProperties === 'object' ? own.additionalProperties : undefined;
  return [
    ...missing.map((key) => `${at}/${key} is missing`),
    ...Object.entries(value).flatMap(([key, part]) => {
      const known = own.properties?.[key] ?? more;
      return known ? schemaFaults(known, part, components, `${at}/${key}`) : [];
    }),
  ];
}

function undocumented(schema: Schema, value: object, components: Components, at: string): string[] {
  const known = knownKeys(schema, components);
  if (known === 'any') return [];
  return Object.keys(value)
    .filter((key) => !known.includes(key))
    .map((key) => `${at}/${key} is not documented`);
}

function knownKeys(schema: Schema, components: Components): string[] | 'any' {
  const own = resolved(schema, components);
  if (own.allOf) {
    const parts = own.allOf.map((part) => knownKeys(part, components));
    return parts.includes('any') ? 'any' : parts.flat();
  }
  return own.additionalProperties || !own.properties ? 'any' : Object.keys(own.properties);
}

/** The schema itself, or the one that it refers to. */
function resolved(schema: Schema, components: Components): Schema {
  const name = schema.$ref?.replace('#/components/schemas/', '');
  if (name === undefined) return schema;
  const found = components[name];
  if (!found) throw new Error(`the document has no schema ${name}`);
  return resolved(found, components);
}

function typesOf(value: unknown): string[] {
  if (value === null) return ['null'];
  if (Array.isArray(value)) return ['array'];
  return Number.isInteger(value) ? ['integer', 'number'] : [typeof value];
}

const formats: Record<string, RegExp> = {
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
};

function formatFaults(format: string | undefined, value: string, at: string): string[] {
  const pattern = format === undefined ? undefined : formats[format];
  return pattern?.test(value) === false ? [`${at}: ${value} is no ${format}`] : [];
}
