// What a process uses, as Linux counts it.
import { readFileSync } from 'node:fs';

export type Usage = { rssBytes: number; cpuMs: number };

const tickMs = 10;

/** Resident memory and processor time so far; zeros where there is no /proc. */
export function usageOf(pid: number): Usage {
  try {
    const rss = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // After the name, which may hold anything: the 14th and 15th field are user and system time in ticks.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return {
      rssBytes: Number(rss?.[1] ?? 0) * 1024,
      cpuMs: (Number(fields[11]) + Number(fields[12])) * tickMs,
    };
  } catch {
    return { rssBytes: 0, cpuMs: 0 };
  }
}
