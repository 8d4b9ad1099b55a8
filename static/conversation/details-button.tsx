// What there is to know of a message, for who asks.
import type { Message } from '../api/wire.ts';
import { useApp } from '../shell/app-context.ts';
import { later } from '../shell/later.tsx';
import { Popover } from '../shell/popover.tsx';

const MessageDetails = later(async () => (await import('./message-details.tsx')).MessageDetails);

export function DetailsButton({ message }: { message: Message }) {
  return (
    <Popover label={useApp().settings.t('details')} icon="info" class="details">
      {() => <MessageDetails message={message} />}
    </Popover>
  );
}
