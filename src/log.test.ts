import { expect, test } from 'bun:test';
import { createLog } from './log.ts';

function written(level: 'debug' | 'info' | 'warn' | 'error', format: 'json' | 'pretty') {
  const lines: string[] = [];
  return { lines, log: createLog({ level, format, write: (line) => lines.push(line) }) };
}

test('below its level nothing is written', () => {
  const { lines, log } = written('warn', 'json');
  log.debug('a');
  log.info('b');
  log.warn('c');
  log.error('d');
  expect(lines.map((line) => JSON.parse(line).message)).toEqual(['c', 'd']);
});

test('json is one object a line, pretty is for reading', () => {
  const json = written('info', 'json');
  json.log.info('two\nlines', { n: 1, text: 'a\nb' });
  expect(json.lines).toHaveLength(1);
  expect(json.lines[0]).not.toContain('\n');
  expect(JSON.parse(json.lines[0] ?? '')).toMatchObject({ level: 'info', message: 'two\nlines', n: 1 });
  const pretty = written('info', 'pretty');
  pretty.log.warn('mind this', { status: 503 });
  expect(pretty.lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} warn {2}mind this status=503$/);
});

test('an error is logged with its cause, and a statement’s never with its parameters', () => {
  const { lines, log } = written('info', 'json');
  const cause = new Error('connection lost');
  const query = Object.assign(new Error('Failed query: insert … params: my secret words'), { cause });
  log.error('failed', { error: new Error('outer', { cause: query }) });
  expect(lines[0]).toContain('outer');
  expect(lines[0]).toContain('connection lost');
  expect(lines[0]).not.toContain('my secret words');
});

// From the outside: a path, a header, an upstream's message.
const forged =
  'x\r\n12:00:00.000 info  request path=/admin status=200\u001b[2J\u0007\u007f\u009b31m\u202e\u2066\u2028';
const control = /[\p{Cc}\p{Zl}\p{Zp}\u200e-\u202e\u2066-\u2069]/u;

test('what others wrote can neither begin a line nor command a terminal', () => {
  for (const format of ['json', 'pretty'] as const) {
    const { lines, log } = written('info', format);
    log.info(forged, { path: forged, list: [forged] });
    log.error('failed', { error: forged, request_id: 'a status=200' });
    for (const line of lines) expect(line).not.toMatch(control);
    expect(lines.join()).toContain(
      format === 'json' ? '"request_id":"a status=200"' : 'request_id="a status=200"',
    );
  }
  const { lines, log } = written('info', 'json');
  log.info(forged, { path: forged });
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ message: forged, path: forged });
});

test('a text is quoted only where it must be', () => {
  const { lines, log } = written('info', 'pretty');
  log.info('request', { path: '/会话/é', empty: '', quote: 'a"b', n: null, nothing: undefined });
  expect(lines[0]).toEndWith('info  request path=/会话/é empty="" quote="a\\"b" n=null nothing=undefined');
});

test('an error keeps its lines on a terminal, and none of them looks like the log’s own', () => {
  const { lines, log } = written('info', 'pretty');
  log.error('failed', { error: new Error(forged, { cause: new Error('deeper') }) });
  const [first, ...rest] = (lines[0] ?? '').split('\n');
  expect(first).toContain('failed error=Error: x');
  expect(rest.length).toBeGreaterThan(1);
  for (const line of rest) expect(line).toMatch(/^ {4}/);
  expect(lines[0]).toContain('    caused by Error: deeper');
  expect(lines[0]?.replaceAll('\n', '')).not.toMatch(control);
});
