// Files that are pasted, or dropped anywhere on the page.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

export type Brought = { files: File[]; hasFolders: boolean };

/** True while files are held over the page. */
export function useBrought(take: (brought: Brought) => void): boolean {
  const isDragged = useSignal(false);
  const taken = useRef(take);
  taken.current = take;
  useEffect(() => {
    /** Leaving one element is entering another. */
    let inside = 0;
    const held = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes('Files')) return false;
      // Else the browser would leave the page and show the file.
      event.preventDefault();
      return true;
    };
    const show = (now: number) => {
      inside = Math.max(0, now);
      isDragged.value = inside > 0 && mayTake();
    };
    const listeners = {
      dragenter: (event: DragEvent) => void (held(event) && show(inside + 1)),
      dragleave: (event: DragEvent) => void (held(event) && show(inside - 1)),
      dragover(event: DragEvent) {
        if (held(event) && event.dataTransfer) event.dataTransfer.dropEffect = mayTake() ? 'copy' : 'none';
      },
      drop(event: DragEvent) {
        if (!held(event) || !event.dataTransfer) return;
        show(0);
        if (mayTake()) taken.current(broughtBy(event.dataTransfer));
      },
      paste(event: ClipboardEvent) {
        const { target, clipboardData } = event;
        if (!clipboardData || !isPastedHere(target) || !mayTake() || isText(clipboardData)) return;
        const brought = broughtBy(clipboardData);
        if (brought.files.length === 0) return;
        event.preventDefault();
        taken.current(brought);
      },
    };
    const all = Object.entries(listeners) as [string, EventListener][];
    for (const [name, listener] of all) addEventListener(name, listener);
    return () => {
      for (const [name, listener] of all) removeEventListener(name, listener);
    };
  }, []);
  return isDragged.value;
}

/** What lies over the page is about something else. */
const mayTake = (): boolean => document.querySelector('dialog[open]') === null;

/** Into the message box, or nowhere in particular. */
const isPastedHere = (target: EventTarget | null): boolean =>
  !(target instanceof Element) || target.id === 'input' || !target.matches('input, textarea, select');

/** Office programs copy a picture of the text along with it. */
const isText = ({ types }: DataTransfer): boolean =>
  types.includes('text/plain') && types.includes('text/html');

function broughtBy({ items }: DataTransfer): Brought {
  const files: File[] = [];
  let hasFolders = false;
  for (const item of items) {
    if (item.kind !== 'file') continue;
    const file = item.getAsFile();
    if (item.webkitGetAsEntry?.()?.isDirectory) hasFolders = true;
    else if (file) files.push(file);
  }
  return { files, hasFolders };
}
