// The stream of a turn, with a pause in it that comments fill, as the decoders read it that programs use.
import { expect, test } from 'bun:test';
import {
  type EventSourceMessage,
  getBytes,
  getLines,
  getMessages,
} from '@microsoft/fetch-event-source/lib/cjs/parse';
import { EventSource } from 'eventsource';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { readEvents } from '../../static/api/event-stream.ts';
import { eachEvent } from '../testing/event-stream.ts';
import { type Decoded, pythonDecoders } from '../testing/python-decoders.ts';
import { call, json, modelEnv, testServers } from '../testing/servers.ts';

const { start, modelServer, database } = testServers();
const python = await pythonDecoders();

/** Longer than two comments take to come. */
const pauseMs = 12_000;
const odd =
  'lines\nin\r\na\rpiece\u0085of\u2028every\u2029kind\u000b\u000c\u001c\u001d\u001e\ufeff 汉😀\n\n: no comment\ndata: no data\n\nid: 7\n';
const before = ['\ufeff', 'before ', odd, ' ', '\n', '\n\n'];
const after = ['after ', 'x'.repeat(300_000), '\u2028'];
const reply = [...before, ...after].join('');

const accept = { accept: 'text/event-stream' };

/** Each reads the stream at `url` to `done`. */
const decoders: Record<string, (url: string) => Promise<Decoded[]>> = {
  'the page’s': async (url) => {
    const seen: Decoded[] = [];
    for await (const { event, id, data } of readEvents(await fetch(url, { headers: accept })))
      seen.push({ event, id: id ?? '', data });
    return seen;
  },
  'eventsource-parser': async (url) => {
    const seen: Decoded[] = [];
    const { body } = await fetch(url, { headers: accept });
    if (!body) return seen;
    const events = body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
    const reader = events.getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      const { event = '', id = '', data } = next.value;
      seen.push({ event, id, data });
    }
    return seen;
  },
  eventsource: (url) =>
    new Promise((resolve) => {
      const seen: Decoded[] = [];
      const source = new EventSource(url);
      for (const name of ['message', ...names]) {
        source.addEventListener(name, ({ type, data, lastEventId }) => {
          seen.push({ event: type, id: lastEventId, data });
          if (type !== 'done') return;
          source.close();
          resolve(seen);
        });
      }
    }),
  '@microsoft/fetch-event-source': async (url) => {
    const seen: Decoded[] = [];
    const nothing = () => {};
    const take = ({ event, id, data }: EventSourceMessage) => seen.push({ event, id, data });
    const { body } = await fetch(url, { headers: accept });
    if (body) await getBytes(body, getLines(getMessages(nothing, nothing, take)));
    return seen;
  },
};

const names = ['turn', 'ModelClientStreamingChunkEvent', 'TextMessage', 'done'];

const missing = python.missing;

test('every decoder reads each event of a stream with a long pause, and nothing else', async () => {
  const model = modelServer(() => [
    ...before.map((text) => ({ text })),
    { wait: pauseMs },
    ...after.map((text) => ({ text })),
  ]);
  const server = await start({ ...(await database()), ...modelEnv(model) });
  const { id } = await json(call(server, 'POST', '/api/sessions'));
  const stream = await call(server, 'POST', `/api/sessions/${id}/chat?stream=true`, { content: 'hi' });
  let turn = '';
  for await (const { data } of eachEvent(stream)) {
    turn = data.turn_id;
    break;
  }
  const url = `${server.url}/api/sessions/${id}/turns/${turn}`;
  const [raw, read, byPython] = await Promise.all([
    call(server, 'GET', new URL(url).pathname, undefined, accept).then((response) => response.text()),
    Promise.all(Object.entries(decoders).map(async ([name, decode]) => [name, await decode(url)] as const)),
    python.missing === undefined ? python.read(url) : {},
  ]);

  expect(raw.match(/^: still here$/gm)?.length).toBeGreaterThanOrEqual(2);
  const all: Record<string, Decoded[]> = { ...Object.fromEntries(read), ...byPython };
  expect(Object.keys(all).length).toBe(missing ? 4 : 9);
  for (const [name, events] of Object.entries(all)) {
    const values = events.map(({ event, id, data }) => ({ event, id, data: JSON.parse(data) }));
    const pieces = values.filter(({ event }) => event === 'ModelClientStreamingChunkEvent');
    expect({ name, events: events.map(({ event }) => event) }).toEqual({
      name,
      events: ['turn', ...pieces.map(({ event }) => event), 'TextMessage', 'done'],
    });
    expect(pieces.map(({ data }) => data.content).join('')).toBe(reply);
    expect(values.at(-2)?.data.content).toBe(reply);
    for (const { id } of values) expect(id).toMatch(/^\d+\.\d+\.\d+\.\d+\.\d+$/);
  }
}, 60_000);

if (missing) test.skip(`the same with Python’s decoders (${missing})`, () => {});
