// Links of a reply: where they may lead, and how they look when they may not.
import { escapeHtml } from './html.ts';

const longest = 2000;
const own = 'target="_blank" rel="noopener noreferrer nofollow"';

/** The address as the browser reads it, or undefined if it leads anywhere but to a page or a mailbox. */
export function safeAddress(href: string): string | undefined {
  if (href.length > longest || !/^(?:https?:\/\/|mailto:)/i.test(href)) return undefined;
  try {
    const url = new URL(href);
    return ['http:', 'https:', 'mailto:'].includes(url.protocol) ? url.href : undefined;
  } catch {
    return undefined;
  }
}

/** `content` is HTML, `text` what it says. A link that must not work is shown as text with its address. */
export function link(href: string, content: string, text: string): string {
  const address = safeAddress(href);
  if (address !== undefined) {
    const title = text === href ? '' : ` title="${escapeHtml(address)}"`;
    return `<a href="${escapeHtml(address)}"${title} ${own}>${content}</a>`;
  }
  if (text === href || href === '') return content;
  const shown = href.length > longest ? `${href.slice(0, longest)}…` : href;
  return `${content} <span class="rt-address">(${escapeHtml(shown)})</span>`;
}

/** An image is not loaded: it is a link that opens it elsewhere. */
export function imageLink(href: string, description: string): string {
  const address = safeAddress(href);
  const content = `<span data-label="image"></span>${escapeHtml(description || (address ?? ''))}`;
  if (address === undefined || address.startsWith('mailto:'))
    return `<span class="rt-image">${content}</span>`;
  return `<a class="rt-image" href="${escapeHtml(address)}" title="${escapeHtml(address)}" ${own}>${content}</a>`;
}
