// A key that was only just made, to be copied: nothing keeps it, and it goes with this dialog.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { copyText } from '../shell/copy-text.ts';
import { Dialog } from '../shell/dialog.tsx';
import { Icon } from '../shell/icon.tsx';
import { useAdmin } from './admin-context.ts';

export type MadeKeyProps = { made: { key: string; owner: string }; onClose: () => void };

export function MadeKey({ made: { key, owner }, onClose }: MadeKeyProps) {
  const { say, tell } = useAdmin();
  const field = useRef<HTMLInputElement>(null);
  const isCopied = useSignal(false);
  useEffect(() => field.current?.select(), []);
  return (
    <Dialog title={say('keyMadeTitle', { owner })} onClose={onClose} staysOpen>
      <p>{say('keyMadeText')}</p>
      <div class="made-key">
        <input
          ref={field}
          id="made-key"
          readOnly
          value={key}
          dir="ltr"
          aria-label={say('key')}
          onFocus={({ currentTarget }) => currentTarget.select()}
        />
        <button
          type="button"
          class="button plain"
          onClick={async () => {
            isCopied.value = await copyText(key);
            if (isCopied.value) tell('copied');
            else field.current?.select();
          }}
        >
          <Icon name={isCopied.value ? 'check' : 'copy'} />
          {say(isCopied.value ? 'copied' : 'copy')}
        </button>
      </div>
      <div class="dialog-buttons">
        <button type="button" class="button" onClick={onClose}>
          {say('done')}
        </button>
      </div>
    </Dialog>
  );
}
