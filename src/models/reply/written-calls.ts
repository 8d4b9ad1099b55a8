// Calls of tools that a model writes into its text, as `<tool_call>{"name": …, "arguments": {…}}</tool_call>`, where
// its server does not know how to read them.

import { isObject, isText } from '../config/fields.ts';
import { argumentsText, type CallPart } from './call-part.ts';
import { beginningOf } from './thought.ts';

const OPENING = '<tool_call>';
const CLOSING = '</tool_call>';
/** What is longer is no call, but text. */
const LONGEST_CALL = 1024 * 1024;
/** So much whitespace stands before a call at most: it is looked at with each piece. */
const LONGEST_GAP = 1000;

/** One reply's text: `push` takes a piece of it, and `end` says that this was all; both give what of it is no call. */
export type WrittenCalls = {
  push(text: string): string;
  end(): string;
  /** Whether what has come since is held back as the beginning of a call. */
  isOpen(): boolean;
};

/**
 * Takes the calls out of a text, and gives them to `take`. A call is an object with the name of a tool, of which
 * `isTool` knows, and arguments; its closing tag may be missing at the end. Anything else stays text.
 *
 * @example
 * const calls = createWrittenCalls((name) => name === 'add', (part) => parts.push(part));
 * calls.push('I add.<tool_ca'); // 'I add.'
 * calls.push('ll>{"name":"add","arguments":{"a":1}}</tool_call>'); // ''
 */
export function createWrittenCalls(
  isTool: (name: string) => boolean,
  take: (part: CallPart) => void,
): WrittenCalls {
  let state: 'text' | 'opened' | 'call' = 'text';
  /** The beginning of a tag at the end of the text, or the whitespace behind a tag. */
  let held = '';
  let isAfterCall = false;
  /** In a call: all pieces of it; the end of them, which may be the beginning of its closing tag. */
  let pieces: string[] = [];
  let length = 0;
  let tail = '';

  /** Each of these takes a part of what is there, and says what of it is text and what is left. */
  type Step = { shown: string; rest: string };

  function inText(given: string): Step {
    const text = isAfterCall ? given.trimStart() : given;
    isAfterCall &&= text === '';
    const at = text.indexOf(OPENING);
    if (at < 0) {
      const shown = text.slice(0, text.length - beginningOf(OPENING, text));
      held = text.slice(shown.length);
      return { shown, rest: '' };
    }
    state = 'opened';
    return { shown: text.slice(0, at), rest: text.slice(at + OPENING.length) };
  }

  /** Who only speaks of the tag writes no object behind it. */
  function opened(given: string): Step {
    const text = given.trimStart();
    if (text === '' && given.length < LONGEST_GAP) {
      held = given;
      return { shown: '', rest: '' };
    }
    state = text.startsWith('{') ? 'call' : 'text';
    return state === 'call' ? { shown: '', rest: text } : { shown: OPENING, rest: given };
  }

  function inCall(given: string): Step {
    const seen = tail + given;
    pieces.push(given);
    length += given.length;
    const isTooLong = length > LONGEST_CALL;
    const at = isTooLong ? -1 : seen.indexOf(CLOSING);
    if (at < 0 && !isTooLong) {
      tail = seen.slice(1 - CLOSING.length);
      return { shown: '', rest: '' };
    }
    const rest = at < 0 ? '' : seen.slice(at + CLOSING.length);
    const whole = pieces.join('');
    return { shown: close(whole.slice(0, whole.length - rest.length), at >= 0), rest };
  }

  /** Ends a call of this text, with its closing tag or without; gives the text where it is none. */
  function close(whole: string, isClosed: boolean): string {
    state = 'text';
    pieces = [];
    length = 0;
    tail = '';
    const inside = isClosed ? whole.slice(0, -CLOSING.length) : whole;
    // Where one is not closed, the next may begin.
    const calls = inside.split(OPENING).map((json) => readCall(json, isTool));
    if (!calls.every((call) => call !== undefined)) return OPENING + whole;
    calls.forEach(take);
    isAfterCall = true;
    return '';
  }

  const steps = { text: inText, opened, call: inCall };

  return {
    push(text) {
      let shown = '';
      let rest = held + text;
      held = '';
      while (rest !== '') {
        const step = steps[state](rest);
        shown += step.shown;
        rest = step.rest;
      }
      return shown;
    },
    end() {
      if (state === 'call') return close(pieces.join(''), false);
      return state === 'opened' ? OPENING + held : held;
    },
    isOpen: () => state !== 'text',
  };
}

function readCall(json: string, isTool: (name: string) => boolean): CallPart | undefined {
  try {
    const call: unknown = JSON.parse(json);
    if (!isObject(call) || !isText(call.name) || !isTool(call.name)) return undefined;
    // Some models were taught `parameters`.
    const given = call.arguments ?? call.parameters ?? {};
    if (!isObject(given) && !isText(given)) return undefined;
    return { index: undefined, id: '', name: call.name, arguments: argumentsText(given), isWhole: true };
  } catch {
    return undefined;
  }
}
