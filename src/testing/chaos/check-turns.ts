// Every turn has an end, sessions are at rest, and no model was asked without need.
import { mostInterruptions } from '../../words/turn-limits.ts';
import { isFinal } from '../../words/turn-status.ts';
import { type Finding, finding } from './findings.ts';
import type { ChaosRecord, Fault, ModelCall, Sent } from './record.ts';
import { tagIn } from './scripted-reply.ts';
import { type StoredSession, stepsOf } from './stored.ts';

/** `open`: turns of the whole database that had no end when the time was up. */
export function checkTurns(
  record: ChaosRecord,
  stored: readonly StoredSession[],
  open: readonly string[],
): Finding[] {
  const endless = finding('turns without an end, clients without an answer');
  const unrest = finding('sessions that are not at rest');
  for (const sentence of [...open, ...record.unfinished]) endless.add(sentence);
  for (const session of stored) {
    const { id, row, messageRows } = session;
    for (const turn of session.turns) {
      if (!isFinal(turn.status)) endless.add(`session ${id} says that its turn ${turn.id} is ${turn.status}`);
    }
    if (!row) unrest.add(`session ${id} is gone`);
    else if (row.running_lease !== null || row.waiting_turn !== null || row.queued_turns !== 0)
      unrest.add(
        `session ${id}: running_lease ${row.running_lease}, waiting_turn ${row.waiting_turn}, queued_turns ${row.queued_turns}`,
      );
    if (session.messageCount !== messageRows.length)
      unrest.add(`session ${id} counts ${session.messageCount} messages and has ${messageRows.length}`);
  }
  return [endless, unrest, ...checkFailures(record, stored), checkModelCalls(record, stored)];
}

/** A turn may fail because its model broke off, or because its process died too often in one step. */
function checkFailures(record: ChaosRecord, stored: readonly StoredSession[]): Finding[] {
  const failed = finding('turns failed without a reason');
  const early = finding('turns given up too early');
  const cut = new Set(record.modelCalls.flatMap((call) => (call.cut ? [call.tag] : [])));
  for (const session of stored) {
    for (const turn of session.turns) {
      if (turn.status !== 'failed') continue;
      const code = turn.error?.code ?? 'no error';
      const tag = tagIn(turn.user_message.content) ?? '';
      const is = `${tag}, turn ${turn.id} of session ${session.id}: ${code} at attempt ${turn.attempt}`;
      if (code === 'interrupted') {
        // Every interruption is an attempt, and a settled step ends their count.
        const settled = attemptsOf(session, turn).at(-1) ?? 1;
        if (turn.attempt - settled < mostInterruptions)
          early.add(`${is}, its last step settled in attempt ${settled}`);
      } else if (code !== 'model_failed' || !cut.has(tag)) failed.add(is);
    }
  }
  return [failed, early];
}

/** In which attempt each of a turn's steps was settled. */
function attemptsOf(session: StoredSession, { id }: { id: string }): number[] {
  const row = session.turnRows.find((one) => one.id === id);
  return stepsOf(session, row).map(({ attempt }) => attempt ?? 1);
}

// A database fault makes a beat miss, and a lease run out some time later.
const leaseMs = 20_000;

function checkModelCalls(record: ChaosRecord, stored: readonly StoredSession[]): Finding {
  const again = finding('model asked again without a reason');
  const turns = new Map<string, { settled: number[]; attempt: number }>();
  for (const session of stored)
    for (const turn of session.turns)
      turns.set(tagIn(turn.user_message.content) ?? '', {
        settled: attemptsOf(session, turn),
        attempt: turn.attempt,
      });
  const sentOf = new Map(record.sent.map((sent) => [sent.tag, sent]));
  for (const calls of Map.groupBy(record.modelCalls, ({ tag, step }) => `${tag} ${step}`).values()) {
    const [{ tag, step }] = calls as [ModelCall];
    const turn = turns.get(tag);
    const sent = sentOf.get(tag);
    if (!turn || !sent || calls.length < 2) continue;
    // It is said in the attempt that settled the step before, and in those up to its own.
    const { settled, attempt } = turn;
    const attempts = (settled[step] ?? attempt) - (settled[step - 1] ?? 1) + 1;
    const show = `${tag} of session ${sent.sessionId}, step ${step + 1}, ${attempts} attempts: ${calls.map(shown).join(', ')}`;
    const frozen = calls.some((call) =>
      record.faults.some((fault) => fault.kind.startsWith('frozen') && hits(fault, call)),
    );
    // Of an answer that is cut early a server may have seen nothing, and asks again.
    const whole = calls.filter(({ cut }) => !cut);
    if (whole.length > attempts && !frozen) again.add(`more calls than attempts: ${show}`);
    else if (calls.slice(1).some((call, index) => isNeedless(sent, calls[index], call, record.faults)))
      again.add(`no fault before the second call: ${show}`);
  }
  return again;
}

const shown = ({ server, at, cut }: ModelCall): string =>
  `by ${server} at ${new Date(at).toISOString()}${cut ? ' (cut)' : ''}`;

const hits = (fault: Fault, call: ModelCall): boolean =>
  fault.server === undefined || fault.server === call.server;

/** Whether nothing that happened since the call before explains this one. */
function isNeedless(
  sent: Sent,
  before: ModelCall | undefined,
  call: ModelCall,
  faults: readonly Fault[],
): boolean {
  if (!before || before.cut || sent.retries > 0) return false;
  return !faults.some(
    (fault) => hits(fault, before) && fault.at <= call.at + 50 && fault.until >= before.at - leaseMs,
  );
}
