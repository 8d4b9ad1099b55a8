// The tools of an agent, wherever they come from, with what its file says of them.
import { firstOfEachName, type Inventory } from '../tools/join-workbenches.ts';
import type { OfferedTool, Workbench } from '../tools/tool.ts';
import { type AbsentTool, absentTool } from './absent-tool.ts';
import { ASK_USER, isAnswerable } from './ask-user.ts';
import {
  type ApprovalRule,
  approvalOf,
  type InterruptedRule,
  interruptedOf,
  type Rules,
} from './tool-rules.ts';

type Ruled = {
  /** Which of its calls wait for a person. */
  approval: ApprovalRule;
  /** What becomes of a call whose process died, and that may not be made again. */
  interrupted: InterruptedRule;
};

/** `server`: what the server is called that has it, '' where none is needed. */
export type AgentTool = OfferedTool & Ruled & { server: string; presence: 'there' };
/** What a call is of: a tool, or what says in its place why there is none. */
export type CalledTool = AgentTool | AbsentTool;

/** The first of that name; with `server`, which null leaves open, the one that this has, and no other. */
export type FindTool = (name: string, server?: string | null) => CalledTool;

export type Toolbox = {
  /** What a model is offered. */
  list(signal: AbortSignal): Promise<readonly AgentTool[]>;
  /** Finds among what there is now. */
  look(signal: AbortSignal): Promise<FindTool>;
};

/**
 * Whether a call with these arguments waits for a person: what a server says of its tool is a hint, what the file says
 * counts. A question that nobody could answer does not.
 */
export const waitsForPerson = ({ name, approval, annotations }: CalledTool, given: string): boolean =>
  name === ASK_USER
    ? isAnswerable(given)
    : approval === 'always' || (approval === 'writes' && annotations.readOnlyHint !== true);

/** Whether a call of which nobody knows if it took effect may be made again. */
export const mayRepeat = ({ presence, interrupted, annotations }: CalledTool): boolean =>
  presence === 'there' &&
  (interrupted === 'retry' || annotations.readOnlyHint === true || annotations.idempotentHint === true);

/** Of an agent without tools. */
export const findsNothing: FindTool = (name) => absentTool({ name, server: null }, [], noRules);
const noRules: Rules = { approval: [], interrupted: [] };

/** The tools of a workbench, under these rules. */
export function createToolbox(
  workbench: Workbench & { inventory?(signal: AbortSignal): Promise<Inventory> },
  rules: Rules,
): Toolbox {
  async function inventory(signal: AbortSignal) {
    const { tools, missing } = (await workbench.inventory?.(signal)) ?? {
      tools: (await workbench.list(signal)).map((tool) => ({ ...tool, server: '' })),
      missing: [],
    };
    const ruled = tools.map(
      (tool): AgentTool => ({
        ...tool,
        presence: 'there',
        approval: approvalOf(rules.approval, tool.name),
        interrupted: interruptedOf(rules.interrupted, tool.name),
      }),
    );
    return { tools: ruled, missing };
  }

  return {
    list: async (signal) => firstOfEachName((await inventory(signal)).tools),
    async look(signal) {
      const { tools, missing } = await inventory(signal);
      return (name, server = null) =>
        tools.find((tool) => tool.name === name && (server === null || tool.server === server)) ??
        absentTool({ name, server }, missing, rules);
    },
  };
}
