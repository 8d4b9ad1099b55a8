// One call of a tool as a line that opens: with what, what came of it, who allowed it, and how long it took.
import { useSignal } from '@preact/signals';
import type { Outcome, ToolCall } from '../api/calls-wire.ts';
import { useApp } from '../shell/app-context.ts';
import { Icon } from '../shell/icon.tsx';
import { duration } from '../shell/time.ts';
import { CallText } from './call-text.tsx';
import { inShort, setOut } from './json-text.ts';
import { questionIn } from './question.ts';
import { saidOf } from './said-of.ts';
import { useWords } from './words.ts';
import type { Word } from './words-en.ts';

/** `outcome`: what is known of it, also before its result. */
export type CallLineProps = { call: ToolCall; outcome: Outcome | null; hasEnded: boolean };

export function CallLine({ call, outcome, hasEnded }: CallLineProps) {
  const say = useWords();
  const { settings, account } = useApp();
  const isOpen = useSignal(false);
  const state = stateOf({ call, outcome, hasEnded });
  const ms = call.result === null ? null : (outcome?.tookMs ?? null);
  const question = questionIn(call);
  const said = saidOf(outcome, account.value, say, question !== null);
  return (
    <details
      class="call"
      onToggle={({ currentTarget }) => {
        isOpen.value = currentTarget.open;
      }}
    >
      <summary>
        <Icon name="chevron" />
        <span class="call-name">{question ? say('question') : call.name}</span>
        <span class="call-hint" dir="auto">
          {question?.text ?? inShort(outcome?.given || call.arguments)}
        </span>
        <span class={`call-state ${state}`}>
          {say(question ? (ofQuestions[state] ?? state) : state)}
          {ms !== null && ` · ${duration(ms, settings.locale.value)}`}
        </span>
      </summary>
      {isOpen.value && (
        <>
          {said && <p class="call-note">{said}</p>}
          {question ? (
            <CallText label={say('question')} text={[question.text, ...question.options].join('\n')} />
          ) : (
            <CallText label={say('arguments')} text={setOut(call.arguments)} />
          )}
          {outcome?.given && <CallText label={say('given')} text={setOut(outcome.given)} />}
          {call.result === '' && <p class="call-note">{say('noResult')}</p>}
          {call.result && <CallText label={say(question ? 'answerGiven' : 'result')} text={call.result} />}
        </>
      )}
    </details>
  );
}

/** What a question is at, where a call's word is another. */
const ofQuestions: Partial<Record<Word, Word>> = {
  denied: 'refused',
  expired: 'notAnswered',
  waiting: 'asks',
};

/** What it is at, in a word. */
export function stateOf({ call, outcome, hasEnded }: CallLineProps): Word {
  if (outcome?.status === 'denied') return outcome.decidedBy === '' ? 'expired' : 'denied';
  if (outcome?.status === 'unknown') return 'unknown';
  if (outcome?.status === 'cancelled') return 'notMade';
  if (outcome?.decision === 'answer') return 'answered';
  if (call.result !== null) return call.isError ? 'failed' : 'done';
  // Of a turn that has ended nothing runs any more.
  if (hasEnded) return 'unfinished';
  if (outcome?.decision === 'approve') return 'approved';
  return call.approval ? 'waiting' : 'running';
}
