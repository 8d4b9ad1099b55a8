// AgentChat on Deno, from its sources. docs/runtimes.md says how to start it.
import { openHost } from './host.ts';

type Server = { shutdown(): Promise<void> };
type Handler = (
  request: Request,
  info: { remoteAddr: { hostname?: string } },
) => Response | Promise<Response>;
declare const Deno: { serve(options: { hostname: string; port: number }, handler: Handler): Server };

const { settings, fetch, stopOnSignals } = await openHost();
const server = Deno.serve({ hostname: settings.host, port: settings.port }, (request, { remoteAddr }) =>
  fetch(request, { address: remoteAddr.hostname }),
);
stopOnSignals(() => server.shutdown());
