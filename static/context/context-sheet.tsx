// What the next message is answered with: how much is sent, what is left out and why, and what was used so far.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { getContext, type SessionContext } from '../api/context.ts';
import { addStyle } from '../shell/add-style.ts';
import { useApp } from '../shell/app-context.ts';
import { Dialog } from '../shell/dialog.tsx';
import css from './context.css' with { type: 'text' };
import { useNumber } from './numbers.ts';
import { useWords } from './words.ts';
import type { Word } from './words-en.ts';

addStyle(css);

export function ContextSheet() {
  const app = useApp();
  const say = useWords();
  const context = useSignal<SessionContext | 'failed' | null>(null);
  const id = app.route.sessionId.value;
  const close = () => {
    app.dialog.value = null;
  };
  useEffect(() => {
    if (id === null) return close();
    void getContext(id, { model: app.who.value.model, usage: true }).then(
      (told) => {
        context.value = told;
      },
      () => {
        context.value = 'failed';
      },
    );
  }, [id]);
  const told = context.value;
  return (
    <Dialog title={say('title')} onClose={close}>
      {told === 'failed' && <p role="alert">{say('failed')}</p>}
      {told === null && <p>{app.settings.t('loading')}</p>}
      {told && told !== 'failed' && <Told context={told} />}
    </Dialog>
  );
}

const policies: readonly Word[] = [
  'newest_that_fit',
  'token_limited',
  'buffered',
  'head_and_tail',
  'unbounded',
];

function Told({ context: { tokens, limit, sent, leftOut, policy, usage } }: { context: SessionContext }) {
  const say = useWords();
  const number = useNumber();
  const rule = policies.find((name) => name === policy.name);
  const isWhole = leftOut.byPolicy + leftOut.byModelLimit + leftOut.empty === 0;
  return (
    <div class="context-told">
      <p>
        {say('before', { tokens: number(tokens) })} {limit !== null && say('room', { limit: number(limit) })}
      </p>
      <p>
        {say('sent', { count: number(sent) })} {isWhole && say('all')}
      </p>
      {leftOut.byPolicy > 0 && <p>{say('byPolicy', { count: number(leftOut.byPolicy) })}</p>}
      {leftOut.byModelLimit > 0 && <p>{say('byModelLimit', { count: number(leftOut.byModelLimit) })}</p>}
      {leftOut.empty > 0 && <p>{say('empty', { count: number(leftOut.empty) })}</p>}
      {rule && (
        <p class="soft">
          {say('rule')}{' '}
          {say(rule, {
            limit: number(policy.limit),
            size: number(policy.size),
            head: number(policy.head),
            tail: number(policy.tail),
          })}
        </p>
      )}
      <h3>{say('used')}</h3>
      <p>
        {say('usedTokens', { prompt: number(usage.prompt), completion: number(usage.completion) })}
        {usage.cost > 0 && (
          <>
            <br />
            {say('usedCost', { cost: number(usage.cost, 3) })}
          </>
        )}
      </p>
    </div>
  );
}
