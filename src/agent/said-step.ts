// What a turn has said so far, as its agent and whoever runs it read it.
import { z } from 'zod';
import type { CallProgress, FunctionCall, FunctionResult, StepData } from '../words/steps.ts';
import { callStatuses, decisions } from '../words/tool-calls.ts';

/** A step as the next one knows it. `data` is as it is stored, see `dataOf`. */
export type SaidStep = {
  source: string;
  type: string;
  content: string;
  thought: string | null;
  data: unknown;
};

const call = z.object({ id: z.string(), arguments: z.string(), name: z.string() });
const result = z.object({
  content: z.string(),
  name: z.string(),
  call_id: z.string(),
  is_error: z.boolean(),
});
const request = z.object({
  id: z.string(),
  call,
  server: z.string().nullable().default(null),
  expires_at: z.string(),
});
const outcome = z.object({
  call_id: z.string(),
  approval_id: z.string(),
  status: z.enum(callStatuses),
  decision: z.enum(decisions).nullable(),
  decided_by: z.string().nullable(),
  arguments: z.string().nullable(),
  started_at: z.string().nullable(),
  finished_at: z.string().nullable(),
});
const progress = z.object({
  id: z.string(),
  progress: z.number(),
  total: z.number().optional(),
  message: z.string().optional(),
});
const structured = z.object({ name: z.string(), json: z.string(), format: z.string().optional() });
const remembered = z.object({
  content: z.string(),
  mime_type: z.string(),
  metadata: z.record(z.string(), z.unknown()).nullable(),
});
const stepData = z.object({
  memory: z.array(remembered).optional(),
  calls: z.array(call).optional(),
  results: z.array(result).optional(),
  requests: z.array(request).optional(),
  outcomes: z.array(outcome).optional(),
  progress: z.array(progress).optional(),
  structured: structured.optional(),
  target: z.string().optional(),
  context: z.array(z.unknown()).optional(),
});

/** Progress as it is stored while its call goes on. */
export const progressOf = (text: string): CallProgress => progress.parse(JSON.parse(text));

/** What a stored step has beside its text. */
export const dataOf = ({ data }: Pick<SaidStep, 'data'>): StepData =>
  data === null || data === undefined ? {} : stepData.parse(data);

export const callsOf = (step: Pick<SaidStep, 'data'>): FunctionCall[] => dataOf(step).calls ?? [];
export const resultsOf = (step: Pick<SaidStep, 'data'>): FunctionResult[] => dataOf(step).results ?? [];

/** The calls that `asks` asks for, as they were made by what stands behind it: a person may have given other arguments. */
export function callsMade(
  asks: Pick<SaidStep, 'data'>,
  results: Pick<SaidStep, 'data'> | undefined,
): FunctionCall[] {
  const outcomes = results ? (dataOf(results).outcomes ?? []) : [];
  // By their place: a model may give two calls one id.
  return callsOf(asks).map((call, place) => withArguments(call, outcomes[place]?.arguments));
}

export const withArguments = (call: FunctionCall, made: string | null | undefined): FunctionCall =>
  made === null || made === undefined ? call : { ...call, arguments: made };
