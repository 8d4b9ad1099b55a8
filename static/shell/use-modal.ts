// A dialog that is over the page for as long as it is drawn.
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

/** To be the `ref` of a `<dialog>`. What had the focus before has it afterwards, if it is still there. */
export function useModal(): RefObject<HTMLDialogElement | null> {
  const dialog = useRef<HTMLDialogElement>(null);
  // A plain effect ends once the dialog is out of the page: then the browser gives the focus to nobody.
  useLayoutEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  return dialog;
}
