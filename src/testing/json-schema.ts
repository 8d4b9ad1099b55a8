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
  format?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  default?: unknown;
};

/** What keeps `value` from being of `schema`, a line each. A key that is not documented is a fault too. */
export function schemaFaults(
  schema: Schema,
  value: unknown,
  components: Record<string, Schema>,
  at = '',
): string[] {
  const own = resolved(schema, components);
  if (own.anyOf) {
    const branches = own.anyOf.map((one) => schemaFaults(one, value, components, at));
    return branches.some((faults) => faults.length === 0) ? [] : branches.flat();
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
  return typeof value === 'object' && value !== null ? objectFaults(own, value, components, at) : [];
}

function objectFaults(
  schema: Schema,
  value: object,
  components: Record<string, Schema>,
  at: string,
): string[] {
  const missing = (schema.required ?? []).filter((key) => !Object.hasOwn(value, key));
  const more = schema.additionalProperties;
  return [
    ...missing.map((key) => `${at}/${key} is missing`),
    ...Object.entries(value).flatMap(([key, part]) => {
      const known = schema.properties?.[key] ?? (typeof more === 'object' ? more : undefined);
      if (known) return schemaFaults(known, part, components, `${at}/${key}`);
      return more === true || schema.properties === undefined ? [] : [`${at}/${key} is not documented`];
    }),
  ];
}

/** The schema that a reference names, and one that is made of others as one. */
function resolved(schema: Schema, components: Record<string, Schema>): Schema {
  const name = schema.$ref?.replace('#/components/schemas/', '');
  if (name !== undefined) {
    const found = components[name];
    if (!found) throw new Error(`the document has no schema ${name}`);
    return resolved(found, components);
  }
  if (!schema.allOf) return schema;
  const parts = schema.allOf.map((part) => resolved(part, components));
  return {
    ...Object.assign({}, ...parts),
    type: parts
      .map(({ type }) => [type ?? []].flat())
      .reduce((all, own) => all.filter((type) => own.includes(type))),
    properties: Object.assign({}, ...parts.map((part) => part.properties)),
    required: parts.flatMap((part) => part.required ?? []),
  };
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
