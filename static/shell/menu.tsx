// A button that opens a menu. Arrow keys, Home, End and Escape work as in any menu.
import { Icon, type IconName } from './icon.tsx';
import { Popover } from './popover.tsx';

export type MenuEntry = { icon: IconName; text: string; run: () => void; danger?: boolean };
export type MenuProps = { label: string; icon: IconName; entries: MenuEntry[] };

export function Menu({ label, icon, entries }: MenuProps) {
  return (
    <Popover
      label={label}
      icon={icon}
      class="menu"
      role="menu"
      onOpen={(panel) => itemsOf(panel)[0]?.focus()}
      onKeyDown={move}
    >
      {(close) =>
        entries.map(({ icon: glyph, text, run, danger }) => (
          <button
            key={text}
            type="button"
            role="menuitem"
            tabIndex={-1}
            class={danger ? 'danger' : ''}
            onClick={() => {
              close();
              run();
            }}
          >
            <Icon name={glyph} />
            {text}
          </button>
        ))
      }
    </Popover>
  );
}

const itemsOf = (panel: HTMLElement): HTMLElement[] => [
  ...panel.querySelectorAll<HTMLElement>('[role=menuitem]'),
];

function move(event: KeyboardEvent, panel: HTMLElement): void {
  const items = itemsOf(panel);
  const at = items.findIndex((item) => item.matches(':focus'));
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
  if (event.key === 'Tab') panel.hidePopover();
  if (to === undefined) return;
  event.preventDefault();
  items.at(to % items.length)?.focus();
}
