// Turns of several steps: all are there, in order, each said once and for good, and the reply under the id it was given.
import { threeSources, threeStepsName } from '../three-steps.ts';
import { type Finding, finding } from './findings.ts';
import type { ChaosRecord, ModelCall } from './record.ts';
import { askedBy, tagIn } from './scripted-reply.ts';
import { type MessageRow, type StoredSession, stepsOf, type TurnRow } from './stored.ts';
import { toolsName } from './tools-agent.ts';
import { isEvent } from './wire.ts';

export function checkSteps(record: ChaosRecord, stored: readonly StoredSession[]): Finding[] {
  const order = finding('steps missing, doubled or out of order');
  const again = finding('steps said again after they were settled');
  const ids = finding('replies with another id than their turn was given');
  const back = finding('turns that went back to an earlier step or attempt');
  const callsOf = Map.groupBy(record.modelCalls, ({ tag }) => tag);
  for (const session of stored) {
    for (const turn of session.turnRows) {
      const steps = stepsOf(session, turn);
      const question = session.messageRows.find(({ role, seq }) => role === 'user' && seq === turn.seq);
      const where = `${tagIn(question?.content ?? '')}, turn ${turn.id} of session ${session.id}`;
      for (const fault of orderFaults(turn, steps)) order.add(`${where}: ${fault}`);
      const calls = callsOf.get(tagIn(question?.content ?? '') ?? '') ?? [];
      for (const fault of saidAgain(record, turn, steps, calls)) again.add(`${where}: ${fault}`);
      const watched = record.watched.get(turn.id);
      const given = new Set([...(watched?.replyIds ?? []), turn.reply_id]);
      const reply = replyIn(turn, steps);
      if (reply) given.add(reply.id);
      if (given.size > 1) ids.add(`${where}: ${[...given].join(', ')}`);
      for (const fault of watched?.faults ?? []) back.add(`${where}: ${fault}`);
    }
  }
  return [order, again, ids, back];
}

/** Who says each step of a turn; of one with tools there are as many as its model asked for. */
const sourcesOf = ({ agent }: TurnRow, steps: readonly MessageRow[]): readonly string[] => {
  if (agent === toolsName) return steps.map(() => agent);
  return agent === threeStepsName ? threeSources : [agent];
};

/** What the step in this place may be: each that asks for tools is followed by what came of it. */
function isInPlace({ agent }: TurnRow, row: MessageRow, index: number): boolean {
  if (agent !== toolsName) return row.type === 'TextMessage' && askedBy(row)?.step === index;
  if (index % 2 === 1) return row.type === 'ToolCallExecutionEvent';
  return row.type !== 'ToolCallExecutionEvent' && askedBy(row)?.step === index;
}

/** The step with which the turn ended, if it ended with one. */
const replyIn = ({ status, step }: TurnRow, steps: readonly MessageRow[]): MessageRow | undefined =>
  status === 'completed' || status === 'cancelled' ? steps.find((one) => one.step === step) : undefined;

function orderFaults(turn: TurnRow, steps: readonly MessageRow[]): string[] {
  const sources = sourcesOf(turn, steps);
  const faults = steps.flatMap((row, index) => {
    const { step, source, attempt } = row;
    const is = `step ${step + 1} by ${source} in attempt ${attempt}`;
    const before = steps[index - 1]?.attempt ?? 1;
    const isRight =
      step === index &&
      source === sources[index] &&
      isInPlace(turn, row, index) &&
      attempt !== null &&
      attempt >= before &&
      attempt <= turn.attempt;
    return isRight ? [] : [`${is} stands at place ${index + 1}, after attempt ${before}`];
  });
  const isComplete =
    turn.status === 'completed'
      ? steps.length === sources.length && turn.step === sources.length - 1 && !steps.slice(-1).some(isEvent)
      : turn.status === 'cancelled'
        ? steps.length === turn.step || steps.length === turn.step + 1
        : steps.length === turn.step;
  return isComplete
    ? faults
    : [...faults, `${turn.status} at step ${turn.step + 1}, with ${steps.length} steps`];
}

/** `calls`: of the turn's model, in their order. */
function saidAgain(
  record: ChaosRecord,
  turn: TurnRow,
  steps: readonly MessageRow[],
  calls: readonly ModelCall[],
): string[] {
  const faults: string[] = [];
  let reached = 0;
  for (const call of calls.filter((one) => !wasFrozen(record, one))) {
    const is = `step ${call.step + 1} was asked for by ${call.server} at ${new Date(call.at).toISOString()}`;
    if (call.step < reached) faults.push(`${is}, when step ${reached + 1} had been`);
    reached = Math.max(reached, call.step);
    for (const { step, ask } of call.before) {
      const stored = asked(steps[step]);
      if (stored !== ask) faults.push(`${is} behind ask ${ask} of step ${step + 1}, and ${stored} is stored`);
    }
  }
  for (const row of steps) {
    // Of a cancelled turn the last ask that said anything is kept.
    if (turn.status === 'cancelled' && row.step === turn.step) continue;
    const stored = asked(row) ?? 0;
    const later = calls.find(
      (call) => call.step === row.step && call.ask > stored && !wasFrozen(record, call),
    );
    if (later) faults.push(`step ${row.step + 1} is that of ask ${stored}, and ask ${later.ask} came later`);
  }
  return faults;
}

const asked = (row: MessageRow | undefined): number | undefined => (row ? askedBy(row)?.ask : undefined);

/** Who was frozen while it asked may ask when others have long gone on: it does not know yet. */
const wasFrozen = (record: ChaosRecord, { server, at }: ModelCall): boolean =>
  record.faults.some(
    (fault) =>
      fault.kind.startsWith('frozen') && fault.server === server && fault.at <= at && at <= fault.until,
  );
