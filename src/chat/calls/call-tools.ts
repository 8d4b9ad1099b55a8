// Makes the calls that a step of a turn asks for, by the ledger: each is written down as started before its tool is touched,
// and its result after. What a run that is lost had started is made again only where that may be.
import { argumentsIn } from '../../agent/call-arguments.ts';
import type { SaidStep } from '../../agent/said-step.ts';
import { type CalledTool, findsNothing, mayRepeat, waitsForPerson } from '../../agent/toolbox.ts';
import type { CallRow } from '../../db/turns/call-parts.ts';
import type { Fate } from '../../db/turns/calls.ts';
import type { Log } from '../../log.ts';
import { boundedText, resultText, type ToolProgress } from '../../tools/tool.ts';
import type { ApprovalRequest, CallOutcome, CallProgress, FunctionResult } from '../../words/steps.ts';
import { isOver } from '../../words/tool-calls.ts';
import { progressEvent } from '../log/turn-event.ts';
import { Leaving, type RunningTurn, type TurnParts } from '../turns/running-turn.ts';
import { patiently } from '../while-database-is-away.ts';
import { madeWith, outcomesOf, requestsOf, resultOf } from './call-outcome.ts';
import { tellCalmly } from './tell-progress.ts';

/** The results in the order of the calls, what became of each, and what a person was asked; or what the turn has to wait for. */
export type Called =
  | {
      results: FunctionResult[];
      outcomes: CallOutcome[];
      requests: ApprovalRequest[];
      progress: CallProgress[];
    }
  | { waits: CallRow[] };

/**
 * What `said`, the last step, asks for. What a tool says of itself is looked up once; the calls that need nobody are made
 * side by side.
 */
export async function callTools(
  parts: TurnParts,
  turn: RunningTurn,
  said: Pick<SaidStep, 'data'>,
): Promise<Called> {
  const { calls } = parts.store;
  const { key, agent, events, signal } = turn;
  const step = events.step - 1;
  const find = (await agent.toolbox?.look(signal)) ?? findsNothing;
  const toolOf = ({ name, server }: CallRow) => find(name, server);
  const read = () => patiently(() => calls.ofTurn(key, step), { signal });
  const isLost = ({ status, lease }: CallRow) => status === 'started' && lease !== key.lease;

  let rows = await read();
  const fates = rows.filter(isLost).flatMap((row) => fateOf(row, toolOf(row)) ?? []);
  if (fates.length > 0) {
    await held(() => calls.afterLostRun(key, step, fates));
    rows = await read();
  }
  // Its tool may not have been there when the call was written down, or have said other things of itself.
  const isAsked = (row: CallRow) => {
    const tool = toolOf(row);
    return tool.presence !== 'gone' && (row.needsApproval || waitsForPerson(tool, row.arguments));
  };
  const asks = rows.filter((row) => isLost(row) || (row.status === 'requested' && isAsked(row)));
  const makes = rows.filter((row) => !asks.includes(row) && !isOver(row.status)).map(({ id }) => id);
  const started = makes.length === 0 ? [] : await patiently(() => calls.start(key, step, makes), { signal });
  if (started.length < makes.length) throw new Leaving();
  await Promise.all(
    started.map(async (row) => {
      const progress = tellCalmly(({ progress, total, message }) =>
        events.append(progressEvent(agent.name, { id: row.callId, progress, total, message })),
      );
      const options = { log: parts.log, key, signal, progress: progress.take };
      const result = await make(toolOf(row), row, options).finally(progress.end);
      await held(() => calls.finish(key, step, row.id, result));
    }),
  );
  // What is allowed is a call of what it is now.
  if (asks.length > 0) return { waits: asks.map((row) => ({ ...row, server: toolOf(row).server })) };
  const over = started.length > 0 ? await read() : rows;
  return {
    results: over.map(resultOf),
    outcomes: outcomesOf(over, said),
    requests: requestsOf(over),
    progress: events.progress,
  };
}

/** Throws a Leaving where this run no longer holds the turn. */
async function held(move: () => Promise<boolean>): Promise<void> {
  if (!(await patiently(move))) throw new Leaving();
}

/** Undefined where a person is asked. */
function fateOf({ id, name }: CallRow, tool: CalledTool): Fate | undefined {
  if (mayRepeat(tool)) return { id };
  if (tool.interrupted === 'ask') return undefined;
  return {
    id,
    unknown: `Error: the process that called '${name}' is gone. It is unknown whether the call took effect. It was not made again.`,
  };
}

type Outcome = { result: string; isError: boolean };

const failed = (reason: string): Outcome => ({ result: boundedText(`Error: ${reason}`), isError: true });

type Making = { log: Log; progress: (at: ToolProgress) => void } & Pick<RunningTurn, 'key' | 'signal'>;

/** Never rejects for what a tool does; with the reason of the turn's signal where that fires. */
async function make(
  tool: CalledTool,
  row: CallRow,
  { log, key, signal, progress }: Making,
): Promise<Outcome> {
  const { id, name } = row;
  const args = argumentsIn(madeWith(row));
  if ('wrong' in args) return failed(args.wrong);
  try {
    const result = await tool.call(args.given, { idempotencyKey: id, signal, progress });
    return { result: boundedText(resultText(result)), isError: result.isError };
  } catch (error) {
    signal.throwIfAborted();
    // No workbench does, but another call of the step is not to be left half-way for it.
    log.error('a workbench threw', { turn_id: key.turn, tool: name, error });
    return failed(`the call of '${name}' failed here. It may have taken effect.`);
  }
}
