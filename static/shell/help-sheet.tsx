// The sheet of keyboard shortcuts.
import type { TextName } from '../state/settings.ts';
import { useApp } from './app-context.ts';
import { Dialog } from './dialog.tsx';
import { commandKey } from './shortcuts.ts';

const rows: readonly (readonly [TextName, ...string[]])[] = [
  ['helpSend', 'Enter'],
  ['helpNewLine', 'Shift', 'Enter'],
  ['helpLast', '↑'],
  ['helpStop', 'Esc'],
  ['helpFocus', '/'],
  ['helpSearch', commandKey, 'K'],
  ['helpNew', commandKey, 'Shift', 'O'],
  ['helpWaiting', commandKey, '.'],
  ['helpRename', 'F2'],
  ['helpDelete', 'Delete'],
  ['helpSheet', commandKey, '/'],
];

export function HelpSheet() {
  const { settings, dialog } = useApp();
  const { t } = settings;
  const close = () => {
    dialog.value = null;
  };
  return (
    <Dialog title={t('help')} onClose={close}>
      <dl class="shortcuts">
        {rows.map(([name, ...keys]) => (
          <div class="shortcut" key={name}>
            <dt>{t(name)}</dt>
            <dd>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
