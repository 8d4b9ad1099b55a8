// Where the tools of a run say how far their calls are, and are told to go on or to die; and the one tool that is an address.
import { z } from 'zod';
import { didIt, type ToolPoint, toolPoints } from './chaos-tools.ts';
import type { Effects } from './effects.ts';
import type { Triggers } from './triggers.ts';

const told = z.object({ server: z.string(), point: z.enum(toolPoints) });
const putBody = z.object({ label: z.string(), note: z.string(), ms: z.number() });

export type ToolHook = ReturnType<typeof startToolHook>;

export function startToolHook(effects: Effects, triggers: Triggers) {
  const dying = new Set<ToolPoint>();
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    async fetch(request) {
      if (request.method === 'PUT') return put(request);
      const { server: name, point } = told.parse(await request.json());
      triggers.reach(point, name);
      return new Response(dying.delete(point) ? 'die' : 'go on');
    },
  });

  async function put(request: Request): Promise<Response> {
    const name = request.headers.get('x-server') ?? '';
    const key = request.headers.get('idempotency-key') ?? 'none';
    const given = putBody.parse(await request.json());
    effects.called('put', given, key);
    triggers.reach('call made', name);
    await Bun.sleep(given.ms);
    effects.make('put', given, key);
    triggers.reach('effect', name);
    setTimeout(() => triggers.reach('call answered', name), 1);
    return new Response(didIt(given.label));
  }

  return {
    url: `http://127.0.0.1:${server.port}/`,
    port: server.port ?? 0,
    /** True when a server of tools has died at this point in time. */
    killAt: async (point: ToolPoint, withinMs: number, going: () => boolean): Promise<boolean> => {
      dying.add(point);
      for (let waited = 0; dying.has(point) && waited < withinMs && going(); waited += 10)
        await Bun.sleep(10);
      return !dying.delete(point);
    },
    stop: () => server.stop(true),
  };
}

/** What a server of tools is to do; at the end of a run nobody tells it. */
export const tellHook = (url: string, where: z.input<typeof told>): Promise<string> =>
  fetch(url, { method: 'POST', body: JSON.stringify(where) })
    .then((response) => response.text())
    .catch(() => 'go on');
