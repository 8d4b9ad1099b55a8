// Which tool the demo model calls, and with what: simple enough that whoever reads a message can tell.
import { type Fields, isObject, isText, listOf } from '../config/fields.ts';
import type { ToolSchema } from '../model.ts';

/** So much of a text is looked at. */
const LONGEST_TEXT = 2000;

/** A tool, and the arguments for it. */
export type DemoCall = { tool: ToolSchema; arguments: Fields };

/** The call of the first tool that a text names, `_` and `-` as in words or not: `get weather`; of several the longest. */
export function demoCall(said: string, tools: readonly ToolSchema[]): DemoCall | undefined {
  const text = said.slice(0, LONGEST_TEXT);
  const named = tools
    .map((tool) => ({ tool, at: placeOf(tool.name, text) }))
    .filter(({ at }) => at !== undefined)
    .sort((a, b) => (a.at?.index ?? 0) - (b.at?.index ?? 0) || b.tool.name.length - a.tool.name.length);
  const [first] = named;
  if (!first?.at) return undefined;
  return { tool: first.tool, arguments: demoArguments(text, first.at, first.tool) };
}

type Place = { index: number; length: number };

/** Where a text has a name, not as a part of a longer word; beside Chinese characters there is no space. */
function placeOf(name: string, text: string): Place | undefined {
  const words = name.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
  if (words.length === 0) return undefined;
  const found = new RegExp(`(?<![a-z0-9_])${words.join('[^\\p{L}\\p{N}]{0,2}')}(?![a-z0-9_])`, 'iu').exec(
    text,
  );
  return found ? { index: found.index, length: found[0].length } : undefined;
}

/**
 * What a text says of each argument: `city=Paris`, or the next number, quoted text or value of a list; a text that is
 * asked for and not quoted is all that stands behind the tool's name. What need not be there is left out where the text
 * has nothing for it.
 */
function demoArguments(text: string, at: Place, { parameters }: ToolSchema): Fields {
  const before = text.slice(0, at.index);
  const behind = text.slice(at.index + at.length);
  const said = createSaid(before + behind, trimmed(behind) || trimmed(before));
  const properties = isObject(parameters.properties) ? parameters.properties : {};
  const required = listOf(parameters.required);
  const entries = Object.entries(properties).flatMap(([name, schema]) => {
    const value = said.value(name, isObject(schema) ? schema : {}, required.includes(name));
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(entries);
}

const QUOTED = /"([^"]*)"|“([^”]*)”|「([^」]*)」|`([^`]*)`/g;
const NUMBER = /(?<![\w.])[-+]?\d+(?:\.\d+)?(?![\w.]*\d)/g;

/** Text without what only joins it to the tool's name. */
const trimmed = (text: string): string =>
  text
    .replace(/^[\s:：,，.。;；-]*(?:(?:for|in|of|with|to|about|the)\s+)*/i, '')
    .replace(/[\s,，。;；:：?？!！]+$/, '');

/** Values that a text holds, each given once. */
function createSaid(text: string, rest: string) {
  let numbers = [...text.matchAll(NUMBER)].map(([number]) => Number(number));
  const quoted = [...text.matchAll(QUOTED)].map(([, ...kinds]) => kinds.find(isText) ?? '');

  function value(name: string, schema: Fields, isRequired: boolean): unknown {
    const kind = kindOf(schema);
    const given = explicit(name, text);
    if (given !== undefined) {
      numbers = numbers.filter((number) => String(number) !== given);
      return as(kind, given, schema);
    }
    const choices = listOf(schema.enum).filter((choice) => placeOf(String(choice), text));
    if (Array.isArray(schema.enum)) return choices[0] ?? (isRequired ? schema.enum[0] : undefined);
    switch (kind) {
      case 'integer':
      case 'number':
        return next(kind) ?? (isRequired ? 0 : undefined);
      case 'boolean':
        return isRequired ? !/\b(no|not|false|off)\b|不|否/i.test(text) : undefined;
      case 'array':
        return isRequired ? items(isObject(schema.items) ? schema.items : {}) : undefined;
      case 'object':
        return isRequired ? {} : undefined;
      default:
        return quoted.shift() ?? (isRequired ? rest : undefined);
    }
  }

  function next(kind: string): number | undefined {
    const at = numbers.findIndex((number) => kind === 'number' || Number.isInteger(number));
    return at < 0 ? undefined : numbers.splice(at, 1)[0];
  }

  function items(schema: Fields): unknown[] {
    const kind = kindOf(schema);
    if (kind === 'integer' || kind === 'number') return numbers.splice(0);
    if (quoted.length > 0) return quoted.splice(0);
    return rest.split(/\s*[,，、]\s*/).filter((item) => item !== '');
  }

  return { value };
}

/** What a text says by name: `unit=c`, `unit: "c"`. */
function explicit(name: string, text: string): string | undefined {
  const escaped = name.replaceAll(/[^\w]/g, '\\$&');
  const found = new RegExp(`(?<![\\w])${escaped}\\s*[=:：]\\s*("[^"]*"|“[^”]*”|[^\\s,，;；]+)`, 'i').exec(
    text,
  );
  return found?.[1]?.replaceAll(/^["“]|["”]$/g, '');
}

/** A text that was given by name, as what the argument is. */
function as(kind: string, given: string, schema: Fields): unknown {
  if (kind === 'integer' || kind === 'number') return Number.isNaN(Number(given)) ? given : Number(given);
  if (kind === 'boolean') return /^(true|yes|1|on|是)$/i.test(given);
  if (kind === 'array') return [as(kindOf(isObject(schema.items) ? schema.items : {}), given, {})];
  return given;
}

/** The type of a value: of several the first that is not `null`. */
function kindOf({ type, anyOf }: Fields): string {
  const types = [type, ...listOf(anyOf).map((one) => (isObject(one) ? one.type : undefined))].flat();
  return types.find((one): one is string => isText(one) && one !== 'null') ?? 'string';
}
