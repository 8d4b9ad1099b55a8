// The button on code: what is in the block goes to the clipboard.

const shown = 1500;

/** Makes every copy button below `host` work, also those that come later. */
export function listenForCopies(host: HTMLElement, relabel: (root: ParentNode) => void): void {
  host.addEventListener('click', async (event) => {
    const button = event.target instanceof Element ? event.target.closest('button.rt-copy') : null;
    const block = button?.closest('.rt-code');
    const code = block?.querySelector('code');
    if (!button || !block || !code) return;
    if (!(await copy(code.textContent))) return;
    const say = (word: string) => {
      button.setAttribute('data-label', word);
      relabel(block);
    };
    say('copied');
    setTimeout(say, shown, 'copy');
    host.dispatchEvent(new CustomEvent('rich-text-copied', { bubbles: true }));
  });
}

/** Pages served without TLS have no clipboard API, so there is the old way. */
async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const before = document.activeElement;
    const area = document.createElement('textarea');
    area.className = 'rt-unseen';
    area.value = text;
    document.body.append(area);
    area.select();
    const copied = document.execCommand('copy');
    area.remove();
    if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    return copied;
  }
}
