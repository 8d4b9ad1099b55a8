// A reply costs what it is long, whatever it is made of and however it is cut: nothing looks at the same text again and
// again. Counted in characters looked at, and tried with a million pieces, which the square of would never end.
import { expect, test } from 'bun:test';
import { createLineReader } from '../../static/rich-text/lines.ts';
import { mend } from '../../static/rich-text/mend.ts';
import { createSplitter } from '../../static/rich-text/split.ts';
import { EventLog } from '../chat/log/event-log.ts';
import { contentPiece, thoughtPiece } from '../chat/log/turn-event.ts';
import { nameFrom } from '../chat/session-names.ts';
import type { ModelEvent } from '../models/model.ts';
import { createCompletionReader } from '../models/openai/completion-body.ts';
import { readChunk } from '../models/openai/completion-chunk.ts';
import { type CallGatherer, createCallGatherer } from '../models/reply/call-gatherer.ts';
import type { CallPart } from '../models/reply/call-part.ts';
import { createReplyAssembler } from '../models/reply/reply-assembler.ts';
import { createThoughtSplitter } from '../models/reply/thought.ts';
import { createWrittenCalls } from '../models/reply/written-calls.ts';
import { ServerFailure } from '../models/server-failures.ts';
import { countTokens } from '../models/tokens.ts';
import { createToolNames } from '../models/tool-names.ts';
import { countSteps } from '../testing/count-steps.ts';

const pieces: Record<string, string> = {
  'a space': ' ',
  'a line break': '\n',
  'a space and a line break': ' \n',
  CRLF: '\r\n',
  'a line separator': '\u2028',
  'an angle bracket': '<',
  'an opening tag': '<think>',
  'half a closing tag': '</',
  'a closing tag': '</think>',
  'a backquote': '`',
  'a pipe': '|',
  'a dollar sign': '$',
  'a star': '*',
  'a bracket': '[',
  'a backslash': '\\',
  'a quote': '>',
  'an item': '- a\n',
  'a Chinese character': '汉',
  'half an emoji': '\ud83d',
  'the other half': '\ude00',
  'a character without width': '\u200b',
  NUL: '\0',
  'a digit': '1',
};

/** What has to do with each piece of a reply. */
const stations: Record<string, (given: string[]) => void> = {
  'the thought’s tags, at the start': (given) => split('', given),
  'the thought’s tags, in the thought': (given) => split('<think>a', given),
  'the thought’s tags, after the thought': (given) => split('<think>a</think>', given),
  'calls in the text, before a call': (given) => written('', given),
  'calls in the text, behind the tag': (given) => written('<tool_call>', given),
  'calls in the text, in a call': (given) => written('<tool_call>{', given),
  'calls in the text, after a call': (given) => written('<tool_call>{"name":"f"}</tool_call>', given),
  'the pieces of a call': (given) => {
    const gathered = createCallGatherer(names);
    for (const text of given)
      gather(gathered, { index: 0, id: '', name: 'f', arguments: text, isWhole: false });
    gathered.calls();
    gathered.areWhole();
  },
  'a model server’s bytes that are no event': (given) => read(given),
  'an event of many lines': (given) => read(given.map((text) => `data: ${text}\n`)),
  'the page’s blocks': (given) => {
    const lines = createLineReader();
    const splitter = createSplitter({
      text() {},
      codeBegins() {},
      code() {},
      codeEnds() {},
      foldBegins() {},
      foldEnds() {},
      noteBegins() {},
      noteEnds() {},
    });
    for (const text of given) {
      lines.push(text);
      for (let line = lines.next(); line; line = lines.next()) splitter.line(line);
    }
    splitter.end();
  },
};

const names = createToolNames([{ name: 'f' }]);

function written(before: string, given: string[]): void {
  const gathered = createCallGatherer(names);
  const calls = createWrittenCalls(names.has, (part) => gather(gathered, part));
  calls.push(before);
  for (const text of given) calls.push(text);
  calls.end();
  gathered.calls();
}

/** More than any reply needs is refused. */
function gather(gathered: CallGatherer, part: CallPart): void {
  try {
    gathered.add(part);
  } catch (error) {
    if (!(error instanceof ServerFailure)) throw error;
  }
}

function split(before: string, given: string[]): void {
  const splitter = createThoughtSplitter();
  splitter.push(before);
  for (const text of given) splitter.push(text);
  splitter.end();
}

function read(given: string[]): void {
  const reader = createCompletionReader({ model: 'm', redact: (text) => text, readChunk });
  try {
    for (const text of given) reader.push(bytesOf(text), () => {});
  } catch (error) {
    // What is no reply is refused.
    if (!(error instanceof ServerFailure)) throw error;
  }
}

const encoder = new TextEncoder();
const bytesOf = (text: string): Uint8Array => encoder.encode(text);

const many = (text: string, count: number): string[] => Array.from({ length: count }, () => text);

for (const [name, take] of Object.entries(stations)) {
  test(`${name}: a character is looked at no more often the more there are`, () => {
    const count = 20_000;
    // The page cuts lines at 2,000 characters, up to which it looks at one again.
    const most = name === 'the page’s blocks' ? 2500 : 100;
    for (const text of Object.values(pieces)) {
      for (const given of [many(text, count), [text.repeat(count)]]) {
        const each = countSteps(() => take(given)) / (count * text.length);
        expect({ text, isFew: each < most, each }).toMatchObject({ isFew: true });
      }
      take([text.repeat(1_000_000)]);
    }
  });
}

test('a million pieces of any kind are split into thought and reply', () => {
  for (const text of Object.values(pieces)) {
    const given = many(text, 1_000_000);
    for (const before of ['', '<think>a', '<think>a</think>']) split(before, given);
  }
});

test('from a model server’s bytes to who reads the turn, a character costs the same wherever it stands', () => {
  const count = 5000;
  for (const text of Object.values(pieces)) {
    const short = countSteps(() => followed(many(text, count)));
    const long = countSteps(() => followed(many(text, 4 * count)));
    expect({ text, isInProportion: long < 5 * short, short, long }).toMatchObject({ isInProportion: true });
  }
});

/** A reply of these pieces, read and appended to a turn’s log, from which somebody reads each piece as it comes. */
function followed(given: string[]): void {
  const reader = createCompletionReader({ model: 'm', redact: (text) => text, readChunk });
  const reply = createReplyAssembler();
  const log = new EventLog(1);
  const reading = log.read(undefined, () => {});
  const append = (events: ModelEvent[]): void => {
    for (const event of events) {
      if (!('text' in event)) continue;
      log.append((event.type === 'thought' ? thoughtPiece : contentPiece)('a', event.text));
    }
    while (reading.next().length > 0);
  };
  for (const content of given) {
    const chunk = JSON.stringify({ choices: [{ delta: { content } }] });
    const events: ModelEvent[] = [];
    reader.push(bytesOf(`data: ${chunk}\n\n`), (came) => void reply.push(came, events));
    append(events);
  }
  const last: ModelEvent[] = [];
  reply.end(last, 'done');
  append(last);
}

test('who begins to read a reply of a million pieces late does not go through it again with each look', () => {
  const log = new EventLog(1);
  for (const text of many('a', 1_000_000)) log.append(contentPiece('a', text));
  const reading = log.read(undefined, () => {});
  let length = 0;
  for (let events = reading.next(); events.length > 0; events = reading.next())
    for (const event of events)
      if (event.event === 'ModelClientStreamingChunkEvent') length += event.data.content.length;
  expect(length).toBe(1_000_000);
});

test('a name and the tokens of a million characters of any kind are found', () => {
  for (const text of Object.values(pieces)) {
    const long = text.repeat(1_000_000);
    expect(nameFrom(long).length).toBeLessThan(500);
    expect(countTokens(long)).toBeGreaterThan(0);
  }
});

test('the end of a reply that is being written is mended, whatever a million characters in it are', () => {
  // A regular expression that looks from each of them to the end would never be done.
  for (const text of ['\\', '[', '![', '\n', ' \n', '\u2028']) {
    const source = `a${text.repeat(1_000_000)}b`;
    expect(mend(source, 'c').source).toBe(`${source}c`);
  }
});
