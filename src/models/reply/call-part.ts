// What one chunk of a completion says of calls of tools: pieces of them, or whole ones.
import { type Fields, isObject, listOf, textOf } from '../config/fields.ts';

export type CallPart = {
  /** Which call of the reply it belongs to, where the server says so; several have been seen with one. */
  index: number | undefined;
  /** Each of these may be '', and in the first piece alone. */
  id: string;
  name: string;
  /** A piece of the arguments' JSON. */
  arguments: string;
  /** It is all there is of the call. */
  isWhole: boolean;
};

export const noCalls: readonly CallPart[] = [];

/** The calls in a delta or in a message (`isWhole`) of chat completions, also by their older name. */
export function callsIn({ tool_calls, function_call }: Fields, isWhole: boolean): readonly CallPart[] {
  // As nearly every piece of every reply is.
  if (tool_calls === undefined && function_call === undefined) return noCalls;
  const parts = listOf(tool_calls).flatMap((call) =>
    isObject(call) ? partOf(call.function, call, isWhole) : [],
  );
  return parts.length > 0 ? parts : partOf(function_call, {}, isWhole);
}

function partOf(called: unknown, { index, id }: Fields, isWhole: boolean): CallPart[] {
  if (!isObject(called)) return [];
  const { name, arguments: given } = called;
  const part: CallPart = {
    index: typeof index === 'number' ? index : undefined,
    id: textOf(id),
    name: textOf(name),
    arguments: argumentsText(given),
    isWhole,
  };
  return part.id === '' && part.name === '' && part.arguments === '' ? [] : [part];
}

/** Arguments as JSON; some servers send the object itself. */
export const argumentsText = (given: unknown): string =>
  isObject(given) ? JSON.stringify(given) : textOf(given);
