// AutoGen's component format: a mapping whose `provider` names a class and whose `config` belongs to it.

import type { ChatModel } from '../model.ts';
import { type ConfigReader, createConfigReader } from './config-reader.ts';
import type { ConfigPath, ConfigSource, Environment } from './config-source.ts';
import { nearestName } from './nearest-name.ts';

/** One file while it is read. `defaultModel` is for an agent that names none. */
export type Reading = {
  source: ConfigSource;
  env: Environment;
  warnings: string[];
  defaultModel?: () => ChatModel;
};

export type Mapping = Record<string, unknown>;

/** `className` is the last part of the provider's name; `key` is the one it stood under. */
export type Component = {
  key: 'provider' | 'class';
  className: string;
  config: Mapping;
  whole: Mapping;
  path: ConfigPath;
};

/** `class` is an older name for `provider`; the rest AutoGen writes and nothing here needs. */
export const COMPONENT_KEYS: readonly string[] = [
  ...['provider', 'class', 'config'],
  ...['component_type', 'version', 'component_version', 'description', 'label'],
];

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function missingProvider(whole: Mapping, path: ConfigPath, what: string, source: ConfigSource) {
  const others = Object.keys(whole).filter((name) => !COMPONENT_KEYS.includes(name));
  const nearest = nearestName('provider', others);
  if (nearest) return source.error([...path, nearest], `unknown key "${nearest}"; did you mean provider?`);
  const example = 'provider: OpenAIChatCompletionClient';
  return source.error(path, `${what} has no provider; it needs one, such as ${example}, and config`);
}

/** The component at `path`; `what` names it in errors. */
export function readComponent(
  whole: unknown,
  path: ConfigPath,
  what: string,
  { source }: Reading,
): Component {
  if (!isMapping(whole)) throw source.error(path, `${what} must be a mapping with provider and config`);
  const key = 'provider' in whole ? 'provider' : 'class';
  const provider = whole[key];
  if (provider === undefined) throw missingProvider(whole, path, what, source);
  if (typeof provider !== 'string') throw source.error([...path, key], `${key} must be the name of a class`);
  const { config = {} } = whole;
  if (!isMapping(config)) throw source.error([...path, 'config'], 'config must be a mapping');
  return { key, className: provider.trim().split('.').at(-1) ?? '', config, whole, path };
}

/** The entry for a component's class; an unknown one is an error that names the nearest, or all. */
export function entryFor<T>(
  component: Component,
  known: Readonly<Record<string, T>>,
  others: readonly string[],
  { source }: Reading,
): T {
  const entry = Object.hasOwn(known, component.className) ? known[component.className] : undefined;
  if (entry !== undefined) return entry;
  const names = [...Object.keys(known), ...others];
  const nearest = nearestName(component.className, names);
  const classes = names.filter((name) => /^[A-Z]/.test(name)).join(', ');
  const hint = nearest ? `did you mean ${nearest}?` : `it may be ${classes}`;
  const message = `unknown provider ${JSON.stringify(component.className)}; ${hint}`;
  throw source.error([...component.path, component.key], message);
}

/** A reader of the component's `config`. */
export function readerFor({ config, path }: Component, reading: Reading): ConfigReader {
  return createConfigReader(config, [...path, 'config'], reading.source, reading.env, reading.warnings);
}
