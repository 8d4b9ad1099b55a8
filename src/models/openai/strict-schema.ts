// A JSON schema as servers want it that hold a reply to it, letter by letter.
import { type Fields, isObject } from '../config/fields.ts';

/** Keywords whose values are schemas by name, and those whose values are schemas. */
const NAMED = new Set(['properties', '$defs', 'definitions']);
const NESTED = new Set(['items', 'anyOf']);
/** What those servers do not take, or what says that an object may have more than it names. */
const OPEN = ['oneOf', 'allOf', 'not', 'if', 'patternProperties', 'prefixItems', 'dependentSchemas'];

/**
 * The schema with all objects closed and all of their properties required: what follows it follows the one given too.
 * Undefined where there is none such, because an object may have whatever it likes, or for keywords that are not taken.
 */
export function strictSchema(schema: Fields): Fields | undefined {
  try {
    return strict(schema);
  } catch (open) {
    if (open instanceof Open) return undefined;
    throw open;
  }
}

class Open extends Error {}

function strict(schema: Fields): Fields {
  // What stands beside a reference only describes it.
  if (typeof schema.$ref === 'string') {
    const { $ref, $defs, definitions } = schema;
    return { $ref, ...entries({ $defs, definitions }) };
  }
  if (OPEN.some((keyword) => keyword in schema)) throw new Open();
  const { default: _, ...rest } = schema;
  const isAnObject = rest.type === 'object' || isObject(rest.properties);
  if (!isAnObject) return entries(rest);
  const isClosed = rest.additionalProperties === false;
  const isAnything = !isObject(rest.properties) && !isClosed;
  if (isAnything || (rest.additionalProperties ?? false) !== false) throw new Open();
  const required = Object.keys(isObject(rest.properties) ? rest.properties : {});
  return { ...entries(rest), required, additionalProperties: false };
}

function entries(fields: Fields): Fields {
  const entry = ([key, value]: [string, unknown]): [string, unknown] => {
    if (NAMED.has(key) && isObject(value))
      return [key, Object.fromEntries(Object.entries(value).map(([name, one]) => [name, strictIn(one)]))];
    return [key, NESTED.has(key) ? strictIn(value) : value];
  };
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(entry),
  );
}

/** In a list of schemas each of them; a schema that is `true` allows anything. */
function strictIn(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strictIn);
  if (isObject(value)) return strict(value);
  throw new Open();
}
