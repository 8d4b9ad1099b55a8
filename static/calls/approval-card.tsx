// A call that waits for a person: what exactly will be done, and what may be said of it.
import { useSignal } from '@preact/signals';
import { useEffect, useId, useRef } from 'preact/hooks';
import type { Approval, ToolCall } from '../api/calls-wire.ts';
import { parseJson, record } from '../api/json.ts';
import { useApp } from '../shell/app-context.ts';
import { focusIfLost, restingPlace } from '../shell/focus.ts';
import { ArgumentsEditor } from './arguments-editor.tsx';
import { CallText } from './call-text.tsx';
import { Expiry } from './expiry.tsx';
import { InWords } from './in-words.tsx';
import { setOut } from './json-text.ts';
import { isObject, useArguments } from './use-arguments.ts';
import { denial, useDecision } from './use-decision.ts';
import { useWords } from './words.ts';

export type ApprovalCardProps = { call: ToolCall; approval: Approval; sessionId: string };

export function ApprovalCard({ call, approval, sessionId }: ApprovalCardProps) {
  const say = useWords();
  const { canWrite, waiting } = useApp();
  const title = useId();
  const card = useRef<HTMLElement>(null);
  /** What is about to be said, where that takes words. */
  const saying = useSignal<'deny' | 'answer' | null>(null);
  const args = useArguments(call.name, call.arguments);
  const { isSending, trouble, decide } = useDecision(sessionId, approval);
  // Once it is decided it goes, and the focus with it.
  useEffect(() => () => focusIfLost('.approval button', restingPlace()), []);

  const focus = (selector: string) =>
    requestAnimationFrame(() => card.current?.querySelector<HTMLElement>(selector)?.focus());
  const focusField = () => focus('.approval-body :is(textarea, input, select, section)');
  const showWrong = () => focus('[aria-invalid="true"]');
  const begin = (what: 'deny' | 'answer') => {
    saying.value = what;
    focus('.approval-words textarea');
  };

  function approve(): void {
    const given = args.read();
    if (given) decide({ decision: 'approve', ...given });
    else showWrong();
  }

  function edit(how: () => unknown): void {
    if (how() === false) showWrong();
    else focusField();
  }

  return (
    <section class="approval" aria-labelledby={title} ref={card}>
      <h3 id={title}>{say('asked', { name: call.name })}</h3>
      {approval.server && <p class="call-note">{say('atServer', { server: approval.server })}</p>}
      {args.schema.value?.description && (
        <p class="call-note" dir="auto">
          {args.schema.value.description}
        </p>
      )}
      <fieldset class="approval-body" disabled={isSending.value}>
        {args.draft.value ? (
          <ArgumentsEditor draft={args.draft.value} wrongs={args.wrongs.value} change={args.change} />
        ) : (
          <Exactly json={call.arguments} />
        )}
        {canWrite.value && !saying.value && (
          <>
            <div class="approval-change">
              {!args.draft.value && (
                <button type="button" class="quiet" onClick={() => edit(args.begin)}>
                  {say('change')}
                </button>
              )}
              {args.draft.value && args.hasFields() && (
                <button type="button" class="quiet" onClick={() => edit(args.turnOver)}>
                  {say(args.draft.value.fields ? 'asJson' : 'asFields')}
                </button>
              )}
              {args.draft.value && (
                <button type="button" class="quiet" onClick={() => edit(args.giveUp)}>
                  {say('unchanged')}
                </button>
              )}
            </div>
            <div class="approval-answers">
              <button type="button" class="button small" onClick={approve}>
                {say('allow')}
              </button>
              <button type="button" class="button plain small" onClick={() => begin('deny')}>
                {say('deny')}
              </button>
              <button type="button" class="button plain small" onClick={() => begin('answer')}>
                {say('answer')}
              </button>
            </div>
          </>
        )}
        {saying.value && (
          <InWords
            {...inWords[saying.value]}
            decide={(text) =>
              decide(saying.value === 'deny' ? denial(text) : { decision: 'answer', answer: text })
            }
            leave={() => {
              saying.value = null;
              focus('.approval-answers .button');
            }}
          />
        )}
      </fieldset>
      <Expiry at={approval.expiresAt} passed={() => void waiting.refresh()} />
      <p class="call-note" role="status">
        {isSending.value ? say('sending') : trouble.value}
      </p>
    </section>
  );
}

const inWords = {
  deny: { asked: 'denyReason', done: 'denyNow' },
  answer: { asked: 'answerText', done: 'answerNow' },
} as const;

/** What it will be called with, to the letter. */
function Exactly({ json }: { json: string }) {
  const say = useWords();
  const given = parseJson(json);
  if (isObject(given) && Object.keys(record(given)).length === 0)
    return <p class="call-note">{say('exactlyNothing')}</p>;
  return (
    <>
      <CallText label={say('exactly')} text={setOut(json)} />
      {!isObject(given) && <p class="call-note">{say('noObject')}</p>}
    </>
  );
}
