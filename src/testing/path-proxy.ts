// A reverse proxy as people have it before the server: it serves one path, and takes that away or leaves it there.

export type PathProxy = {
  /** Answers in the server's place, for as long as it is set; undefined passes the request on. */
  instead: (request: Request) => Promise<Response | undefined> | Response | undefined;
  /** With the path, without a slash at its end. */
  url: string;
  stop: () => Promise<void>;
};

/** `stripped`: it takes the path away and says so in `X-Forwarded-Prefix`; otherwise it passes on what came. */
export function startPathProxy(target: () => string, path: string, stripped: boolean): PathProxy {
  const proxy: PathProxy = { url: '', instead: () => undefined, stop: () => server.stop(true) };
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    idleTimeout: 0,
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      if (!`${pathname}/`.startsWith(`${path}/`)) return new Response('nothing of ours', { status: 404 });
      const answer = await proxy.instead(request);
      if (answer) return answer;
      const headers = new Headers(request.headers);
      if (stripped) headers.set('X-Forwarded-Prefix', path);
      // As most do it: with and without the slash at its end, the path is the same to the server.
      const passed = stripped ? pathname.slice(path.length) || '/' : pathname;
      return fetch(target() + passed + search, {
        method: request.method,
        headers,
        body: request.body,
        redirect: 'manual',
        decompress: false,
        signal: request.signal,
        // One that is kept may be closed by the server in the moment in which it is used again: a 502 of nobody's fault.
        keepalive: false,
      }).catch(() => new Response(null, { status: 502 }));
    },
  });
  proxy.url = `http://127.0.0.1:${server.port}${path}`;
  return proxy;
}
