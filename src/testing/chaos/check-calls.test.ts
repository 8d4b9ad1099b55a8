// The checks of calls find what is wrong, each kind under its own name.
import { describe, expect, test } from 'bun:test';
import { didIt, type ToolName } from './chaos-tools.ts';
import { checkCalls } from './check-calls.ts';
import { checkDecisions } from './check-decisions.ts';
import { checkTold } from './check-told.ts';
import type { EffectLine } from './effects.ts';
import type { Finding } from './findings.ts';
import type { SaidOf } from './record.ts';
import type { CallRow, ToldSession } from './stored-calls.ts';

const label = 'c1-1:0.1:0';

type Scene = { row: CallRow; rows: CallRow[]; lines: EffectLine[]; decisions: SaidOf[]; told: ToldSession };

/** One call that a person allowed, and that did what it was asked to, but for what `change` does to it. */
function found(name: ToolName, change: (scene: Scene) => void = () => {}): string[] {
  const given = JSON.stringify({ label, note: 'n', ms: 1 });
  const row: CallRow = {
    session_id: 's',
    turn_id: 't',
    turn_status: 'completed',
    step: 0,
    id: 'key',
    call_id: label,
    name,
    arguments: given,
    given_arguments: null,
    status: 'finished',
    approval_id: 'key',
    decision: 'approve',
    decided_by: 'local',
    said: null,
    result: didIt(label),
    is_error: false,
  };
  const line = (what: EffectLine['what']): EffectLine => ({
    what,
    at: 2,
    tool: name,
    label,
    key: 'key',
    note: 'n',
  });
  const lines = name === 'reads' ? [line('called')] : [line('called'), line('effect')];
  const said: SaidOf = { approval: 'key', label, decision: { decision: 'approve' }, sentAt: 1, status: 200 };
  const calls = { kind: 'calls' as const, ids: [label] };
  const results = { kind: 'results' as const, ids: [label] };
  const told = { id: 's', history: [calls, results], state: [calls, results] };
  const scene: Scene = { row, rows: [row], lines, decisions: [said], told };
  change(scene);
  const findings: Finding[] = [
    ...checkCalls(scene.rows, scene.lines, scene.decisions),
    ...checkDecisions(scene.rows, scene.lines, scene.decisions),
    ...checkTold([], [scene.told], scene.rows),
  ];
  return findings.filter(({ cases }) => cases.length > 0).map(({ what }) => what);
}

const again = ({ lines }: Scene): void => void lines.push(...structuredClone(lines));

describe('the checks of calls in a chaos run', () => {
  test('find nothing where all is well', () => {
    for (const name of ['once', 'slow', 'asks', 'write', 'keyed', 'put', 'reads'] as const)
      expect([name, ...found(name)]).toEqual([name]);
  });

  test('find a call that was made again and may not be', () => {
    expect(found('once', again)).toContain('calls made again that may be made once');
    expect(found('write', again)).toContain('calls made again that may be made once');
    expect(found('reads', again)).toEqual([]);
  });

  test('let who is asked again allow it again, and no more', () => {
    expect(found('asks', again)).toEqual([]);
    const thrice = (scene: Scene) => {
      again(scene);
      again(scene);
    };
    expect(found('asks', thrice)).toContain('calls made again that may be made once');
  });

  test('find a call with a key that took effect twice, or never', () => {
    const what = 'calls with a key that did not take effect once';
    expect(found('keyed', again)).toContain(what);
    expect(found('put', ({ lines }) => void lines.pop())).toContain(what);
    expect(found('keyed', ({ row }) => void Object.assign(row, { status: 'unknown' }))).toContain(what);
  });

  test('find a call that was told to have succeeded, and did not', () => {
    const what = 'calls told to have succeeded that did not';
    expect(found('once', ({ lines }) => void lines.splice(0))).toContain(what);
    expect(found('once', ({ row }) => void Object.assign(row, { result: 'did another' }))).toContain(what);
  });

  test('find a call that is not in the ledger, is there twice, or was made under another key', () => {
    const what = 'calls made that are not written down so, or twice';
    expect(found('once', ({ rows }) => void rows.pop())).toContain(what);
    expect(found('once', ({ rows, row }) => void rows.push({ ...row, id: 'other' }))).toContain(what);
    expect(found('keyed', ({ row }) => void Object.assign(row, { id: 'other' }))).toContain(what);
  });

  test('find a call that is left open, but for those of a turn that may be tried again', () => {
    const what = 'calls left open behind the end of their turn';
    expect(found('once', ({ row }) => void Object.assign(row, { status: 'started' }))).toContain(what);
    const failed = { status: 'started', turn_status: 'failed' };
    expect(found('once', ({ row }) => void Object.assign(row, failed))).toEqual([]);
  });

  test('find two decisions that were both accepted, and one that is not what is stored', () => {
    const deny: SaidOf = { approval: 'key', label, decision: { decision: 'deny' }, sentAt: 1, status: 200 };
    const both = 'different decisions of one call accepted';
    expect(found('write', ({ decisions }) => void decisions.push(deny))).toContain(both);
    expect(found('write', ({ decisions }) => void decisions.push({ ...deny, status: 409 }))).toEqual([]);
    const given = JSON.stringify({ label, note: 'x', ms: 1 });
    expect(found('write', ({ row }) => void Object.assign(row, { given_arguments: given }))).toContain(
      'decisions accepted that are not what is stored',
    );
  });

  test('find a turn that was answered and waits all the same', () => {
    expect(found('write', ({ row }) => void Object.assign(row, { turn_status: 'waiting' }))).toContain(
      'turns that were answered and did not go on',
    );
  });

  test('find a call that was denied and made, made too early, or made otherwise', () => {
    const what = 'calls made that nobody allowed, or not as they were allowed';
    expect(found('write', ({ row }) => void Object.assign(row, { decision: 'deny' }))).toContain(what);
    expect(
      found('write', ({ decisions: [said] }) => void Object.assign(said ?? {}, { sentAt: 3 })),
    ).toContain(what);
    expect(found('write', ({ lines: [one] }) => void Object.assign(one ?? {}, { note: 'x' }))).toContain(
      what,
    );
  });

  test('a call that a person was asked about after it was lost may have been made as it was first, and as they changed it', () => {
    const given = { label, note: 'changed', ms: 1 };
    const asked = ({ row, lines, decisions }: Scene, note: string) => {
      Object.assign(row, { decision: 'deny', status: 'denied', arguments: JSON.stringify(given) });
      lines.splice(
        0,
        2,
        ...['as asked', note].map((note) => ({ ...lines[0], what: 'called', note }) as EffectLine),
      );
      decisions.splice(0, 1, {
        ...(decisions[0] as SaidOf),
        decision: { decision: 'approve', arguments: given },
      });
    };
    const what = 'calls made that nobody allowed, or not as they were allowed';
    expect(found('asks', (scene) => asked(scene, 'changed'))).not.toContain(what);
    expect(found('asks', (scene) => asked(scene, 'x'))).toContain(what);
  });

  test('find calls in history or state without results, or twice', () => {
    const what = 'calls in history or state without a result, or twice';
    expect(found('once', ({ told }) => void told.state.pop())).toContain(what);
    expect(found('once', ({ told }) => void told.history.push(...told.history))).toContain(what);
    expect(found('once', ({ told }) => void told.state.shift())).toContain(what);
  });
});
