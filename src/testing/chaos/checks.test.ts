// The checks of a run find what is wrong, each kind under its own name.
import { describe, expect, test } from 'bun:test';
import { checkLimits, type LimitSums, reportedPrompt } from './check-limits.ts';
import { checkMessages } from './check-messages.ts';
import { checkTurns } from './check-turns.ts';
import { createRecord, type Sent } from './record.ts';
import { scriptedReply, textOf } from './scripted-reply.ts';
import type { StoredSession } from './stored.ts';
import type { Message } from './wire.ts';

const tags = ['c1-1', 'c1-2', 'c1-3'];

function userMessage(tag: string): Message {
  return {
    id: `${tag} user`,
    role: 'user',
    source: 'user',
    type: 'TextMessage',
    content: textOf(tag),
    metadata: {},
  };
}

function reply(tag: string): Message {
  const { thought, content } = scriptedReply({ tag, step: 0, ask: 1 });
  const said = { content, metadata: {}, ...(thought ? { thought } : {}) };
  return { id: `${tag} reply`, role: 'assistant', source: 'assistant', type: 'TextMessage', ...said };
}

/** A session in which all went well, but for what `change` does to it. */
function scene(change: (session: StoredSession, sent: Sent[]) => void = () => {}) {
  const history = tags.flatMap((tag) => [userMessage(tag), reply(tag)]);
  const session: StoredSession = {
    id: 's',
    history,
    turns: tags.map((tag) => ({
      id: `${tag} turn`,
      status: 'completed',
      user_message: userMessage(tag),
      reply: reply(tag),
      error: null,
      attempt: 1,
    })),
    messageCount: history.length,
    row: { id: 's', message_count: history.length, queued_turns: 0, running_lease: null, waiting_turn: null },
    messageRows: [],
    turnRows: tags.map((tag, index) => ({
      id: `${tag} turn`,
      seq: 2 * index + 1,
      reply_seq: 2 * index + 2,
      reply_id: `${tag} reply`,
      agent: 'assistant',
      step: 0,
      status: 'completed',
      attempt: 1,
    })),
  };
  const sent = tags.map(
    (tag): Sent => ({
      tag,
      key: tag,
      client: 'c1',
      sessionId: 's',
      accepted: true,
      turnIds: new Set([`${tag} turn`]),
      told: [reply(tag)],
      retries: 0,
    }),
  );
  change(session, sent);
  session.messageRows = session.history.map((message, index) => ({
    id: message.id,
    seq: index + 1,
    step: 0,
    attempt: message.role === 'user' ? null : 1,
    role: message.role,
    source: message.source,
    type: message.type,
    data: null,
    content: message.content,
    thought: message.thought ?? null,
  }));
  session.messageCount = session.history.length;
  return { session, sent };
}

/** The names of what the checks find. */
function found(change?: Parameters<typeof scene>[0]): string[] {
  const { session, sent } = scene(change);
  const record = { ...createRecord(), sent };
  const findings = [...checkMessages(sent, [session]), ...checkTurns(record, [session], [])];
  return findings.filter(({ cases }) => cases.length > 0).map(({ what }) => what);
}

describe('the checks of a chaos run', () => {
  test('find nothing where all is well', () => {
    expect(found()).toEqual([]);
  });

  test('find a user message that was accepted and is gone', () => {
    expect(found(({ history }) => void history.splice(4, 2))).toContain(
      'user messages accepted and not found',
    );
  });

  test('find a user message that is there twice', () => {
    expect(found(({ history }) => void history.push({ ...userMessage('c1-1'), id: 'again' }))).toContain(
      'user messages doubled',
    );
  });

  test('find one key that led to two turns', () => {
    expect(found((_, [first]) => void first?.turnIds.add('other'))).toContain('user messages doubled');
  });

  test('find messages that changed places', () => {
    expect(found(({ history }) => void history.push(...history.splice(0, 2)))).toContain(
      'messages out of order',
    );
  });

  test('find a reply that is gone, and one that became another', () => {
    expect(found(({ history }) => void history.splice(3, 1))).toContain('replies lost');
    expect(found(({ history }) => void history.splice(3, 1, { ...reply('c1-2'), content: 'x' }))).toContain(
      'replies lost',
    );
  });

  test('find a reply that is there twice', () => {
    expect(found(({ history }) => void history.splice(2, 0, { ...reply('c1-1'), id: 'again' }))).toContain(
      'replies doubled',
    );
  });

  test('find a reply to another message, and one that is cut short', () => {
    const mixed = 'replies mixed up, or not what the model said';
    expect(found(({ history }) => void history.splice(1, 1, reply('c1-2')))).toContain(mixed);
    expect(
      found(({ history }) => void history.splice(1, 1, { ...reply('c1-1'), content: '[c1-1] ' })),
    ).toContain(mixed);
  });

  test('find turns without an end, sessions not at rest and failures without a reason', () => {
    const change = ({ turns, row }: StoredSession) => {
      const [first, second] = turns;
      if (!first || !second || !row) throw new Error('no turns');
      first.status = 'running';
      second.status = 'failed';
      second.error = { code: 'internal', detail: '' };
      row.running_lease = 'held';
    };
    const names = found(change);
    expect(names).toContain('turns without an end, clients without an answer');
    expect(names).toContain('sessions that are not at rest');
    expect(names).toContain('turns failed without a reason');
  });

  test('find a second call of the model, but not where its server had died', () => {
    const { session, sent } = scene();
    const calls = [1000, 2000].map((at, index) => {
      const asked = { tag: 'c1-1', step: 0, ask: index + 1, before: [] };
      return { ...asked, server: '0-1', at, cut: false };
    });
    const record = { ...createRecord(), sent, modelCalls: calls };
    const again = () =>
      checkTurns(record, [session], []).find(({ what }) => what.startsWith('model asked'))?.cases;
    expect(again()).toHaveLength(1);
    for (const turn of session.turns) turn.attempt = 2;
    for (const row of session.messageRows) if (row.role === 'assistant') row.attempt = 2;
    expect(again()).toHaveLength(1);
    record.faults.push({ kind: 'kill -9: any time', at: 1500, until: 1500, server: '0-1' });
    expect(again()).toEqual([]);
  });
});

describe('limits and usage', () => {
  const right: LimitSums = {
    running: 0,
    reserved_tokens: 0,
    reserved_cost: 0,
    counted_turns: 3,
    counted_tokens: 2 * reportedPrompt + 114,
    used_turns: 2,
    prompt_tokens: 2 * reportedPrompt + 100,
    completion_tokens: 14,
    turns: 3,
    answered: 2,
    reported: 2,
  };
  const found = (wrong: Partial<LimitSums>, mostUnfinished = 4) =>
    checkLimits({ sent: [] }, { sums: { ...right, ...wrong }, days: 1 }, { runningTurns: 4, mostUnfinished })
      .filter(({ cases }) => cases.length > 0)
      .map(({ what }) => what);
  const stuck = 'limits that count what has ended';
  const ledger = 'usage that does not add up with the turns';

  test('that are right are no finding', () => expect(found({})).toEqual([]));
  test.each([
    [{ running: 1 }, [stuck]],
    [{ reserved_tokens: -5 }, [stuck]],
    [{ counted_turns: 2 }, [stuck]],
    [{ counted_tokens: 1 }, [stuck]],
    [{ used_turns: 1 }, [ledger]],
    [{ used_turns: 4 }, [ledger]],
    [{ reported: 3 }, [ledger]],
    [{ reported: 1 }, [ledger]],
  ])('%j', (wrong, kinds) => expect(found(wrong)).toEqual(kinds));
  test('more turns at once than may', () =>
    expect(found({}, 5)).toEqual(['more turns at once than the limit lets']));
});
