// One of the reader's messages, being said otherwise in its place. What was typed outlives a reload.
import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import '../state/conversation-versions.ts';
import { longestMessage } from '../api/turns.ts';
import { fit } from '../composer/fit-height.ts';
import { addStyle } from '../shell/add-style.ts';
import { useApp } from '../shell/app-context.ts';
import type { Conversation } from '../state/conversation.ts';
import type { UserItem } from '../state/items.ts';
import css from './versions.css' with { type: 'text' };
import { useWords } from './words.ts';

addStyle(css);

export function EditMessage({ item, conversation }: { item: UserItem; conversation: Conversation }) {
  const { drafts, editing } = useApp();
  const say = useWords();
  const input = useRef<HTMLTextAreaElement>(null);
  const place = `edit.${item.message.value?.id}`;
  const text = useSignal(drafts.read(place) || item.text);
  const isSame = text.value.trim() === '' || text.value === item.text;
  const canSend = !isSame && text.value.length <= longestMessage && !conversation.busy.value;

  useLayoutEffect(() => {
    const box = input.current;
    if (!box) return;
    fit(box);
    box.focus();
    box.setSelectionRange(box.value.length, box.value.length);
  }, []);

  function close(): void {
    drafts.keep(place, '');
    editing.value = null;
    document.getElementById('input')?.focus();
  }

  async function submit(): Promise<void> {
    if (!canSend) return;
    const { sayInstead } = await conversation.versions();
    sayInstead(item, text.value);
    close();
  }

  return (
    <form
      class="edit"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <textarea
        ref={input}
        dir="auto"
        rows={1}
        value={text.value}
        aria-label={say('edited')}
        aria-describedby={`${place}-kept`}
        onInput={({ currentTarget }) => {
          text.value = currentTarget.value;
          drafts.keep(place, currentTarget.value);
          fit(currentTarget);
        }}
        onKeyDown={(event) => {
          // An Enter that confirms a composition does not send.
          if (event.isComposing || event.keyCode === 229) return;
          if (event.key === 'Enter' && !event.shiftKey) {
            event.preventDefault();
            void submit();
          }
          if (event.key === 'Escape') {
            event.preventDefault();
            event.stopPropagation();
            close();
          }
        }}
      />
      <p class="kept" id={`${place}-kept`}>
        {say('kept')}
      </p>
      <div class="edit-actions">
        <button type="button" class="button plain small" onClick={close}>
          {say('cancel')}
        </button>
        <button type="submit" class="button small" disabled={!canSend}>
          {say('send')}
        </button>
      </div>
    </form>
  );
}
