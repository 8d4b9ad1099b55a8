// The messages of a session, one below the other, in the place where they scroll.
import { useComputed } from '@preact/signals';
import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useApp } from '../shell/app-context.ts';
import { focusIfLost } from '../shell/focus.ts';
import { Icon } from '../shell/icon.tsx';
import type { Conversation } from '../state/conversation.ts';
import type { Item } from '../state/items.ts';
import { createGrouping } from './groups.ts';
import { ReplyView } from './reply-view.tsx';
import { useEarlier } from './use-earlier.ts';
import { useStickToBottom } from './use-stick-to-bottom.ts';
import { UserMessage } from './user-message.tsx';

export function Thread({ conversation }: { conversation: Conversation }) {
  const { t } = useApp().settings;
  const scroller = useRef<HTMLElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const { isAway, follow } = useStickToBottom(scroller, content);
  useEarlier(scroller, conversation);
  const { items } = conversation;
  const sent = useComputed(
    () => items.value.findLast((item) => item.kind === 'user' && item.sendKey)?.key,
  ).value;
  useEffect(() => {
    if (sent) follow();
  }, [sent]);
  const all = items.value;
  const lastReply = all.at(-1);
  const lastDemo = all.findLast((item) => item.kind === 'reply' && item.reply.message.value?.demo);
  // The same element again is not even looked at: what comes does not cost more in a long conversation.
  const groups = useRef(createGrouping()).current;
  const drawn = useRef(new WeakMap<Item, { look: string; element: VNode }>()).current;

  function draw(item: Item): VNode {
    const isLast = item === lastReply;
    const showsDemo = item === lastDemo;
    const look = `${isLast} ${showsDemo}`;
    const known = drawn.get(item);
    if (known?.look === look) return known.element;
    const element =
      item.kind === 'user' ? (
        <UserMessage key={item.key} item={item} conversation={conversation} />
      ) : (
        <ReplyView
          key={item.key}
          item={item}
          conversation={conversation}
          isLast={isLast}
          showsDemo={showsDemo}
        />
      );
    drawn.set(item, { look, element });
    return element;
  }

  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls it */}
      <section ref={scroller} class="scroller" id="scroller" tabIndex={0} aria-label={t('conversation')}>
        <div ref={content} class="thread" id="stage">
          {conversation.hasEarlier.value && (
            <p class="earlier" aria-hidden="true">
              {t('loading')}
            </p>
          )}
          {groups(all).map(({ key, items: group }) => (
            <div class="group" key={key}>
              {group.map(draw)}
            </div>
          ))}
        </div>
      </section>
      {isAway.value && (
        <div class="to-latest-place">
          <button
            type="button"
            class="to-latest"
            onClick={() => {
              follow();
              focusIfLost(scroller.current);
            }}
          >
            <Icon name="arrowDown" />
            {t('toLatest')}
          </button>
        </div>
      )}
    </>
  );
}
