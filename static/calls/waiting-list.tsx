// All that waits for the reader, over all sessions, to be decided here or where it belongs.
import { useEffect } from 'preact/hooks';
import type { WaitingCall } from '../api/approvals.ts';
import { addStyle } from '../shell/add-style.ts';
import { useApp } from '../shell/app-context.ts';
import { Dialog } from '../shell/dialog.tsx';
import { Icon } from '../shell/icon.tsx';
import { problemText } from '../shell/problem-text.ts';
import { sessionHash } from '../state/route.ts';
import css from './calls.css' with { type: 'text' };
import { inShort } from './json-text.ts';
import { questionIn } from './question.ts';
import { WaitingCard } from './waiting-card.tsx';
import { useWords } from './words.ts';

addStyle(css);

export function WaitingList() {
  const say = useWords();
  const { waiting, dialog, settings } = useApp();
  const status = waiting.status.value;
  const calls = waiting.calls.value;
  useEffect(() => void waiting.refresh(), []);
  return (
    <Dialog
      title={say('listTitle')}
      onClose={() => {
        dialog.value = null;
      }}
    >
      <div class="waiting-list">
        {typeof status === 'object' && (
          <div class="failure">
            <p>
              {say('listFailed')} {problemText(status, settings.t)}
            </p>
            <button type="button" class="button plain small" onClick={() => void waiting.refresh()}>
              {say('tryAgain')}
            </button>
          </div>
        )}
        {status === 'loading' && <p class="hint">{say('loading')}</p>}
        {status === 'ready' && calls.length === 0 && (
          <p class="hint" role="status">
            {say('listNone')}
          </p>
        )}
        <ul>
          {calls.map((one) => (
            <WaitingRow key={one.approval.id} {...one} />
          ))}
        </ul>
        {waiting.hasMore.value && <p class="hint">{say('listMore')}</p>}
      </div>
    </Dialog>
  );
}

function WaitingRow({ sessionId, approval, call }: WaitingCall) {
  const say = useWords();
  const { list, waiting, dialog, drawerOpen } = useApp();
  const name = list.find(sessionId)?.name;
  const question = questionIn(call);
  useEffect(() => waiting.watch(sessionId, approval), [approval.id]);
  useEffect(() => {
    if (name === undefined) void list.read(sessionId);
  }, [sessionId]);
  return (
    <li>
      <details class="call">
        <summary>
          <Icon name="chevron" />
          <span class="call-name">{question ? say('question') : call.name}</span>
          <span class="call-hint" dir="auto">
            {question?.text ?? inShort(call.arguments)}
          </span>
        </summary>
        <WaitingCard call={call} approval={approval} sessionId={sessionId} />
      </details>
      <a
        href={sessionHash(sessionId)}
        onClick={() => {
          dialog.value = null;
          drawerOpen.value = false;
        }}
      >
        {name ? say('inSession', { name }) : say('openSession')}
      </a>
    </li>
  );
}
