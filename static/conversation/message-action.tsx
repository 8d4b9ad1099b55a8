// A small button below a message.
import { Icon, type IconName } from '../shell/icon.tsx';

export type MessageActionProps = { icon: IconName; label: string; run: () => void; disabled?: boolean };

export function MessageAction({ icon, label, run, disabled = false }: MessageActionProps) {
  return (
    <button type="button" class="icon" aria-label={label} title={label} disabled={disabled} onClick={run}>
      <Icon name={icon} />
    </button>
  );
}
