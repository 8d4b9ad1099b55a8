// Says where a link really leads, where its words or its letters name another place.

/** Letters that turn the direction of others, or are not seen. */
const unseen = /\p{DI}/gu;
const turned = /[\u202d\u202e]/;
/** Addresses in full, and what looks like the name of a site. */
const named =
  /[a-z][a-z+.-]{0,20}:[\\/]{2}\S+|[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}.-]+|[\p{L}\p{N}_-]{1,63}(?:[.．｡][\p{L}\p{N}_-]{1,63}){0,9}[.．｡]\p{L}[\p{L}\p{N}-]{1,62}(?:[\\/]\S*)?/giu;
/** Endings of files that are not endings of sites. */
const file =
  /\.(?:[cm]?[jt]sx?|json|ya?ml|toml|html?|css|csv|txt|xml|sql|cpp|go|java|php|vue|pdf|png|jpe?g|svg|docx|xlsx)$/i;
/** Letters of a name that nobody takes for others: ASCII, and those of Chinese, Japanese and Korean. */
const plainName = /^[\p{ASCII}\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}ー．｡]*$/u;

/** Puts the real address behind the words of links that speak of another. */
export function showTrueAddresses(root: ParentNode): void {
  for (const link of root.querySelectorAll('a')) {
    const address = link.href === '' ? '' : hiddenAddress(link);
    if (address === '') continue;
    const shown = document.createElement('bdi');
    shown.className = 'rt-address';
    shown.dir = 'ltr';
    shown.textContent = ` (${address})`;
    link.append(shown);
  }
}

/** The site or mailbox that a link leads to; empty where its words say so, or speak of no place. */
function hiddenAddress(link: HTMLAnchorElement): string {
  const written = link.textContent;
  const places = written.replace(unseen, '').match(named) ?? [];
  const real = link.protocol === 'mailto:' ? mailbox(link.pathname) : siteOf(link.host);
  const lies = link.username !== '' || link.password !== '' || turned.test(written);
  return lies || places.some((place) => !names(place, real)) ? real : '';
}

function names(place: string, real: string): boolean {
  const isFull = /^[a-z][a-z+.-]*:[\\/]/i.test(place);
  if (!isFull && place.includes('@')) return mailbox(place) === real;
  const host = (isFull ? place.replace(/^[^:]*:[\\/]*/, '') : place).split(/[\\/?#]/)[0] ?? '';
  if (!isFull && file.test(host)) return true;
  if (!plainName.test(host)) return false;
  // Chinese stands beside a name without a space.
  return [host, ...host.split(/[^\w.:-]+/)].some((name) => siteOf(asciiHost(name)) === real);
}

function asciiHost(name: string): string {
  try {
    return new URL(`https://${name}`).host;
  } catch {
    return '';
  }
}

const siteOf = (host: string): string => host.replace(/^www\.|:(?:80|443)$|\.$/g, '');
const mailbox = (path: string): string => path.toLowerCase().replace(/\?.*|[.-]+$/g, '');
