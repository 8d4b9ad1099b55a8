// Looks at a server while streams run through it: what it uses, and how far behind its stored pieces are.
import { wallMs } from './processes/protocol.ts';
import { onDatabase } from './stand.ts';
import { usageOf } from './usage.ts';

export type Midway = { bytesPerStream: number; cpuShare: number; notDurableMs: number };

/** Begins before the streams do, and looks when all of them run. `cpuShare`: 1 is one core. */
export async function watchStreams(options: {
  url: string;
  pid: number;
  streams: number;
  seconds: number;
}): Promise<Midway> {
  const { url, pid, streams, seconds } = options;
  const before = usageOf(pid);
  // All have begun after a second; the first ends after `seconds`.
  await Bun.sleep(1200);
  const from = { at: performance.now(), ...usageOf(pid) };
  await Bun.sleep(Math.max(500, (seconds - 2) * 1000));
  const to = { at: performance.now(), ...usageOf(pid) };
  return {
    bytesPerStream: Math.max(0, to.rssBytes - before.rssBytes) / streams,
    cpuShare: (to.cpuMs - from.cpuMs) / (to.at - from.at),
    notDurableMs: await notDurableMs(url),
  };
}

/** The age of each running turn's newest stored piece; the oldest of them. */
async function notDurableMs(url: string): Promise<number> {
  return onDatabase(url, async (client) => {
    await client`select 1`;
    const now = wallMs();
    const rows = await client<{ sent: number | null; began: number }[]>`
      select (select substring(content from '.*:([0-9.]+) $')::float8 from chat_turn_events as piece
        where piece.owner_id = turn.owner_id and piece.session_id = turn.session_id and piece.turn_id = turn.id
        order by position desc limit 1) as sent,
        extract(epoch from started_at)::float8 * 1000 as began
      from chat_turns as turn where status = 'running'`;
    return Math.max(0, ...rows.map(({ sent, began }) => now - (sent ?? began)));
  });
}
