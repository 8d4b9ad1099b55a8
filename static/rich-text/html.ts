// Pieces of HTML that more than one file writes.

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const longestName = 40;

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** The same for text in which `&amp;` and its like stand for a character. */
export function escapeText(text: string): string {
  return text.replace(/&(?!(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z]\w{1,31});)|[<>"']/gi, (it) => entities[it] ?? it);
}

/** A block of code with its bar; `info` is what stood behind the fence. */
export function codeFrame(info: string, text: string): string {
  const language = languageOf(info);
  const name =
    language === ''
      ? '<span class="rt-language" data-label="code"></span>'
      : `<span class="rt-language">${escapeHtml(language)}</span>`;
  return (
    `<div class="rt-code"><div class="rt-code-bar">${name}` +
    '<button type="button" class="rt-copy" data-label="copy"></button></div>' +
    `<pre dir="ltr" tabindex="0"><code data-language="${escapeHtml(language)}">` +
    `<span class="rt-slice">${escapeHtml(text)}</span></code></pre></div>\n`
  );
}

/** A formula as text, until it is shown as one. */
export function mathSlot(raw: string, tex: string, display: boolean): string {
  const kind = display ? 'rt-math rt-math-display' : 'rt-math';
  return `<span class="${kind}" data-tex="${escapeHtml(tex)}">${escapeHtml(raw)}</span>`;
}

function languageOf(info: string): string {
  return (/^[^\s{,]+/.exec(info.trim())?.[0] ?? '').slice(0, longestName);
}
