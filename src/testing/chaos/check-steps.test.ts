// The checks of turns of three steps, and of those who follow them, find what is wrong, each kind under its own name.
import { describe, expect, test } from 'bun:test';
import type { ReceivedEvent } from '../event-stream.ts';
import { threeSources, threeStepsName } from '../three-steps.ts';
import { checkSteps } from './check-steps.ts';
import { checkReaders } from './check-streams.ts';
import { checkTurns } from './check-turns.ts';
import { createReader, type Reader, replyOf, take } from './reader.ts';
import { type ChaosRecord, createRecord } from './record.ts';
import { scriptedReply, textOf } from './scripted-reply.ts';
import type { MessageRow, StoredSession, TurnRow } from './stored.ts';
import { note } from './watch-turns.ts';
import type { Message } from './wire.ts';

const tag = 'c1-1';

type Scene = {
  session: StoredSession;
  turn: TurnRow;
  status: (status: 'completed' | 'failed' | 'cancelled', code?: string) => void;
  /** The stored steps: one of each of two attempts, and two of a third. */
  steps: [MessageRow, MessageRow, MessageRow];
  record: ChaosRecord;
};

const said = (step: number, ask: number) => scriptedReply({ tag, step, ask });
const idOf = (step: number): string => `step ${step}`;

function stepRow(step: number, ask: number, attempt: number): MessageRow {
  const { thought, content } = said(step, ask);
  const source = threeSources[step] ?? '';
  const place = { id: idOf(step), seq: 2, step, attempt };
  return {
    ...place,
    role: 'assistant',
    source,
    type: 'TextMessage',
    data: null,
    content,
    thought: thought || null,
  };
}

/**
 * A turn of three steps that lost its process in the first one and in the second: it was asked twice for each of these,
 * and once for the last.
 */
function scene(change: (scene: Scene) => void = () => {}): Scene {
  const question: Message = {
    id: 'question',
    role: 'user',
    source: 'user',
    type: 'TextMessage',
    content: textOf(tag),
    metadata: {},
  };
  const steps: Scene['steps'] = [stepRow(0, 2, 2), stepRow(1, 2, 3), stepRow(2, 1, 3)];
  const turn: TurnRow = {
    id: 't',
    seq: 1,
    reply_seq: 2,
    reply_id: idOf(2),
    agent: threeStepsName,
    step: 2,
    status: 'completed',
    attempt: 3,
  };
  const told = { id: 't', user_message: question, reply: null, attempt: 3 };
  const session: StoredSession = {
    id: 's',
    history: [],
    turns: [{ ...told, status: 'completed', error: null }],
    messageCount: 4,
    row: { id: 's', message_count: 4, queued_turns: 0, running_lease: null, waiting_turn: null },
    messageRows: [{ ...question, seq: 1, step: 0, attempt: null, data: null, thought: null }, ...steps],
    turnRows: [turn],
  };
  const record = createRecord();
  record.sent.push({
    tag,
    key: tag,
    client: 'c1',
    sessionId: 's',
    accepted: true,
    turnIds: new Set(['t']),
    told: [],
    retries: 0,
  });
  const asks = [
    [0, 1],
    [0, 2],
    [1, 1],
    [1, 2],
    [2, 1],
  ] as const;
  for (const [index, [step, ask]] of asks.entries()) {
    const before = [0, 1, 2].slice(0, step).map((one) => ({ tag, step: one, ask: 2 }));
    record.modelCalls.push({ tag, step, ask, before, server: `0-${index}`, at: 1000 * index, cut: false });
    record.faults.push({ kind: 'kill -9', at: 1000 * index, until: 1000 * index, server: `0-${index}` });
  }
  for (const attempt of [1, 2, 3])
    note(record.watched, { id: 't', reply_id: idOf(2), step: attempt - 1, attempt });
  const status: Scene['status'] = (is, code) => {
    turn.status = is;
    session.turns = [{ ...told, status: is, error: code === undefined ? null : { code, detail: '' } }];
  };
  const made = { session, turn, steps, record, status };
  change(made);
  return made;
}

/** Takes away a stored step. */
function drop({ session, steps }: Scene, step: 0 | 1 | 2): void {
  session.messageRows = session.messageRows.filter((row) => row !== steps[step]);
}

/** The names of what the checks find. */
function found(change?: (scene: Scene) => void): string[] {
  const { session, record } = scene(change);
  const findings = [...checkSteps(record, [session]), ...checkTurns(record, [session], [])];
  return findings.filter(({ cases }) => cases.length > 0).map(({ what }) => what);
}

describe('the checks of turns of several steps', () => {
  test('find nothing where all is well', () => {
    expect(found()).toEqual([]);
  });

  const order = 'steps missing, doubled or out of order';
  test('find a step that is missing, by another, or in another’s place', () => {
    expect(found((made) => drop(made, 0))).toContain(order);
    expect(found((made) => drop(made, 2))).toContain(order);
    expect(found(({ steps: [first] }) => Object.assign(first, { source: 'worker' }))).toContain(order);
    expect(found(({ steps: [, second] }) => Object.assign(second, said(0, 2)))).toContain(order);
  });

  test('find a step that is there twice, or was said before the one before it', () => {
    const again = ({ session }: Scene) => session.messageRows.splice(2, 0, stepRow(0, 2, 2));
    expect(found(again)).toContain(order);
    expect(found(({ steps: [first] }) => Object.assign(first, { attempt: 3 }))).not.toContain(order);
    expect(found(({ steps: [, , last] }) => Object.assign(last, { attempt: 2 }))).toContain(order);
  });

  test('find a failed or cancelled turn that has not what it had settled', () => {
    const fail = (made: Scene) => {
      made.status('failed', 'interrupted');
      made.turn.reply_id = null;
      made.record.watched.clear();
      drop(made, 2);
    };
    expect(found(fail)).not.toContain(order);
    expect(
      found((made) => {
        fail(made);
        drop(made, 1);
      }),
    ).toContain(order);
    expect(found((made) => made.status('cancelled'))).toEqual([]);
  });

  const again = 'steps said again after they were settled';
  test('find a step that was asked for when the next one had been', () => {
    const late = ({ record }: Scene) =>
      record.modelCalls.push({ tag, step: 0, ask: 3, before: [], server: '0-4', at: 4500, cut: false });
    expect(found(late)).toContain(again);
    const frozen = (made: Scene) => {
      late(made);
      made.record.faults.push({ kind: 'frozen past its lease', at: 4400, until: 4600, server: '0-4' });
    };
    expect(found(frozen)).not.toContain(again);
  });

  test('find a stored step that is not that of the last ask, nor the one that later steps were shown', () => {
    expect(found(({ steps: [, , last] }) => Object.assign(last, said(2, 0)))).toContain(again);
    expect(found(({ steps: [first] }) => Object.assign(first, said(0, 1)))).toContain(again);
    const shown = ({ record }: Scene) =>
      record.modelCalls.at(-1)?.before.splice(0, 1, { tag, step: 0, ask: 1 });
    expect(found(shown)).toContain(again);
  });

  test('find a step that was asked for more often than in each attempt once', () => {
    const often = ({ steps: [first] }: Scene) => Object.assign(first, { attempt: 1 });
    expect(found(often)).toContain('model asked again without a reason');
  });

  test('find a reply under another id, in the table or in an attempt before', () => {
    const ids = 'replies with another id than their turn was given';
    expect(found(({ turn }) => Object.assign(turn, { reply_id: 'other' }))).toContain(ids);
    expect(found(({ steps: [, , last] }) => Object.assign(last, { id: 'other' }))).toContain(ids);
    const before = { id: 't', reply_id: 'other', step: 2, attempt: 3 };
    expect(found(({ record }) => note(record.watched, before))).toContain(ids);
  });

  test('find a turn that went back', () => {
    const back = 'turns that went back to an earlier step or attempt';
    const turn = { id: 't', reply_id: idOf(2) };
    expect(found(({ record }) => note(record.watched, { ...turn, step: 1, attempt: 3 }))).toContain(back);
    expect(found(({ record }) => note(record.watched, { ...turn, step: 2, attempt: 2 }))).toContain(back);
  });

  test('find a turn that was given up before it was lost three times in one step', () => {
    const early = 'turns given up too early';
    const fail = (attempt: number) => (made: Scene) => {
      made.status('failed', 'interrupted');
      drop(made, 2);
      for (const turn of made.session.turns) turn.attempt = attempt;
    };
    expect(found(fail(5))).toContain(early);
    expect(found(fail(6))).not.toContain(early);
  });
});

/** A part of an event that stands for all of it. */
const event = (name: string, id: string, data: object): ReceivedEvent => ({ event: name, id, data });

/** The events of a step that is told whole, in this attempt. */
function told(step: number, ask: number, attempt: number): ReceivedEvent[] {
  const { thought, content } = said(step, ask);
  const source = threeSources[step] ?? '';
  const id = (whole: number, length = content.length) =>
    `${step + 1}.${attempt}.${thought.length}.${length}.${whole + (step === 0 ? 1 : 0)}`;
  const type = 'TextMessage';
  const message = { id: idOf(step), role: 'assistant', source, type, content, thought, metadata: {} };
  return [
    ...(thought ? [event('ThoughtStreamingChunkEvent', id(0, 0), { source, content: thought })] : []),
    event('ModelClientStreamingChunkEvent', id(0, 5), { source, content: content.slice(0, 5) }),
    event('ModelClientStreamingChunkEvent', id(0), { source, content: content.slice(5) }),
    event('TextMessage', id(1), message),
  ];
}

const turnEvent = (attempt: number) => event('turn', `1.${attempt}.0.0.1`, { turn_id: 't' });
const restart = (step: number, attempt: number) =>
  event('restart', `${step + 1}.${attempt}.0.0.${step === 0 ? 1 : 0}`, { step: step + 1, attempt });
const done = (id: string, status = 'completed') => event('done', id, { turn_id: 't', status });

/** What somebody is told who sees both processes die. */
function allEvents(): ReceivedEvent[] {
  const [lost = turnEvent(1)] = told(0, 1, 1);
  const [alsoLost = turnEvent(1)] = told(1, 1, 2);
  const last = told(2, 1, 3);
  const end = last.at(-1)?.id.replace(/1$/, '2') ?? '';
  return [
    turnEvent(1),
    lost,
    restart(0, 2),
    ...told(0, 2, 2),
    alsoLost,
    restart(1, 3),
    ...told(1, 2, 3),
    ...last,
    done(end),
  ];
}

function readerOf(events: readonly ReceivedEvent[]): Reader {
  const reader = createReader('reader', 's');
  for (const one of events) take(reader, one);
  return reader;
}

/** The names of what the checks find of a reader that gets these events. */
async function foundOf(
  events: readonly ReceivedEvent[],
  change?: (scene: Scene) => void,
  retried: readonly string[] = [],
): Promise<string[]> {
  const { session } = scene(change);
  const findings = await checkReaders([readerOf(events)], [session], new Set(retried), async () => []);
  return findings.filter(({ cases }) => cases.length > 0).map(({ what }) => what);
}

describe('the checks of who follows a turn of several steps', () => {
  const events = 'events repeated, going backwards or missing';
  const joined = 'streams whose joined pieces are not the stored text';
  const settled = 'settled steps lost, changed or taken back';
  const all = allEvents();
  const at = (name: string, nth = 0) =>
    all.flatMap((one, index) => (one.event === name ? [index] : [])).at(nth) ?? 0;

  test('find nothing where all is well', async () => {
    expect(await foundOf(all)).toEqual([]);
    expect(replyOf(readerOf(all))?.id).toBe(idOf(2));
  });

  test('find an event that comes twice, or not at all', async () => {
    for (const index of all.keys()) {
      if (all[index]?.event === 'done') continue;
      const twice = await foundOf(all.toSpliced(index, 0, ...all.slice(index, index + 1)));
      expect([index, twice]).toEqual([index, expect.arrayContaining([events])]);
      // Of what is void nobody needs all.
      if (index === 0 || (all[index + 1]?.event === 'restart' && all[index]?.event !== 'TextMessage'))
        continue;
      const missing = await foundOf(all.toSpliced(index, 1));
      expect([index, missing]).toEqual([index, expect.arrayContaining([events])]);
    }
  });

  test('find a restart that takes back what was settled, or names another step', async () => {
    const first = at('restart', 1);
    const back = all.toSpliced(first, 1, restart(0, 3));
    expect(await foundOf(back)).toContain(settled);
    const other = all.toSpliced(first, 1, event('restart', '2.3.0.0.0', { step: 1, attempt: 3 }));
    expect(await foundOf(other)).toEqual(expect.arrayContaining([events, settled]));
    const after = all.toSpliced(at('TextMessage') + 1, 0, restart(0, 3));
    expect(await foundOf(after)).toContain(settled);
  });

  test('find a step that was told and is stored otherwise, also where the turn was run again', async () => {
    const change = ({ steps: [first] }: Scene) => Object.assign(first, said(0, 3));
    expect(await foundOf(all, change)).toEqual([joined, settled]);
    expect(await foundOf(all.slice(0, -1), change, ['t'])).toEqual([settled]);
    expect(await foundOf(all, ({ steps: [first] }) => Object.assign(first, { id: 'other' }))).toEqual([
      settled,
    ]);
  });

  test('find pieces that are not what is stored, in the step that has them', async () => {
    const change = ({ steps: [, second] }: Scene) => Object.assign(second, { thought: 'another' });
    expect(await foundOf(all, change)).toEqual([joined]);
    const cut = (made: Scene) => {
      made.status('cancelled');
      made.steps[2].content = made.steps[2].content.slice(0, 3);
    };
    const until = all.slice(0, at('TextMessage', -1));
    const end = done(until.at(-1)?.id.replace(/0$/, '1') ?? '', 'cancelled');
    expect(await foundOf([...until, end], cut)).toEqual(['cancelled turns that lost what was seen']);
  });

  test('find a turn that is told as completed without all its messages', async () => {
    const last = at('TextMessage', -1);
    expect(await foundOf([...all.slice(0, last), ...all.slice(-1)])).toEqual([events]);
  });
});
