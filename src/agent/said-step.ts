// What a turn has said so far, as its agent and whoever runs it read it.
import { z } from 'zod';
import type { FunctionCall, FunctionResult, StepData } from '../words/steps.ts';

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
const request = z.object({ id: z.string(), call, expires_at: z.string() });
const stepData = z.object({
  calls: z.array(call).optional(),
  results: z.array(result).optional(),
  requests: z.array(request).optional(),
  target: z.string().optional(),
  context: z.array(z.unknown()).optional(),
});

/** What a stored step has beside its text. */
export const dataOf = ({ data }: Pick<SaidStep, 'data'>): StepData =>
  data === null || data === undefined ? {} : stepData.parse(data);

export const callsOf = (step: Pick<SaidStep, 'data'>): FunctionCall[] => dataOf(step).calls ?? [];
export const resultsOf = (step: Pick<SaidStep, 'data'>): FunctionResult[] => dataOf(step).results ?? [];
