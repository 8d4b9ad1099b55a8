// Reads what every agent has: a model client, a system message, a context.
import {
  type Component,
  entryFor,
  type Mapping,
  type Reading,
  readComponent,
  readerFor,
} from '../../models/config/component.ts';
import { warnUnknownKeys } from '../../models/config/config-reader.ts';
import type { ConfigPath } from '../../models/config/config-source.ts';
import type { ChatModel } from '../../models/model.ts';
import { NOT_SUPPORTED, providers } from '../../models/providers.ts';
import { type ContextPolicy, contextReaders, DEFAULT_CONTEXT_POLICY } from '../context-policy.ts';

/** Null where nothing is said of it; an empty text means none. */
export function readSystemMessage(value: unknown, path: ConfigPath, { source }: Reading): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw source.error(path, 'system_message must be a text');
  return value;
}

export function readContextPolicy(value: unknown, path: ConfigPath, reading: Reading): ContextPolicy {
  if (value === undefined) return DEFAULT_CONTEXT_POLICY;
  const component = readComponent(value, path, 'model_context', reading);
  return entryFor(component, contextReaders, [], reading)(readerFor(component, reading).read);
}

/** `others` are classes that might have stood there too. */
export function readModel(component: Component, others: readonly string[], reading: Reading): ChatModel {
  const { className, path, key } = component;
  const instead = Object.hasOwn(NOT_SUPPORTED, className) ? NOT_SUPPORTED[className] : undefined;
  if (instead) throw reading.source.error([...path, key], `${className} is not supported; ${instead}`);
  return entryFor(component, providers, others, reading)(readerFor(component, reading));
}

export function warnKeys(
  given: Mapping,
  path: ConfigPath,
  known: readonly string[],
  { source, warnings }: Reading,
): void {
  warnUnknownKeys(given, known, (key, message) => warnings.push(source.at([...path, key], message)));
}
