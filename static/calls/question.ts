// A call that is a question to the person.
import type { ToolCall } from '../api/calls-wire.ts';
import { list, parseJson, record, textOf } from '../api/json.ts';
import { shown } from './json-text.ts';

/** `options` are answers to choose from; another may be given. */
export type Question = { text: string; options: string[] };

/** The server calls no other tool so. */
export function questionIn({ name, arguments: given }: ToolCall): Question | null {
  if (name !== 'ask_user') return null;
  const { question, options } = record(parseJson(given));
  const text = shown(textOf(question));
  return text.trim() === ''
    ? null
    : { text, options: [...new Set(list(options).map(textOf).filter(Boolean))] };
}
