// What a step of a turn is, in AutoGen's names, and what it has beside its text.

import type { CallStatus, Decision } from './tool-calls.ts';

export const stepTypes = [
  'MemoryQueryEvent',
  'TextMessage',
  'StructuredMessage',
  'ToolCallRequestEvent',
  'ToolCallExecutionEvent',
  'ToolCallSummaryMessage',
  'HandoffMessage',
] as const;
export type StepType = (typeof stepTypes)[number];

/** Those that a model says, piece by piece; the others are told whole. */
export const isModels = (type: string): boolean =>
  type === 'TextMessage' || type === 'StructuredMessage' || type === 'ToolCallRequestEvent';

/** Those between the question and the reply, which are no messages of their own to people. */
export const eventTypes = [
  'MemoryQueryEvent',
  'ToolCallRequestEvent',
  'ToolCallExecutionEvent',
] as const satisfies readonly StepType[];

/** What an agent remembers; `metadata` is null where it has none. */
export type MemoryContent = {
  content: string;
  mime_type: string;
  metadata: Record<string, unknown> | null;
};

/** `arguments` is JSON, as the model wrote it; `id` is the model's. */
export type FunctionCall = { id: string; arguments: string; name: string };
export type FunctionResult = { content: string; name: string; call_id: string; is_error: boolean };
/** What waits for a person: `id` names it, until `expires_at`; `server` is what the server is called that is called, null for none. */
export type ApprovalRequest = { id: string; call: FunctionCall; server: string | null; expires_at: string };

/** What became of a call. `arguments`: those that a person gave instead, as JSON; times are ISO 8601, null for what was not. */
export type CallOutcome = {
  call_id: string;
  approval_id: string;
  status: CallStatus;
  decision: Decision | null;
  decided_by: string | null;
  arguments: string | null;
  started_at: string | null;
  finished_at: string | null;
};

/** How far a call is that takes long: `id` is the call's. It is a level, of which the newest counts. */
export type CallProgress = {
  id: string;
  progress: number;
  total?: number | undefined;
  message?: string | undefined;
};

/** A reply that follows the JSON schema called `name`: as it is read by it, and the text that people read, with its keys in braces. */
export type StructuredData = { name: string; json: string; format?: string | undefined };

/** Which of these there are, the step's type says. */
export type StepData = {
  memory?: MemoryContent[] | undefined;
  calls?: FunctionCall[] | undefined;
  results?: FunctionResult[] | undefined;
  requests?: ApprovalRequest[] | undefined;
  /** In the order of the results. */
  outcomes?: CallOutcome[] | undefined;
  /** The last that each call told of its progress. */
  progress?: CallProgress[] | undefined;
  structured?: StructuredData | undefined;
  target?: string | undefined;
  /** Of a handoff: AutoGen's messages that who goes on is given. */
  context?: unknown[] | undefined;
};
