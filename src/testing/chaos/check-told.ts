// Calls as they are told: in the history and in the state that AutoGen goes on from each has what came of it, once.
import { type Finding, finding } from './findings.ts';
import { type StoredSession, stepsOf } from './stored.ts';
import { type CallRow, named, type Told, type ToldSession } from './stored-calls.ts';

export function checkTold(
  stored: readonly StoredSession[],
  told: readonly ToldSession[],
  rows: readonly CallRow[],
): Finding[] {
  const alone = finding('calls in history or state without a result, or twice');
  const other = finding('results told that the ledger does not have');
  for (const { id, history, state } of told) {
    // Of a turn that was stopped the history tells the calls, and no more.
    for (const fault of [...faultsIn(history, true), ...faultsIn(state, false)])
      alone.add(`session ${id}: ${fault}`);
  }
  const callsOf = Map.groupBy(rows, ({ turn_id, step }) => `${turn_id} ${step}`);
  for (const session of stored)
    for (const turn of session.turnRows)
      for (const { step, data, type } of stepsOf(session, turn)) {
        const calls = callsOf.get(`${turn.id} ${step - (type === 'ToolCallExecutionEvent' ? 1 : 0)}`) ?? [];
        if (type === 'ToolCallExecutionEvent') {
          for (const fault of otherResults(calls, data?.results ?? [])) other.add(fault);
        } else if (
          (data?.calls ?? []).map((call) => call.id).join() !== calls.map((call) => call.call_id).join()
        )
          other.add(`step ${step} of turn ${turn.id} asks for ${data?.calls?.map(({ id }) => id)}`);
        else if (turn.status === 'completed' && calls.length > 0 && step === turn.step)
          alone.add(`turn ${turn.id} of session ${session.id} ended with calls`);
      }
  return [alone, other];
}

function faultsIn(told: readonly Told[], mayBeOpen: boolean): string[] {
  const seen = new Set<string>();
  return told.flatMap((one, index) => {
    const next = told[index + 1];
    if (one.kind === 'results' && told[index - 1]?.kind !== 'calls')
      return [`results of ${one.ids} behind no calls`];
    if (one.kind !== 'calls') return [];
    const twice = one.ids.filter((id) => seen.has(id));
    for (const id of one.ids) seen.add(id);
    if (twice.length > 0) return [`${twice} twice`];
    if (next?.kind !== 'results') return mayBeOpen ? [] : [`${one.ids} without results`];
    return next.ids.join() === one.ids.join() ? [] : [`${one.ids} with results of ${next.ids}`];
  });
}

type Result = { call_id: string; content: string };

function otherResults(calls: readonly CallRow[], results: readonly Result[]): string[] {
  if (calls.map(({ call_id }) => call_id).join() !== results.map(({ call_id }) => call_id).join())
    return [`${calls.map(named).join('; ')}: told of ${results.map(({ call_id }) => call_id).join()}`];
  return calls.flatMap((row, index) => {
    const content = results[index]?.content ?? '';
    const isSo = row.status === 'denied' ? content.startsWith('The user denied') : content === row.result;
    return isSo
      ? []
      : [`${named(row)}: told ${JSON.stringify(content)}, stored ${JSON.stringify(row.result)}`];
  });
}
