// Under which names the server answers. A page of a foreign site whose name was made to lead here (DNS rebinding) is to
// the browser a page of that name: only its Host header tells.
import type { MiddlewareHandler } from 'hono';
import { HttpProblem } from './problem.ts';
import type { AppEnv } from './router.ts';

/** An address is no name that anybody could make to lead here, and `localhost` leads nowhere else. */
const always = /^(\d{1,3}(\.\d{1,3}){3}|\[[\da-f:.]+\]|(.*\.)?localhost)$/;

const inAddress = /^https?:\/\/([^/?#]+)/i;

const mostKnown = 100;

/** Lets requests pass that name no host, an address, `localhost`, or one of `named` (`*.x` for all below x, `*` for any). */
export function guardHost(named: readonly string[]): MiddlewareHandler<AppEnv> {
  const whole = new Set(named);
  const endings = named.filter((name) => name.startsWith('*.')).map((name) => name.slice(1));
  // Nearly all requests name one of a few, and parsing it costs more than all else here.
  const known = new Set<string>();
  function check(host: string): void {
    if (known.has(host)) return;
    const name = nameOf(host);
    if (!always.test(name) && !whole.has(name) && !endings.some((ending) => name.endsWith(ending)))
      throw new HttpProblem('forbidden_host', { reason: name.slice(0, 200) });
    if (known.size < mostKnown) known.add(host);
  }

  return async (c, next) => {
    if (whole.has('*')) return next();
    const host = c.req.header('host');
    if (host) check(host);
    // Not every runtime makes the one of the other.
    const [, asked] = inAddress.exec(c.req.url) ?? [];
    if (asked && asked !== host) check(asked);
    return next();
  };
}

/** The host's name as browsers write it, without a port. */
function nameOf(host: string): string {
  if (/[\s/?#@\\]/.test(host) || !URL.canParse(`http://${host}`)) throw new HttpProblem('malformed_host');
  return new URL(`http://${host}`).hostname.replace(/\.$/, '');
}
