// What the server sends of calls of tools, as the page's own types.
import { list, numberOf, record, textOf } from './json.ts';

/** What a model asked for at once: calls, with what it thought and said beside them. `key` is the event's id. */
export type Round = { key: string; thought: string; text: string; calls: ToolCall[] };

/** A call of a tool, as far as it has come. */
export type ToolCall = {
  id: string;
  name: string;
  arguments: string;
  result: string | null;
  isError: boolean;
  /** What a person has to say first. */
  approval: Approval | null;
  outcome: Outcome | null;
  progress: Progress | null;
};

/** `server`: what the server is called that will be called; empty for none. */
export type Approval = { id: string; turnId: string; server: string; expiresAt: string };
/** `total` is null where nobody knows it. */
export type Progress = { done: number; total: number | null; message: string };

const decisions = ['approve', 'deny', 'answer'] as const;
export type DecisionKind = (typeof decisions)[number];

/** What became of a call. */
export type Outcome = {
  approvalId: string;
  status: string;
  decision: DecisionKind | null;
  decidedBy: string;
  /** What a person gave instead of the model's arguments, as JSON; empty where nobody did. */
  given: string;
  /** Milliseconds that it took, where that is known. */
  tookMs: number | null;
};

export const readRound = (value: unknown): Round => {
  const event = record(value);
  const text = textOf(event.text);
  return {
    key: textOf(event.id),
    // Where the two are not told apart, it is AutoGen's thought.
    thought: textOf(event.reasoning) || (text === '' ? textOf(event.thought) : ''),
    text,
    calls: list(event.content).map(readCall),
  };
};

export const readCall = (value: unknown): ToolCall => {
  const call = record(value);
  return {
    id: textOf(call.id),
    name: textOf(call.name),
    arguments: textOf(call.arguments),
    result: null,
    isError: false,
    approval: null,
    outcome: null,
    progress: null,
  };
};

export function readOutcome(value: unknown): Outcome {
  const outcome = record(value);
  const took = Date.parse(textOf(outcome.finished_at)) - Date.parse(textOf(outcome.started_at));
  return {
    approvalId: textOf(outcome.approval_id),
    status: textOf(outcome.status),
    decision: decisions.find((one) => one === outcome.decision) ?? null,
    decidedBy: textOf(outcome.decided_by),
    given: textOf(outcome.arguments),
    tookMs: Number.isNaN(took) ? null : took,
  };
}

export const readProgress = (value: unknown): Progress => {
  const { progress, total, message } = record(value);
  return {
    done: numberOf(progress),
    total: typeof total === 'number' && total > 0 ? total : null,
    message: textOf(message),
  };
};

export type Results = { results: unknown; outcomes: unknown };

/** The rounds, with what came of the last one's calls. A model may give two calls one id: their place counts first. */
export function withResults(rounds: readonly Round[], { results, outcomes }: Results): Round[] {
  const came = list(results).map(record);
  const became = list(outcomes);
  const last = rounds.at(-1);
  if (!last) return [];
  const calls = last.calls.map((call, place) => {
    const at = came[place]?.call_id === call.id ? place : came.findIndex((one) => one.call_id === call.id);
    const result = came[at];
    if (!result) return call;
    const outcome = became[at] === undefined ? null : readOutcome(became[at]);
    return { ...call, result: textOf(result.content), isError: result.is_error === true, outcome };
  });
  return [...rounds.slice(0, -1), { ...last, calls }];
}

/** The rounds, with what a person is asked of a call of the last; one may be asked about again, under another id. */
export function withApproval(rounds: readonly Round[], callId: string, approval: Approval): readonly Round[] {
  const open = (rounds.at(-1)?.calls ?? []).filter(({ id, result }) => id === callId && result === null);
  const asked =
    open.find((call) => call.approval?.id === approval.id) ??
    open.find((call) => call.approval === null) ??
    open.at(-1);
  return withCall(rounds, asked, { approval });
}

export const withProgress = (
  rounds: readonly Round[],
  callId: string,
  progress: Progress,
): readonly Round[] =>
  withCall(
    rounds,
    rounds.at(-1)?.calls.find(({ id, result }) => id === callId && result === null),
    { progress },
  );

function withCall(
  rounds: readonly Round[],
  which: ToolCall | undefined,
  change: Partial<ToolCall>,
): readonly Round[] {
  const last = rounds.at(-1);
  if (!last || !which) return rounds;
  const calls = last.calls.map((call) => (call === which ? { ...call, ...change } : call));
  return [...rounds.slice(0, -1), { ...last, calls }];
}
