// A question of an agent's that waits for its answer.
import { useSignal } from '@preact/signals';
import { useEffect, useId, useRef } from 'preact/hooks';
import type { Approval } from '../api/calls-wire.ts';
import { useApp } from '../shell/app-context.ts';
import { focusIfLost, restingPlace } from '../shell/focus.ts';
import { Expiry } from './expiry.tsx';
import { InWords } from './in-words.tsx';
import { shown } from './json-text.ts';
import type { Question } from './question.ts';
import { denial, type Said, useDecision } from './use-decision.ts';
import { useWords } from './words.ts';

export type QuestionCardProps = { question: Question; approval: Approval; sessionId: string };

const ofQuestions: Said = { approve: 'saidApprove', deny: 'saidRefuse', answer: 'saidAnswerQuestion' };

export function QuestionCard({ question, approval, sessionId }: QuestionCardProps) {
  const say = useWords();
  const { canWrite, waiting } = useApp();
  const title = useId();
  const text = useId();
  const card = useRef<HTMLElement>(null);
  const refuses = useSignal(false);
  const { isSending, trouble, decide } = useDecision(sessionId, approval, ofQuestions);
  // Once it is answered it goes, and the focus with it.
  useEffect(() => () => focusIfLost('.approval button', restingPlace()), []);

  const focusWords = () =>
    requestAnimationFrame(() =>
      card.current?.querySelector<HTMLElement>('.approval-words textarea')?.focus(),
    );
  const turnTo = (refusing: boolean) => {
    refuses.value = refusing;
    focusWords();
  };
  const answer = (given: string) => decide({ decision: 'answer', answer: given });

  return (
    <section class="approval" aria-labelledby={`${title} ${text}`} ref={card}>
      <h3 id={title}>{say('question')}</h3>
      <p id={text} class="question-text" dir="auto">
        {question.text}
      </p>
      {canWrite.value && (
        <fieldset class="approval-body" disabled={isSending.value}>
          {!refuses.value && question.options.length > 0 && (
            <div class="approval-answers">
              {question.options.map((option) => (
                <button
                  key={option}
                  type="button"
                  class="button plain small question-option"
                  dir="auto"
                  onClick={() => answer(option)}
                >
                  {shown(option)}
                </button>
              ))}
            </div>
          )}
          {refuses.value ? (
            <InWords
              key="refuses"
              asked="refuseReason"
              done="refuseNow"
              decide={(reason) => decide(denial(reason))}
              leave={() => turnTo(false)}
            />
          ) : (
            <InWords
              key="answers"
              asked={question.options.length > 0 ? 'otherAnswer' : 'yourAnswer'}
              done="answerQuestion"
              decide={(given) => (given.trim() ? answer(given) : focusWords())}
            >
              <button type="button" class="button plain small" onClick={() => turnTo(true)}>
                {say('refuse')}
              </button>
            </InWords>
          )}
        </fieldset>
      )}
      <Expiry at={approval.expiresAt} passed={() => void waiting.refresh()} word="questionExpires" />
      <p class="call-note" role="status">
        {isSending.value ? say('sending') : trouble.value}
      </p>
    </section>
  );
}
