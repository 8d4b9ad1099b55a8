// The `Link` response header (RFC 8288), as far as paging needs it.

/** The path and query of rel="next", on this page's own origin, or null. */
export function nextLink(header: string | null): string | null {
  for (const [, target = '', parameters = ''] of (header ?? '').matchAll(/<([^>]*)>([^<]*)/g)) {
    if (!/;\s*rel="?(?:[^";,]*\s)?next(?:\s[^";,]*)?"?/i.test(parameters)) continue;
    const url = new URL(target, location.origin);
    return url.pathname + url.search;
  }
  return null;
}
