// What a step of a turn is, in AutoGen's names, and what it has beside its text.

export const stepTypes = [
  'TextMessage',
  'ToolCallRequestEvent',
  'ToolCallExecutionEvent',
  'ToolCallSummaryMessage',
  'HandoffMessage',
] as const;
export type StepType = (typeof stepTypes)[number];

/** Those that a model says, piece by piece; the others are told whole. */
export const isModels = (type: string): boolean => type === 'TextMessage' || type === 'ToolCallRequestEvent';

/** Those between the question and the reply, which are no messages of their own to people. */
export const eventTypes = [
  'ToolCallRequestEvent',
  'ToolCallExecutionEvent',
] as const satisfies readonly StepType[];

/** `arguments` is JSON, as the model wrote it; `id` is the model's. */
export type FunctionCall = { id: string; arguments: string; name: string };
export type FunctionResult = { content: string; name: string; call_id: string; is_error: boolean };
/** What waits for a person: `id` names it, until `expires_at`. */
export type ApprovalRequest = { id: string; call: FunctionCall; expires_at: string };

/** Which of these there are, the step's type says. */
export type StepData = {
  calls?: FunctionCall[] | undefined;
  results?: FunctionResult[] | undefined;
  requests?: ApprovalRequest[] | undefined;
  target?: string | undefined;
  /** Of a handoff: AutoGen's messages that who goes on is given. */
  context?: unknown[] | undefined;
};
