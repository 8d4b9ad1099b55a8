// The tools of an agent, wherever they come from, with what its file says of them.
import type { OfferedTool, Workbench } from '../tools/tool.ts';
import {
  type ApprovalRule,
  approvalOf,
  type InterruptedRule,
  interruptedOf,
  type ToolRules,
} from './tool-rules.ts';

export type AgentTool = OfferedTool & {
  /** Which of its calls wait for a person. */
  approval: ApprovalRule;
  /** What becomes of a call whose process died, and that may not be made again. */
  interrupted: InterruptedRule;
};

export type Toolbox = {
  list(signal: AbortSignal): Promise<readonly AgentTool[]>;
};

/** Whether each call of it waits for a person: what a server says of its tool is a hint, what the file says counts. */
export const needsApproval = ({ approval, annotations }: AgentTool): boolean =>
  approval === 'always' || (approval === 'writes' && annotations.readOnlyHint !== true);

/** Whether a call of which nobody knows if it took effect may be made again. */
export const mayRepeat = ({ interrupted, annotations }: AgentTool): boolean =>
  interrupted === 'retry' || annotations.readOnlyHint === true || annotations.idempotentHint === true;

/** The tools of a workbench, under these rules. */
export function createToolbox(
  workbench: Workbench,
  rules: { approval: ToolRules<ApprovalRule>; interrupted: ToolRules<InterruptedRule> },
): Toolbox {
  return {
    list: async (signal) =>
      (await workbench.list(signal)).map((tool) => ({
        ...tool,
        approval: approvalOf(rules.approval, tool.name),
        interrupted: interruptedOf(rules.interrupted, tool.name),
      })),
  };
}
