// Copies a message as it was written, and says so for a moment.
import { useSignal } from '@preact/signals';
import { useApp } from '../shell/app-context.ts';
import { copyText } from '../shell/copy-text.ts';
import { MessageAction } from './message-action.tsx';

const saidMs = 2000;

export function CopyButton({ text }: { text: () => string }) {
  const { settings, announcer } = useApp();
  const copied = useSignal(false);
  const label = settings.t(copied.value ? 'copied' : 'copy');
  return (
    <MessageAction
      icon={copied.value ? 'check' : 'copy'}
      label={label}
      run={async () => {
        if (!(await copyText(text()))) return;
        copied.value = true;
        announcer.say(settings.t('copied'));
        setTimeout(() => {
          copied.value = false;
        }, saidMs);
      }}
    />
  );
}
