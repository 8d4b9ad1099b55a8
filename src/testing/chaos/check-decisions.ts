// What people said of calls, held against what became of them.
import { z } from 'zod';
import { isFinal, turnStatuses } from '../../words/turn-status.ts';
import { firstNote } from './chaos-tools.ts';
import type { EffectLine } from './effects.ts';
import { type Finding, finding } from './findings.ts';
import type { SaidOf } from './record.ts';
import { type CallRow, named } from './stored-calls.ts';

export function checkDecisions(
  rows: readonly CallRow[],
  lines: readonly EffectLine[],
  decisions: readonly SaidOf[],
): Finding[] {
  const both = finding('different decisions of one call accepted');
  const lost = finding('decisions accepted that are not what is stored');
  const stuck = finding('turns that were answered and did not go on');
  const unasked = finding('calls made that nobody allowed, or not as they were allowed');
  const rowOf = new Map(rows.map((row) => [row.call_id, row]));
  const accepted = decisions.filter(({ status }) => status === 200);
  for (const [approval, said] of Map.groupBy(accepted, (one) => one.approval)) {
    const row = rowOf.get(said[0]?.label ?? '');
    const kinds = new Set(said.map(({ decision }) => JSON.stringify(decision)));
    const is = `${row ? named(row) : said[0]?.label}, approval ${approval}: ${[...kinds].join(', ')}`;
    if (kinds.size > 1) both.add(is);
    if (!row) lost.add(`${is}; there is no such call`);
    else if (row.approval_id === approval && !said.every(({ decision }) => isStored(row, decision)))
      lost.add(`${is}; stored ${row.decision} ${row.given_arguments} ${row.said}`);
    if (row && !isFinal(z.enum(turnStatuses).parse(row.turn_status))) stuck.add(`${is}; ${row.turn_status}`);
  }
  const callsOf = Map.groupBy(
    lines.filter(({ what }) => what === 'called'),
    ({ label }) => label,
  );
  for (const row of rows) {
    const called = callsOf.get(row.call_id) ?? [];
    const approved = decisions.filter(
      ({ label, decision }) => label === row.call_id && decision.decision === 'approve',
    );
    for (const fault of wrongCalls(row, called, approved)) unasked.add(`${named(row)}: ${fault}`);
  }
  return [both, lost, stuck, unasked];
}

function isStored(row: CallRow, decision: SaidOf['decision']): boolean {
  if (row.decision !== decision.decision) return false;
  if (decision.decision === 'approve')
    return row.given_arguments === (decision.arguments ? JSON.stringify(decision.arguments) : null);
  return row.said === (decision.decision === 'deny' ? (decision.reason ?? null) : decision.answer);
}

const given = z.object({ note: z.string() });
const noteOf = (text: string): string => given.parse(JSON.parse(text)).note;

/** `approved`: all that ever allowed it. */
function wrongCalls(row: CallRow, called: readonly EffectLine[], approved: readonly SaidOf[]): string[] {
  const faults: string[] = [];
  const first = Math.min(...approved.map(({ sentAt }) => sentAt));
  const last = noteOf(row.given_arguments ?? row.arguments);
  // It is made before anybody is asked, and whoever is asked again is shown what they gave the last time.
  const before = [firstNote, ...approved.flatMap(({ decision }) => notesOf(decision))];
  const notes = row.name === 'asks' ? [...before, last] : [last];
  for (const { at, note } of called) {
    if (row.name === 'write' && row.decision !== 'approve')
      faults.push(`made, and the decision is ${row.decision}`);
    if (row.name === 'write' && at < first) faults.push(`made at ${at}, allowed at ${first}`);
    if (!notes.includes(note)) faults.push(`made with "${note}" and not "${last}"`);
  }
  return faults;
}

const notesOf = (decision: SaidOf['decision']): string[] =>
  decision.decision === 'approve' && decision.arguments ? [decision.arguments.note] : [];
