// The tool by which a model asks the person. Its name is its own: no other tool is called so, and a call of it is a question
// wherever it is seen. Nobody runs it: it waits as what has to be allowed does, and its result is what the person answers.
import { z } from 'zod';
import type { StaticTool } from '../tools/static-workbench.ts';
import { errorResult } from '../tools/tool.ts';
import { argumentsIn } from './call-arguments.ts';

export const ASK_USER = 'ask_user';

const question = z.object({
  question: z.string().regex(/\S/),
  options: z.array(z.string().regex(/\S/)).optional(),
});

const describedText = (description: string) => ({ type: 'string', description });

export const askUserTool: StaticTool = {
  name: ASK_USER,
  description:
    'Asks the user a question, and gives the answer. Use it where only the user knows what you need, or has to choose.',
  parameters: {
    type: 'object',
    properties: {
      question: describedText('The question, as the user reads it'),
      options: {
        type: 'array',
        items: describedText('An answer that the user may choose'),
        description: 'Answers to choose from; the user may give another one. Leave it out if there are none.',
      },
    },
    required: ['question'],
    additionalProperties: false,
  },
  annotations: { readOnlyHint: true, openWorldHint: false },
  run: async () => errorResult('Error: question must be a text, and options a list of texts'),
};

/** Whether somebody can answer it; of another the model is told what is wrong. */
export function isAnswerable(given: string): boolean {
  const args = argumentsIn(given);
  return 'given' in args && question.safeParse(args.given).success;
}
