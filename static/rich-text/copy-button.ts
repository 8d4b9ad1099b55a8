// The button on code: what is in the block goes to the clipboard.
import { copyText } from '../shell/copy-text.ts';
import { label } from './labels.ts';
import { follow } from './notes.ts';

const shown = 1500;

/** Makes every copy button below `host` work, also those that come later. */
export function listenForCopies(host: HTMLElement): void {
  host.addEventListener('click', async (event) => {
    const link =
      event.target instanceof Element ? event.target.closest<HTMLAnchorElement>('a[href^="#fn"]') : null;
    if (link) {
      event.preventDefault();
      follow(host, link);
    }
    const button = event.target instanceof Element ? event.target.closest('button.rt-copy') : null;
    const block = button?.closest('.rt-code');
    const code = block?.querySelector('code');
    if (!button || !code) return;
    if (!(await copyText(code.textContent))) return;
    sayCopied(button, 'copy');
  });
}

/** Says so on the button for a moment; `word` is what it says otherwise. */
export function sayCopied(button: Element, word: string): void {
  const say = (word: string) => {
    button.setAttribute('data-label', word);
    if (button.parentElement) label(button.parentElement);
  };
  say('copied');
  setTimeout(say, shown, word);
  button.dispatchEvent(new CustomEvent('rich-text-copied', { bubbles: true }));
}
