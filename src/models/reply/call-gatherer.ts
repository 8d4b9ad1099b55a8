// Makes whole calls of tools of the pieces that a reply brings, however its server numbers and names them.
import { wellFormed } from '../../words/well-formed.ts';
import { reasons } from '../failure-reasons.ts';
import type { FunctionCall } from '../messages.ts';
import { unreadableFailure } from '../server-failures.ts';
import type { ToolNames } from '../tool-names.ts';
import { wellFormedJson } from '../well-formed.ts';
import type { CallPart } from './call-part.ts';

const MOST_CALLS = 128;
/** Of ids, names and arguments together, in UTF-16 characters. */
const MOST_CHARACTERS = 1024 * 1024;

/** The calls of one reply. */
export type CallGatherer = {
  /** Throws a ServerFailure where they become more, or longer, than any reply needs. */
  add(part: CallPart): void;
  /** All calls that have a name, in their order: well-formed, each with an id of its own. */
  calls(): FunctionCall[];
  isEmpty(): boolean;
  /** Whether the arguments of all are JSON. */
  areWhole(): boolean;
};

type Call = {
  id: string;
  name: string;
  arguments: string;
  /** How the arguments end so far: asked of them as they grow, it would cost their length each time. */
  last: string;
  isWhole: boolean;
};

/** A gatherer of calls of tools with these names. */
export function createCallGatherer(names: ToolNames): CallGatherer {
  const calls: Call[] = [];
  /** The last call with each index. */
  const byIndex = new Map<number, Call>();
  let length = 0;

  /** The call that a part goes on with, if that is not a new one. */
  function begun({ index, id }: CallPart): Call | undefined {
    if (index !== undefined) return byIndex.get(index);
    return (id === '' ? undefined : calls.find((call) => call.id === id)) ?? calls.at(-1);
  }

  function begin(part: CallPart): Call {
    if (calls.length === MOST_CALLS) throw tooMuch(`over ${MOST_CALLS} calls of tools`);
    const call = { id: '', name: '', arguments: '', last: '', isWhole: false };
    calls.push(call);
    if (part.index !== undefined) byIndex.set(part.index, call);
    return call;
  }

  return {
    add(part) {
      const open = begun(part);
      const call = open && goesOn(open, part) ? open : begin(part);
      const before = call.id.length + call.name.length + call.arguments.length;
      extend(call, part);
      // Pieces that bring nothing have an end too.
      length += Math.max(1, call.id.length + call.name.length + call.arguments.length - before);
      if (length > MOST_CHARACTERS) throw tooMuch(`over ${MOST_CHARACTERS} characters of calls`);
    },
    calls() {
      const given = new Set<string>();
      return calls.flatMap(({ id, name, arguments: text }) => {
        if (name === '') return [];
        const clean = wellFormed(id);
        const own = clean === '' || given.has(clean) ? newCallId() : clean;
        given.add(own);
        return [{ id: own, arguments: storable(text), name: names.meant(wellFormed(name)) }];
      });
    },
    isEmpty: () => calls.length === 0,
    areWhole: () => calls.every((call) => isNone(call.arguments) || isJson(call.arguments)),
  };
}

/** Whether a part belongs to a call that has begun, and does not begin another in its place. */
function goesOn(call: Call, part: CallPart): boolean {
  if (part.id !== '' && call.id !== '' && part.id !== call.id)
    // Some servers make up another id for each piece; some have one index for all calls.
    return part.name === '' && part.index !== undefined;
  if (call.isWhole && part.isWhole) return false;
  if (part.name === '') return true;
  if (call.isWhole || part.isWhole) return false;
  if (call.name === '' || call.arguments.length === 0 || part.id !== '') return true;
  // Without ids, a name that comes again begins another call, unless it comes with each piece. Between two pieces of
  // one JSON text these brackets cannot meet.
  return part.name === call.name && !(call.last === '}' && part.arguments.startsWith('{'));
}

function extend(call: Call, part: CallPart): void {
  if (call.id === '') call.id = part.id;
  // It may come in pieces, and may be said again with each piece of the arguments.
  if (call.name === '' || (call.arguments.length === 0 && part.name !== call.name)) call.name += part.name;
  // Some gateways send the empty arguments with which a reply begins before the real ones.
  const isReplaced = call.arguments.length === 2 && call.arguments === '{}' && part.arguments !== '';
  call.arguments = isReplaced ? part.arguments : call.arguments + part.arguments;
  call.last = part.arguments.at(-1) ?? call.last;
  call.isWhole ||= part.isWhole;
}

/** An id for a call to which the server gave none. */
export const newCallId = (): string => `call_${crypto.randomUUID().replaceAll('-', '').slice(0, 24)}`;

const isNone = (text: string): boolean => text.trim() === '' || text.trim() === 'null';

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Arguments that can be stored, and sent again: templates of model servers refuse those that are not there. */
const storable = (text: string): string => (isNone(text) ? '{}' : wellFormedJson(wellFormed(text)));

const tooMuch = (found: string) => unreadableFailure(reasons.tooManyCalls, found);
