// The ledger of calls held against what the tools did.
import { chaosTools, didIt } from './chaos-tools.ts';
import type { EffectLine } from './effects.ts';
import { type Finding, finding } from './findings.ts';
import type { SaidOf } from './record.ts';
import { type CallRow, effectOf, isDone, named } from './stored-calls.ts';

type Made = { rows: CallRow[]; called: EffectLine[]; effects: EffectLine[]; approvals: number };

export function checkCalls(
  rows: readonly CallRow[],
  lines: readonly EffectLine[],
  decisions: readonly SaidOf[],
): Finding[] {
  const again = finding('calls made again that may be made once');
  const keyed = finding('calls with a key that did not take effect once');
  const without = finding('calls told to have succeeded that did not');
  const unwritten = finding('calls made that are not written down so, or twice');
  const open = finding('calls left open behind the end of their turn');
  for (const [label, { rows: own, called, effects, approvals }] of callsByLabel(rows, lines, decisions)) {
    const [row] = own;
    const keys = new Set([...called, ...effects].map(({ key }) => key));
    const made = `${called.length} times called, ${effects.length} effects under ${[...keys].join()}`;
    if (!row) {
      unwritten.add(`${label} is not in the ledger: ${made}`);
      continue;
    }
    const is = `${named(row)}: ${made}`;
    if (own.length > 1 || [...keys].some((key) => key !== row.id)) unwritten.add(`${is}, and not ${row.id}`);
    if (called.some(({ tool }) => tool !== row.name)) unwritten.add(`${is}, of another tool`);
    // Who allows a call that may have been made allows it once more.
    const most = row.name === 'asks' ? 1 + approvals : 1;
    if (effectOf(row.name) === 'each' && (called.length > most || effects.length > most)) again.add(is);
    if (effectOf(row.name) === 'by key' && (effects.length > 1 || (isDone(row) && effects.length !== 1)))
      keyed.add(is);
    if (mayRepeat(row) && row.turn_status === 'completed' && row.status !== 'finished')
      keyed.add(`${is}, and it may be repeated`);
    const did = effectOf(row.name) === 'none' ? called : effects;
    if (isDone(row) && (row.result !== didIt(label) || did.length === 0))
      without.add(`${is}, told ${JSON.stringify(row.result)}`);
    if (isOpen(row)) open.add(`${is}; its turn is ${row.turn_status}`);
  }
  return [again, keyed, without, unwritten, open];
}

function callsByLabel(
  rows: readonly CallRow[],
  lines: readonly EffectLine[],
  decisions: readonly SaidOf[],
): Map<string, Made> {
  const all = new Map<string, Made>();
  const of = (label: string): Made => {
    const made = all.get(label) ?? { rows: [], called: [], effects: [], approvals: 0 };
    all.set(label, made);
    return made;
  };
  for (const row of rows) of(row.call_id).rows.push(row);
  for (const line of lines) of(line.label)[line.what === 'called' ? 'called' : 'effects'].push(line);
  const approved = decisions.filter(({ decision }) => decision.decision === 'approve');
  for (const [label, said] of Map.groupBy(approved, (one) => one.label))
    of(label).approvals = new Set(said.map(({ approval }) => approval)).size;
  return all;
}

const mayRepeat = ({ name }: CallRow): boolean =>
  effectOf(name) === 'by key' || 'readOnlyHint' in chaosTools[name].annotations;

/** A turn that failed may be tried again, and goes on with its calls then; nobody is asked meanwhile. */
const isOpen = ({ status, turn_status }: CallRow): boolean =>
  status === 'waiting' || (turn_status !== 'failed' && ['requested', 'approved', 'started'].includes(status));
