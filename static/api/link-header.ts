// The `Link` response header (RFC 8288), as far as paging needs it.

/** The query of rel="next", or null. What stands before the path only the page knows for sure. */
export function nextQuery(header: string | null): string | null {
  for (const [, target = '', parameters = ''] of (header ?? '').matchAll(/<([^>]*)>([^<]*)/g)) {
    if (!/;\s*rel="?(?:[^";,]*\s)?next(?:\s[^";,]*)?"?/i.test(parameters)) continue;
    return new URL(target, location.origin).search;
  }
  return null;
}
