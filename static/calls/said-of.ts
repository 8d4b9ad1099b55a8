// What was decided of a call, in a sentence.
import type { Account } from '../api/access.ts';
import type { Outcome } from '../api/calls-wire.ts';
import type { SayOfCalls } from './words.ts';
import type { Word } from './words-en.ts';

const ofCalls = { approve: 'elseApprove', deny: 'elseDeny', answer: 'elseAnswer' } as const;
const ofQuestions = { ...ofCalls, deny: 'elseRefuse', answer: 'elseAnswerQuestion' } as const;

/** Empty where nobody was asked. */
export function saidOf(
  outcome: Outcome | null,
  account: Account,
  say: SayOfCalls,
  isQuestion: boolean,
): string {
  if (outcome === null) return '';
  const { decision, decidedBy, status } = outcome;
  if (decision === null) return status === 'cancelled' ? say('elseOver') : '';
  if (decision === 'deny' && decidedBy === '') return say(isQuestion ? 'elseNotAnswered' : 'elseExpired');
  // Where everybody is the same one, a name says nothing.
  const by = account.way === 'none' || decidedBy === '' ? '' : say('by', { name: decidedBy });
  const word: Word = (isQuestion ? ofQuestions : ofCalls)[decision];
  return say(word, { by });
}
