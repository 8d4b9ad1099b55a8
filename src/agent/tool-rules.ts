// What holds for which of an agent's tools. In the name of a rule `*` stands for any characters.
import { ASK_USER } from './ask-user.ts';

/** Which calls wait for a person: none, those of tools that do not say that they only read, all. */
export const approvalRules = ['never', 'writes', 'always'] as const;
export type ApprovalRule = (typeof approvalRules)[number];

/** Who decides on a call of which nobody knows whether it took effect: the model is told, a person is asked; or it is made again. */
export const interruptedRules = ['tell', 'ask', 'retry'] as const;
export type InterruptedRule = (typeof interruptedRules)[number];

/** In the order in which they count. */
export type ToolRules<T extends string> = readonly { tool: string; rule: T }[];

/** What an agent's file says of its tools. */
export type Rules = { approval: ToolRules<ApprovalRule>; interrupted: ToolRules<InterruptedRule> };

/** A question always waits for the person. */
export const approvalOf = (rules: ToolRules<ApprovalRule>, tool: string): ApprovalRule =>
  tool === ASK_USER ? 'always' : (ruleFor(rules, tool) ?? 'writes');

export const interruptedOf = (rules: ToolRules<InterruptedRule>, tool: string): InterruptedRule =>
  ruleFor(rules, tool) ?? 'tell';

const ruleFor = <T extends string>(rules: ToolRules<T>, tool: string): T | undefined =>
  rules.find((rule) => fits(rule.tool, tool))?.rule;

/** A whole name counts before one with `*`, and of these the longer one: whichever says more of the tool. */
export function inOrder<T extends string>(rules: ToolRules<T>): ToolRules<T> {
  const wide = ({ tool }: { tool: string }) => Number(isPattern(tool));
  const said = ({ tool }: { tool: string }) => tool.replaceAll('*', '').length;
  return rules.toSorted((a, b) => wide(a) - wide(b) || said(b) - said(a));
}

export const isPattern = (name: string): boolean => name.includes('*');

function fits(pattern: string, tool: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(tool);
}
