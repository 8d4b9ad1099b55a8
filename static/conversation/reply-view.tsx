// A reply: its thought, its text, and what there is to say and to do about it.
import { useSignal } from '@preact/signals';
import { useApp } from '../shell/app-context.ts';
import { focusIfLost, restingPlace } from '../shell/focus.ts';
import { later } from '../shell/later.tsx';
import type { Conversation } from '../state/conversation.ts';
import type { ReplyItem } from '../state/items.ts';
import type { Reply } from '../state/reply.ts';
import { CopyButton } from './copy-button.tsx';
import { DetailsButton } from './details-button.tsx';
import { Failure } from './failure.tsx';
import { MessageAction } from './message-action.tsx';
import { richText, TextHost } from './text-host.tsx';
import { ThoughtView } from './thought-view.tsx';

const MessageVersions = later(async () => (await import('../versions/versions.ts')).MessageVersions);
const CallsView = later(async () => (await import('../calls/calls-view.tsx')).CallsView);

export type ReplyViewProps = {
  item: ReplyItem;
  conversation: Conversation;
  isLast: boolean;
  showsDemo: boolean;
};

export function ReplyView({ item, conversation, isLast, showsDemo }: ReplyViewProps) {
  const { settings, canWrite } = useApp();
  const { t } = settings;
  const { reply, asked } = item;
  // The message itself says why it was not sent.
  if (asked?.refused.value) return null;
  const message = reply.message.value;
  const hasEnded = reply.phase.value === 'ended';
  // What is below the text waits for it, and so is not pushed down by it.
  const isDrawn = useSignal(message !== null);
  const draw = (host: HTMLElement) =>
    richText(host, (value) => {
      isDrawn.value = value;
    });
  const hasActions = message !== null && (isDrawn.value || !reply.hasText.value);
  // A reply that came to nothing has nothing to be done with.
  const isSettled = hasActions || (hasEnded && message === null);
  return (
    <article class={isSettled ? 'message assistant' : 'message assistant unsettled'} aria-busy={!hasEnded}>
      <Answerer reply={reply} />
      {reply.rounds.value.length > 0 && <CallsView reply={reply} sessionId={conversation.id} />}
      {reply.hasThought.value && <ThoughtView reply={reply} />}
      {(reply.hasText.value || !hasEnded) && <TextHost feed={reply.text} class="rich" draw={draw} />}
      <Pending reply={reply} />
      <Notice reply={reply} showsDemo={showsDemo} />
      <Failure item={item} conversation={conversation} />
      {hasActions && (
        <div class={isLast ? 'message-actions last' : 'message-actions'}>
          {reply.hasText.value && <CopyButton text={reply.text.text} />}
          {asked && canWrite.value && (
            <MessageAction
              icon="refresh"
              label={t('regenerate')}
              disabled={conversation.busy.value}
              run={() => {
                void conversation.answerAgain(item);
                focusIfLost(restingPlace());
              }}
            />
          )}
          <MessageVersions message={message} conversation={conversation} />
          <DetailsButton message={message} />
        </div>
      )}
    </article>
  );
}

/** Whose reply it is: also of an agent that is not there any more, by its name. */
function Answerer({ reply }: { reply: Reply }) {
  const { settings, agentLabels } = useApp();
  const name = reply.source.value;
  const label = agentLabels.value.get(name) ?? name;
  const model = reply.message.value?.model;
  return (
    <h2 class="answerer" dir="auto">
      {label && label !== 'assistant' ? label : settings.t('assistant')}
      {model && <span> · {model}</span>}
    </h2>
  );
}

/** What goes on while there is nothing to read. */
function Pending({ reply }: { reply: Reply }) {
  const { settings, connection } = useApp();
  const { t } = settings;
  const phase = reply.phase.value;
  if (phase === 'ended') return null;
  const trouble = reply.trouble.value;
  const status = connection.status.value;
  // Once the server is back nothing is lost or unsent for long: that would only contradict the banner.
  if ((trouble === 'lost' || trouble === 'unsent') && status !== 'back') {
    if (status === 'signedOut' || status === 'signIn') return <p class="pending">{t('troubleSignedOut')}</p>;
    return <p class="pending">{t(trouble === 'lost' ? 'troubleLost' : 'troubleUnsent')}</p>;
  }
  if (trouble === 'restarted') return <p class="pending">{t('troubleRestarted')}</p>;
  // Its calls say so.
  if (phase === 'tool') return null;
  if (phase === 'waiting') return <p class="pending">{t('waiting')}</p>;
  return null;
}

function Notice({ reply, showsDemo }: { reply: Reply; showsDemo: boolean }) {
  const { settings, account, dialog } = useApp();
  const { t } = settings;
  const message = reply.message.value;
  if (reply.outcome.value === 'cancelled') return <p class="notice">{t('cancelledEmpty')}</p>;
  if (!message) return null;
  return (
    <>
      {message.cancelled && (
        <p class="notice">{t(message.content === '' ? 'cancelledEmpty' : 'cancelled')}</p>
      )}
      {message.cutBy === 'length' && <p class="notice">{t('cutLength')}</p>}
      {message.cutBy === 'content_filter' && <p class="notice">{t('cutFilter')}</p>}
      {message.cutBy === 'unknown' && <p class="notice">{t('cutUnknown')}</p>}
      {showsDemo && (
        <p class="notice demo">
          {t('demo')}{' '}
          {account.value.role === 'admin' && (
            <button
              type="button"
              class="quiet"
              onClick={() => {
                dialog.value = 'model';
              }}
            >
              {t('setUpModel')}
            </button>
          )}
        </p>
      )}
    </>
  );
}
