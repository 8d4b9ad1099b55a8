// A button and what it opens, in the browser's top layer, so that nothing cuts it off. What it opens is only made
// while it is open.
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useId, useMemo, useRef } from 'preact/hooks';
import { Icon, type IconName } from './icon.tsx';
import { placeNear } from './place-near.ts';

export type PopoverProps = {
  label: string;
  icon: IconName;
  /** Of the button. */
  id?: string;
  /** Of what opens. */
  class: string;
  role?: 'menu' | 'dialog';
  onOpen?: (panel: HTMLElement) => void;
  onKeyDown?: (event: KeyboardEvent, panel: HTMLElement) => void;
  children: (close: () => void) => ComponentChildren;
};

export function Popover({ label, icon, id: buttonId, class: kind, role = 'dialog', ...props }: PopoverProps) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const isOpen = useSignal(false);
  // What is in it may come later, and would reach out of the window then.
  const sizes = useMemo(() => new ResizeObserver(place), []);

  function place(): void {
    if (button.current && panel.current) placeNear(button.current, panel.current);
  }

  function onToggle(event: { newState: string }): void {
    if (!button.current || !panel.current) return;
    if (event.newState !== 'open') {
      sizes.disconnect();
      delete panel.current.dataset.placed;
      // Not before: while it closes the focus goes back from what is in it to the button.
      isOpen.value = false;
      return;
    }
    place();
    sizes.observe(panel.current);
    // Until now it was not to be seen.
    panel.current.dataset.placed = '';
    props.onOpen?.(panel.current);
  }

  return (
    <>
      <button
        ref={button}
        type="button"
        class="icon"
        id={buttonId}
        aria-label={label}
        title={label}
        aria-haspopup={role}
        aria-expanded={isOpen.value}
        popovertarget={id}
      >
        <Icon name={icon} />
      </button>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: its role is given */}
      {/* biome-ignore lint/a11y/useAriaPropsSupportedByRole: it has a role that takes a label */}
      <div
        ref={panel}
        id={id}
        class={`popover ${kind}`}
        popover="auto"
        role={role}
        aria-label={label}
        tabIndex={-1}
        onBeforeToggle={(event: { newState: string }) => {
          if (event.newState === 'open') isOpen.value = true;
        }}
        onToggle={onToggle}
        onKeyDown={(event) => panel.current && props.onKeyDown?.(event, panel.current)}
      >
        {isOpen.value && props.children(() => panel.current?.hidePopover())}
      </div>
    </>
  );
}
